# Completions as TRL's log_completions writes them (DataFrame.to_parquet: one row group, snappy), about as many bytes as asked for.
import random
import sys

import pyarrow
import pyarrow.parquet

path, size = sys.argv[1], int(float(sys.argv[2]))
dice = random.Random(4)
rows = size // 1000
# Letters at random, so that compression does not make the file small.
texts = ["".join(dice.choices("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOP0123456789", k=1200)) for _ in range(4000)]
pyarrow.parquet.write_table(
    pyarrow.table(
        {
            "step": [10] * rows,
            "prompt": [f"Question {i // 8}: {texts[i // 8 % 4000][:300]}" for i in range(rows)],
            "completion": [texts[dice.randrange(4000)][:1100] + str(i) for i in range(rows)],
            "accuracy_reward": [float(dice.random() < 0.5) for _ in range(rows)],
            "format_reward": [dice.random() for _ in range(rows)],
            "advantage": [dice.gauss(0, 1) for _ in range(rows)],
        }
    ),
    path,
)
