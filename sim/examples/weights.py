"""Weights of eqprop in numpy: settles them, prints the outputs and writes them halved.

    python3 weights.py IN.npz OUT.npz

IN.npz is what `eqprop train` writes, of a chain of layers such as 64-48-10. Needs numpy.
"""
import sys

if len(sys.argv) != 3:
    sys.exit(__doc__)
try:
    import numpy as np
    weights = dict(np.load(sys.argv[1]))
except (ImportError, OSError, ValueError) as wrong:
    sys.exit(f"{wrong}\n\n{__doc__}")
weights.pop("eqprop", None)  # JSON: network and formats
w = [weights[name] for name in weights if name.startswith("w.")]  # units of b × units of a
b = [weights[name] for name in weights if name.startswith("b.")]

def settle(x, sweeps=30):
    """The free phase, layer after layer: all states, and the energy after every sweep."""
    s, energies = [x] + [np.zeros_like(bias) for bias in b], []
    for _ in range(sweeps):
        for i in range(1, len(s)):
            above = s[i + 1] @ w[i] if i < len(w) else 0
            s[i] = np.clip(w[i - 1] @ s[i - 1] + above + b[i - 1], 0, 1)
        links = sum(s[i + 1] @ w[i] @ s[i] + b[i] @ s[i + 1] for i in range(len(w)))
        energies.append(sum(layer @ layer for layer in s[1:]) / 2 - links)
    return s, energies

states, energies = settle(np.linspace(0, 1, w[0].shape[1]))
assert np.all(np.diff(energies) < 1e-6), "the energy rose"
print(*states[-1])
np.savez(sys.argv[2], **{name: array / 2 for name, array in weights.items()})
