"""A backprop perceptron of the size of the digits network: 64-48-10, the data split as in training.

    python3 sim/examples/mlp.py        (needs numpy and scikit-learn)
"""
import gzip
import pathlib

import numpy as np
from sklearn.neural_network import MLPClassifier

path = pathlib.Path(__file__).parent.parent / "data" / "digits.csv.gz"
table = np.loadtxt(gzip.open(path, "rt"), delimiter=",", skiprows=1)
x, y = table[:, :-1] / 16, table[:, -1].astype(int)
accuracies = []
for seed in range(1, 11):
    order = np.random.default_rng(seed).permutation(len(x))
    test, train = order[:360], order[360:]
    model = MLPClassifier((48,), max_iter=400, random_state=seed)
    model.fit(x[train], y[train])
    accuracies.append(100 * model.score(x[test], y[test]))
print(f"{np.mean(accuracies):.2f} ± {np.std(accuracies, ddof=1):.2f} % over ten seeds")
