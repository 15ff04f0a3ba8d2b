"""The chip: planned, generated, co-simulated, analysed, and at the other end of a line."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _eqprop
from ._call import Call, command
from .asking import GivenWeights
from .errors import Mismatch
from .network import NetworkLike
from .training import Weights, load_weights

#: One state write: by which sample, phase (0 free, 1 nudged, 2 nudged at −β), sweep, layer and unit; the clock cycle
#: since reset; what the hardware wrote (NaN: nothing), what the bit-true model did, and one golden step from the
#: states before.
WRITE = np.dtype(
    [
        ("sample", np.int64),
        ("phase", np.uint8),
        ("sweep", np.int64),
        ("layer", np.int64),
        ("unit", np.int64),
        ("cycle", np.uint64),
        ("hardware", np.float64),
        ("bittrue", np.float64),
        ("golden", np.float64),
    ]
)


@dataclass(frozen=True)
class Cosimulation:
    """Hardware and models side by side.

    Attributes:
        report: what ``eqprop cosim --json`` prints.
        writes: every state write, as a structured array of `WRITE`; None with ``writes=False``.
    """

    report: dict[str, Any]
    writes: np.ndarray | None


def cosim(
    network: NetworkLike,
    weights: GivenWeights | None = None,
    x: Any = None,
    y: Any = None,
    *,
    writes: bool = True,
    out: str | os.PathLike | None = None,
    progress: bool = True,
    **options: Any,
) -> Cosimulation:
    """Runs the generated hardware in Verilator, in lockstep with both models, as ``eqprop cosim`` does.

    Args:
        weights: start from these, in place of seeded ones.
        x, y: samples, as in `train`; without them the network's own data.
        writes: keep every state write.
        out: folder for waveforms; without one none is written.
        **options: those of the command line: ``samples=20``, ``infer=True``, ``learn=True``, ``lanes=4``,
            ``back_pressure=1``, ``core="edited.v"`` …

    Raises:
        Mismatch: hardware and models differ, with the place; ToolError: Verilator is missing.
    """
    if out is None:
        options.setdefault("no_vcd", True)
    with Call(network, options, progress) as call:
        call.out(out)
        call.weights(weights)
        call.data(x=x, y=y)
        (text, columns, differs, _) = call.run(_eqprop.cosim, writes)
        table = None
        if columns is not None:
            table = np.empty(len(columns[0]), WRITE)
            for name, column in zip(WRITE.names, columns):
                table[name] = column
        found = Cosimulation(json.loads(text), table)
        if differs is not None:
            raise _mismatch(call, *differs, found)
        return found


def _mismatch(call: Call, place: tuple, error: Any, found: Cosimulation) -> Mismatch:
    call.name(error)
    mismatch = Mismatch(error.message, error.help, error.code, error.exit_code)
    mismatch.sample, mismatch.cycle, state, mismatch.parameter = place[:4]
    mismatch.phase, mismatch.sweep, mismatch.layer, mismatch.unit = state or (None,) * 4
    mismatch.quantity, mismatch.expected, mismatch.got = place[4:]
    mismatch.cosimulation = found
    return mismatch


def plan(network: NetworkLike, x: Any = None, y: Any = None, **options: Any) -> dict[str, Any]:
    """What a network comes to, as ``eqprop check --json`` prints it: sizes, formats, and under ``plan`` lanes, memory map,
    predicted cycles and the boards that it fits."""
    return command(["check"], network, options, x=x, y=y)


def generate(network: NetworkLike, out: str | os.PathLike, **options: Any) -> dict[str, Any]:
    """Writes Verilog, constraints, a worked example and a manifest into `out`; the manifest, with ``folder``."""
    return command(["generate"], network, options, out=out)


def analyse(
    network: NetworkLike,
    weights: GivenWeights | None = None,
    x: Any = None,
    y: Any = None,
    *,
    out: str | os.PathLike | None = None,
    progress: bool = True,
    **options: Any,
) -> dict[str, Any]:
    """Measures energy, symmetry, stability, linear response, gradients and credit; all numbers of ``analysis.json``, the
    sentences under ``verdicts``. ``no_hardware=True`` leaves the hardware out."""
    with Call(network, options, progress) as call:
        call.out(out)
        call.weights(weights)
        call.data(x=x, y=y)
        call.options.insert(0, "analyse")
        (_, told) = call.run(_eqprop.command)
        with open(json.loads(told["result"])["data"], encoding="utf-8") as numbers:
            return json.load(numbers)


class Board:
    """A board at the other end of a serial line: real at `port`, or simulated.

    A simulated board is Verilated with its UART and stays, with what it learned, until it is closed. Every answer and
    weight is compared with the bit-true model that learns beside the board.

    Args:
        port: the serial port, such as ``/dev/ttyUSB1``; without it the one whose USB bridge is a board's.
        virtual: simulate the board.
        **options: of the line and the network: ``baud``, ``timeout``, ``board``, ``lanes``; of a simulated board
            ``fast=True``, ``noise=0.01``.
    """

    def __init__(self, network: NetworkLike, *, port: str | None = None, virtual: bool = False, **options: Any):
        self.network = network
        simulation = {name: options.pop(name) for name in ("fast", "noise", "noise_seed") if name in options}
        self._virtual = None
        if virtual:
            shared = {name: options[name] for name in ("board", "lanes", "interleave", "seed") if name in options}
            with Call(network, {**shared, **simulation}) as call:
                call.out(None)
                (self._virtual, _) = call.run(_simulated)
            port = self._virtual.port
        self.options = {"port": port, **options}

    @property
    def port(self) -> str | None:
        """The device file."""
        return self.options["port"]

    def info(self) -> dict[str, Any]:
        """What the board says of itself."""
        return self._command("info", {})

    def infer(self, x: Any = None, y: Any = None, *, weights: GivenWeights | None = None, **options: Any) -> dict[str, Any]:
        """Answers to samples, as ``eqprop board infer --json`` prints them."""
        return self._command("infer", options, x=x, y=y, weights=weights)

    def train(self, x: Any = None, y: Any = None, *, weights: GivenWeights | None = None, **options: Any) -> dict[str, Any]:
        """Learns on the board: ``samples=200`` …"""
        return self._command("train", options, x=x, y=y, weights=weights)

    def load(self, weights: GivenWeights) -> dict[str, Any]:
        """Loads weights into the board and reads them back."""
        return self._command("load", {}, weights=weights)

    def read(self) -> Weights:
        """The weights that the board holds."""
        with Call(None, {}) as call:
            path = call.scratch("read.npz")
            self._command("read", {"save": path})
            return load_weights(path)

    def _command(self, name: str, options: dict[str, Any], **given: Any) -> dict[str, Any]:
        return command(["board", name], self.network, {**self.options, **options}, **given)

    def close(self) -> None:
        """Ends a simulated board."""
        if self._virtual is not None:
            self._virtual.close()

    def __enter__(self) -> "Board":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _simulated(options: list[str], bar: Any) -> tuple:
    return _eqprop.VirtualBoard(options, bar), {"warnings": [], "notes": []}
