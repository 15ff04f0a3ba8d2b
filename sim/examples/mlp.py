"""A backprop perceptron of the size of the digits network: 64-48-10, the data split as in training.

    python3 sim/examples/mlp.py [SEEDS]

Needs numpy and scikit-learn. SEEDS: how many seeds, at least 2 [default: 10].
"""
import gzip
import pathlib
import sys

arguments = sys.argv[1:]
if len(arguments) > 1 or not all(word.isdigit() and int(word) > 1 for word in arguments):
    sys.exit(__doc__)
try:
    import numpy as np
    from sklearn.neural_network import MLPClassifier
except ImportError as missing:
    sys.exit(f"{missing}: pip install numpy scikit-learn\n\n{__doc__}")

path = pathlib.Path(__file__).parent.parent / "data" / "digits.csv.gz"
table = np.loadtxt(gzip.open(path, "rt"), delimiter=",", skiprows=1)
x, y = table[:, :-1] / 16, table[:, -1].astype(int)
seeds = int(arguments[0]) if arguments else 10
accuracies = []
for seed in range(1, seeds + 1):
    order = np.random.default_rng(seed).permutation(len(x))
    test, train = order[:360], order[360:]
    model = MLPClassifier((48,), max_iter=400, random_state=seed)
    model.fit(x[train], y[train])
    accuracies.append(100 * model.score(x[test], y[test]))
print(f"{np.mean(accuracies):.2f} ± {np.std(accuracies, ddof=1):.2f} % over {seeds} seeds")
