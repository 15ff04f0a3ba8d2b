"""The words of the core's stream, and what must come back: a bit-true core for test benches and drivers."""

from __future__ import annotations

import os
import pathlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _eqprop
from ._call import Call, load, sound
from .asking import GivenWeights
from .network import NetworkLike
from .training import Weights


@dataclass(frozen=True)
class Exchange:
    """A command and its answer, one frame each.

    Attributes:
        command, response: words of 32 bits (uint32).
        cycles: busy cycles that the hardware takes for it; 0 of what is no sample.
    """

    command: np.ndarray
    response: np.ndarray
    cycles: int = 0


@dataclass(frozen=True)
class Answer:
    """What a core answers to a sample.

    Attributes:
        outputs: states of the output units after the free phase, 0…1.
        answer: the class.
        sweeps: sweeps of all phases.
        settled: whether all settled.
    """

    outputs: np.ndarray
    answer: int
    sweeps: int
    settled: bool


class Stream:
    """A core in the bit-true model: what to send, and what must come back, in the order in which it is asked.

    Args:
        network: a `Network`, a built-in name, the path of a file or a dict of fields; or the path of the
            ``network.json`` that ``eqprop generate --cocotb`` writes.
        **options: ``lanes=4``, ``board="ulx3s"``, ``seed=2`` …: those that the hardware was generated with.

    Attributes:
        inputs, outputs, lanes: units of the first and of the last layer, and lanes.
    """

    def __init__(self, network: NetworkLike, **options: Any):
        snapshot = None
        if isinstance(network, (str, os.PathLike)) and os.fspath(network).endswith(".json"):
            snapshot = pathlib.Path(network).read_text(encoding="utf-8")
        with Call(None if snapshot else network, options) as call:
            self._stream = _eqprop.Stream(call.options, snapshot)
        self.inputs, self.outputs, self.lanes = self._stream.sizes

    def configure(self) -> list[Exchange]:
        """Makes a core this network's, after power-up."""
        return _exchanges(self._stream.configure())

    def load(self, weights: GivenWeights) -> list[Exchange]:
        """Loads weights."""
        with Call(None, {}) as call:
            call.weights(weights)
            path = call.options[0].removeprefix("--weights=")
            return _exchanges(self._stream.load(path))

    def sample(self, x: Any, target: Any = None, *, learn: bool = False) -> Exchange:
        """Shows a sample: states of 0…1, rounded to the format; with a target its nudged phases run too, and with `learn`
        the weights change."""
        states = sound("x", x).astype(np.float64)
        goal = None if target is None else sound("target", target).astype(np.float64)
        (command, response), cycles = self._stream.sample(states, goal, learn)
        return Exchange(command, response, cycles)

    def read(self) -> list[Exchange]:
        """Reads back all weights, biases and the random state."""
        return _exchanges(self._stream.read())

    def decode(self, response: Any) -> Answer | None:
        """What the response to a sample says; None of other words."""
        found = self._stream.decode(np.ascontiguousarray(response, np.uint32))
        return None if found is None else Answer(*found)

    @property
    def weights(self) -> Weights:
        """The weights as they are."""
        with Call(None, {}) as call:
            path = call.scratch("weights.npz")
            self._stream.save(path)
            return load(path)


def _exchanges(pairs: list[tuple[np.ndarray, np.ndarray]]) -> list[Exchange]:
    return [Exchange(command, response) for command, response in pairs]
