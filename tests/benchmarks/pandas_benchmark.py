"""Times pandas' C reader on a CSV file of numbers.

usage: pandas_benchmark.py FILE REPETITIONS

Prints what Google Benchmark would, one run per repetition.
"""

import json
import sys
import time

import pandas


def read(file):
    begin = time.perf_counter()
    table = pandas.read_csv(file, engine="c")
    seconds = time.perf_counter() - begin
    return {
        "run_name": "pandas/csv/read",
        "run_type": "iteration",
        "real_time": seconds,
        "time_unit": "s",
        "result": float((table.to_numpy() ** 2).sum()),
    }


file, repetitions = sys.argv[1], int(sys.argv[2])
runs = [read(file) for _ in range(repetitions)]
print(json.dumps({"context": {"pandas": pandas.__version__}, "benchmarks": runs}))
