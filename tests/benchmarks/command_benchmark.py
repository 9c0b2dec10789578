"""Times whole commands from the start of their process to its end.

usage: command_benchmark.py TAPEWISE FILE IRIS RUNS

FILE is the CSV file of csv_benchmark.cpp, in which nothing can be learned; a second with the same
features and labels that depend on them is written beside it. On both, in turns, RUNS each: tapewise
train, and sklearn_command.py. Then tapewise predict with the model of the second, RUNS times. On
IRIS, 20 runs of tapewise train. Prints what Google Benchmark would, a median for each, with the mean
log-likelihood of the rows under either model.
"""

import json
import pathlib
import pickle
import statistics
import subprocess
import sys
import time

import numpy
import pandas
import sklearn

TARGET = "label"
HERE = pathlib.Path(__file__).parent


def with_signal(file):
    """The file's table, with labels drawn from a logistic model of its features."""
    path = file.with_name(file.stem + "_signal.csv")
    if not path.exists():
        X = pandas.read_csv(file).drop(columns=TARGET).to_numpy()
        random = numpy.random.default_rng(1)
        logits = X @ numpy.linspace(-2, 2, X.shape[1]) - 1
        labels = (random.random(len(X)) < 1 / (1 + numpy.exp(-logits))).astype(int)
        with open(file) as lines, open(path, "w") as out:
            out.write(next(lines))
            out.writelines(f"{line[:line.rindex(',')]},{label}\n" for line, label in zip(lines, labels))
    return path


def seconds_of(command):
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begin


def ours(tapewise, file, target):
    return [tapewise, "train", file, "--target", target, "-o", file.with_suffix(".model.json")]


def theirs(file):
    return [sys.executable, HERE / "sklearn_command.py", file, TARGET, file.with_suffix(".pickle")]


def mean_log_likelihood(X, y, intercept, weights):
    logits = X @ weights + intercept
    return float(-numpy.logaddexp(0, numpy.where(y == 1, -logits, logits)).mean())


def our_coefficients(tapewise, file):
    report = subprocess.run(
        [tapewise, "train", file, "--target", TARGET, "--json"], check=True, capture_output=True
    )
    estimates = [entry["estimate"] for entry in json.loads(report.stdout)["coefficients"]]
    return estimates[0], numpy.array(estimates[1:])


def their_coefficients(file):
    with open(file.with_suffix(".pickle"), "rb") as model:
        fitted = pickle.load(model)
    return fitted.intercept_[0], fitted.coef_[0]


def run_of(name, seconds, **counters):
    return {
        "run_name": name,
        "run_type": "iteration",
        "real_time": statistics.median(seconds),
        "time_unit": "s",
        **counters,
    }


def predicting(tapewise, file):
    return [tapewise, "predict", file.with_suffix(".model.json"), file, "-o", file.with_suffix(".out")]


def compared(name, tapewise, file, runs):
    times = [], []
    for _ in range(runs):
        times[0].append(seconds_of(ours(tapewise, file, TARGET)))
        times[1].append(seconds_of(theirs(file)))
    table = pandas.read_csv(file)
    y = table.pop(TARGET).to_numpy()
    X = table.to_numpy()
    coefficients = our_coefficients(tapewise, file), their_coefficients(file)
    return [
        run_of(side + name, seconds, log_likelihood=mean_log_likelihood(X, y, *fitted))
        for side, seconds, fitted in zip(("command/", "sklearn/command/"), times, coefficients)
    ]


def main():
    tapewise, file, iris = (pathlib.Path(path).resolve() for path in sys.argv[1:4])
    runs = int(sys.argv[4])
    copy = file.with_name("iris.csv")
    copy.write_bytes(iris.read_bytes())
    found = compared("noise", tapewise, file, runs)
    signal = with_signal(file)
    found += compared("signal", tapewise, signal, runs)
    found.append(
        run_of("command/predict", [seconds_of(predicting(tapewise, signal)) for _ in range(runs)])
    )
    found.append(
        run_of("command/iris", [seconds_of(ours(tapewise, copy, "species")) for _ in range(20)])
    )
    print(json.dumps({"context": {"sklearn": sklearn.__version__}, "benchmarks": found}))


main()
