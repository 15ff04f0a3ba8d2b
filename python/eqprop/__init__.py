"""Hardware that learns by Equilibrium Propagation, from Python.

>>> import eqprop
>>> run = eqprop.train("digits", epochs=5)
>>> eqprop.predict("digits", run.weights).answers

Every function takes the options of its command as keywords and gives its results as dicts and numpy arrays.
"""

from __future__ import annotations

import os
from typing import Any

from ._call import command as _command
from ._eqprop import __version__
from .asking import Predictions, Settled, predict, settle, test
from .errors import EqpropError, EqpropWarning, FailedError, InputError, Mismatch, ToolError
from .hardware import WRITE, Board, Cosimulation, analyse, cosim, generate, plan
from .network import Network
from .stream import Answer, Exchange, Stream
from .torch import from_torch, load_state_dict, save_state_dict, to_torch
from .training import Trainer, Training, load_weights, train


def run(*words: str | os.PathLike, **options: Any) -> Any:
    """Any command of the command line: ``run("explore", network="digits", inference=True)``; what ``--json`` prints."""
    network = options.pop("network", None)
    return _command([os.fspath(word) for word in words], network, options)


__all__ = [
    "Answer",
    "Board",
    "Cosimulation",
    "EqpropError",
    "EqpropWarning",
    "Exchange",
    "FailedError",
    "InputError",
    "Mismatch",
    "Network",
    "Predictions",
    "Settled",
    "Stream",
    "ToolError",
    "Trainer",
    "Training",
    "WRITE",
    "__version__",
    "analyse",
    "cosim",
    "from_torch",
    "generate",
    "load_state_dict",
    "load_weights",
    "plan",
    "predict",
    "run",
    "save_state_dict",
    "settle",
    "test",
    "to_torch",
    "train",
]
