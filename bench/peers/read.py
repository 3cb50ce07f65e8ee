# What anybody would write first to get a format's numbers in Python, with its own library where there is one.
# `read.py KIND FILE` prints the milliseconds it took, without Python's start and imports, and how many numbers or records it saw.
import ast
import csv
import json
import re
import sys
import time


def json_lines(path):
    def read():
        with open(path) as lines:
            return sum(1 for line in lines if json.loads(line))

    return read


def json_document(path):
    return lambda: len(json.load(open(path))["log_history"])


def csv_rows(path):
    def read():
        seen = 0
        with open(path, newline="") as lines:
            for row in csv.DictReader(lines):
                seen += sum(1 for value in row.values() if value and float(value) is not None)
        return seen

    return read


def verl_console(path):
    step = re.compile(r"step:(\d+) - (.*)")
    pair = re.compile(r"(\S+?):(-?[\d.e+-]+|nan|inf)")

    def read():
        seen = 0
        with open(path) as lines:
            for line in lines:
                match = step.search(line)
                if match:
                    seen += sum(1 for _, value in pair.findall(match[2]) if float(value) is not None)
        return seen

    return read


def hf_stdout(path):
    entry = re.compile(r"\{'[^{}]*\}")

    def read():
        seen = 0
        with open(path, newline="\n") as lines:
            for line in lines:
                for text in entry.findall(line):
                    seen += len(ast.literal_eval(text))
        return seen

    return read


def parquet_rows(path):
    import pyarrow.parquet

    return lambda: len(pyarrow.parquet.read_table(path).to_pylist())


def event_file(path):
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

    return lambda: sum(1 for event in LegacyEventFileLoader(path).Load() for value in event.summary.value if value.tag)


def wandb_log(path):
    from wandb.proto import wandb_internal_pb2
    from wandb.sdk.internal.datastore import DataStore

    def read():
        store = DataStore()
        store.open_for_scan(path)
        seen = 0
        while True:
            data = store.scan_data()
            if data is None:
                return seen
            record = wandb_internal_pb2.Record()
            record.ParseFromString(data)
            seen += sum(1 for item in record.history.item if json.loads(item.value_json) is not None)

    return read


read = globals()[sys.argv[1]](sys.argv[2])
began = time.perf_counter()
seen = read()
print(json.dumps({"ms": (time.perf_counter() - began) * 1000, "seen": seen}))
