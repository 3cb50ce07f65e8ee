# What anybody would write first: every line through json, the reward kept. Prints the milliseconds it took, without Python's start.
import json
import sys
import time

began = time.perf_counter()
rewards = []
with open(sys.argv[1]) as lines:
    for line in lines:
        event = json.loads(line)
        if event["type"] == "counter" and event["name"] == "reward_stats" and "reward_overall" in event:
            rewards.append(event["reward_overall"])
print(json.dumps({"ms": (time.perf_counter() - began) * 1000, "points": len(rewards)}))
