"""Cross-validated figures against scikit-learn's on the same folds, to 1e-6.

    python3 tests/long/cross_validation.py BUILD

The folds are those that `train --out-of-fold` writes. What is learned is learned by scikit-learn's
own pipeline in each fold: means of missing cells, levels, scales, coefficients.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "data")
PROGRAM = os.path.join(sys.argv[1], "apps", "tapewise")
L2 = 0.01

# file, target, columns that are dropped, columns of categories, further flags
SETS = [
    ("breast_cancer.csv", "diagnosis", [], [], []),
    ("hours.csv", "pass", [], [], ["--cv", "4", "--seed", "7"]),
    ("spector.csv", "GRADE", [], [], ["--cv", "3"]),
    ("iris.csv", "species", [], [], ["--cv", "10"]),
    ("anes96.csv", "PID", [], [], ["--seed", "2"]),
    ("passengers.csv", "survived", ["passenger", "name", "ticket", "cabin"], ["sex", "port"],
     ["--missing", "mean", "--drop", "passenger,name,ticket,cabin"]),
]


def run(file, target, flags, folder):
    path = os.path.join(folder, "folds.csv")
    words = [PROGRAM, "train", os.path.join(DATA, file), "--target", target, "--l2", str(L2),
             "--json", "--quiet", "--out-of-fold", path] + flags
    told = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    with open(path, newline="") as rows:
        folds = {int(row["line"]): int(row["fold"]) for row in csv.DictReader(rows)}
    return told, folds


def columns_of(features, categories):
    numbers = [name for name in features if name not in categories]
    return ColumnTransformer([
        ("numbers", SimpleImputer(strategy="mean"), numbers),
        ("categories", make_pipeline(SimpleImputer(strategy="most_frequent"),
                                     OneHotEncoder(drop="first", handle_unknown="ignore",
                                                   sparse=False)), categories),
    ])


def brier(y, p, classes):
    if len(classes) == 2:
        return np.mean((p[:, 1] - (y == classes[1])) ** 2)
    return np.mean(np.sum((p - (y[:, None] == classes[None, :])) ** 2, axis=1))


def metrics(y, p, classes, predicted):
    two = len(classes) == 2
    return {
        "accuracy": accuracy_score(y, predicted),
        "log_loss": log_loss(y, p, labels=classes),
        "auc": roc_auc_score(y == classes[1], p[:, 1]) if two else
               roc_auc_score(y, p, labels=classes, multi_class="ovr"),
        "f1": f1_score(y, predicted, pos_label=classes[1]) if two else
              f1_score(y, predicted, average="macro"),
        "brier": brier(y, p, classes),
    }


def check(file, target, drop, categories, flags, folder):
    told, fold_of = run(file, target, flags, folder)
    table = pd.read_csv(os.path.join(DATA, file))
    folds = np.array([fold_of[line] for line in range(2, len(table) + 2)])
    y = table[target].to_numpy()
    x = table.drop(columns=[target] + drop)
    classes = np.array(sorted(set(y)))
    found, plain = [], []
    for fold in range(1, folds.max() + 1):
        train, test = folds != fold, folds == fold
        model = make_pipeline(columns_of(list(x.columns), categories), StandardScaler(),
                              LogisticRegression(C=1 / (train.sum() * L2), tol=1e-9,
                                                 max_iter=300, solver="newton-cg"))
        model.fit(x[train], y[train])
        found.append(metrics(y[test], model.predict_proba(x[test]), classes,
                             model.predict(x[test])))
        dummy = DummyClassifier(strategy="prior").fit(x[train], y[train])
        plain.append(log_loss(y[test], dummy.predict_proba(x[test]), labels=classes))
    worst = 0.0
    for name in found[0]:
        values = [each[name] for each in found]
        worst = max(worst, abs(np.mean(values) - told["cross_validation"][name]["mean"]),
                    abs(np.std(values, ddof=1) - told["cross_validation"][name]["sd"]))
    worst = max(worst, abs(np.mean(plain) - told["baseline"]["log_loss"]["mean"]))
    print(f"{file}: {folds.max()} folds, {len(y)} rows, largest difference {worst:.1e}")
    return worst <= 1e-6


def main():
    with tempfile.TemporaryDirectory() as folder:
        passed = [check(*each, folder) for each in SETS]
    if not all(passed):
        sys.exit("cross-validation: not the figures of scikit-learn")


main()
