"""What our whole command is held against: reads a CSV file, fits it, keeps the model.

usage: sklearn_command.py FILE TARGET MODEL

scikit-learn's default solver, without a penalty.
"""

import pickle
import sys

import pandas
from sklearn.linear_model import LogisticRegression

file, target, model = sys.argv[1:]
table = pandas.read_csv(file)
labels = table.pop(target)
fitted = LogisticRegression(penalty=None).fit(table, labels)
with open(model, "wb") as out:
    pickle.dump(fitted, out)
