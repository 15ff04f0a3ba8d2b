"""Bad input is an exception that names what is wrong and the way out."""

import subprocess
import sys

import eqprop
import numpy as np
import pytest
from eqprop import InputError

GOOD = np.linspace(0, 1, 8).reshape(4, 2)
LABELS = [0, 1, 1, 0]


def refused(*words, kind=InputError):
    """An error of this kind whose text has all the words."""
    return pytest.raises(kind, match="(?s)" + "".join(f"(?=.*{word})" for word in words))


@pytest.mark.parametrize(
    "x, words",
    [
        (np.full((4, 2), np.nan), ["data.npz", "x_train", "help"]),
        (GOOD.astype(complex), ["x_train", "complex"]),
        (GOOD.astype(object), ["x_train", "object"]),
        (np.array([["a", "b"]] * 4), ["x_train", "<U1"]),
        (GOOD[:3], ["data.npz", "help"]),
        (np.ones((4, 3)), ["data.npz", "3", "help"]),
        (np.zeros((0, 2)), ["data.npz", "help"]),
    ],
)
def test_arrays(x, words):
    with refused(*words):
        eqprop.train("xor", x, LABELS, progress=False)


def test_networks():
    with refused("no built-in network `nope`", "digits"):
        eqprop.Network("nope")
    with refused("unknown field `layer`", "did you mean `layers`"):
        eqprop.Network(name="a", layer=[2, 3])
    with refused("none.toml", "cannot read"):
        eqprop.Network("./none.toml")
    with refused("Network\\("):
        eqprop.Network()
    with refused("no number"):
        eqprop.Network(name="a", layers={1, 2})


def test_options():
    with refused("--epochs", "0 is not in") as caught:
        eqprop.train("xor", epochs=0, progress=False)
    assert caught.value.exit_code == 2 and caught.value.code == "eqprop::options"
    assert "try '--help'" not in str(caught.value)
    with refused("--epoch", "similar argument"):
        eqprop.train("xor", epoch=1, progress=False)
    with refused("an option is a number"):
        eqprop.train("xor", epochs=[1], progress=False)
    with refused("power of two"):
        eqprop.train("xor", batch=3, progress=False)


def test_weights(digits):
    ask = lambda **changed: eqprop.predict("digits", {**digits.weights, **changed}, progress=False)
    with refused("weights.npz", "`more`", "has not"):
        ask(more=np.zeros(3))
    with refused("w.input.hidden", "\\[64, 48\\]", "transpose"):
        ask(**{"w.input.hidden": digits.weights["w.input.hidden"].T})
    with refused("b.hidden", "NaN|finite"):
        ask(**{"b.hidden": np.full(48, np.nan)})
    with refused("b.hidden", "lie in"):
        ask(**{"b.hidden": np.full(48, 1e3)})
    with refused("dict of arrays"):
        eqprop.predict("digits", 3, progress=False)
    with refused("missing.npz"):
        eqprop.predict("digits", "missing.npz", progress=False)
    with refused("states of every sweep"):
        eqprop.settle("digits", digits.weights, backend="hardware")


def test_a_warning_names_the_line_that_caused_it():
    with pytest.warns(eqprop.EqpropWarning, match="help: ") as told:
        eqprop.train("digits", epochs=1, progress=False)
    assert {warning.filename for warning in told} == {__file__}


#: Without Verilator everything works but what simulates, which says what is missing.
ALONE = """
import eqprop
run = eqprop.train("xor", epochs=1, progress=False)
eqprop.predict("xor", run.weights, progress=False)
eqprop.plan("xor")
try:
    eqprop.cosim("xor", samples=1, progress=False)
except eqprop.ToolError as error:
    print(error)
"""


def test_a_machine_without_verilator(tmp_path):
    environment = {"PATH": str(tmp_path), "HOME": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", ALONE], env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "Verilator" in ended.stdout and "help: " in ended.stdout, ended.stdout
