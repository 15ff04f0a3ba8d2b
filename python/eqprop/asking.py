"""What weights answer, how good that is, and how states come to rest."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Mapping

import numpy as np

from . import _eqprop
from ._call import Call, command
from .network import Network, NetworkLike

GivenWeights = Mapping[str, Any] | str | os.PathLike


@dataclass(frozen=True)
class Predictions:
    """One row a sample, in the order of the samples.

    Attributes:
        answers: the class, from 0 (int64); None of real targets.
        names: what the training data call each class; None of real targets.
        margins: how far the next answer is, 0…1; None of real targets.
        outputs: states of the output units, samples × outputs, 0…1.
        sweeps: sweeps, or time steps, of the free phase.
        settled: whether it settled.
    """

    answers: np.ndarray | None
    names: list[str] | None
    margins: np.ndarray | None
    outputs: np.ndarray
    sweeps: np.ndarray
    settled: np.ndarray

    def __len__(self) -> int:
        return len(self.outputs)


def predict(
    network: NetworkLike,
    weights: GivenWeights,
    x: Any = None,
    *,
    progress: bool = True,
    **options: Any,
) -> Predictions:
    """What weights answer to samples, as ``eqprop predict`` does.

    Inputs are scaled as where the weights learned, if these say how.

    Args:
        network: a `Network`, a built-in name, the path of a file or a dict of fields.
        weights: a dict of arrays, or the path of a file.
        x: samples × inputs (or × rows × columns); without it the network's own data.
        **options: those of the command line: ``backend="golden"`` or ``"hardware"``, ``lanes=4`` …
    """
    with Call(network, options, progress) as call:
        call.out(None)
        call.weights(weights)
        call.data(x=x)
        ((_, answers, names, margins, sweeps, settled, outputs), _) = call.run(_eqprop.predict)
        return Predictions(answers, names, margins, outputs, sweeps, settled)


def test(
    network: NetworkLike,
    weights: GivenWeights,
    x: Any = None,
    y: Any = None,
    *,
    out: str | os.PathLike | None = None,
    progress: bool = True,
    **options: Any,
) -> dict[str, Any]:
    """How good weights are, as ``eqprop test --json`` prints it: ``accuracy``, ``confusion``, ``classes``, or ``rmse``
    and ``r2``, and the ``worst`` samples.

    Args:
        x, y: samples to test on, as in `train`; without them those of the network's data that were not learned from.
        out: folder for the picture of the worst samples.
        **options: those of the command line: ``samples=100``, ``all=True``, ``backend="hardware"`` …
    """
    given = {"weights": weights, "x": x, "y": y, "out": out, "progress": progress}
    report = command(["test"], network, options, **given)
    if out is None:
        report.pop("plots", None)
    report.pop("weights", None)
    return report


@dataclass(frozen=True)
class Settled:
    """How one sample came to rest.

    Attributes:
        input: the clamped states, 0…1.
        target: what nudged phases pull towards, or None.
        free: states of all free units after each sweep, sweeps × units, layer after layer (``network.slices``).
        nudged: the same of the nudged phase, or None.
        nudged_minus: the same at −β, of symmetric nudging, or None.
        sign: +1 or −1, the sign of β in `nudged`; 0 without it.
    """

    network: Network
    input: np.ndarray
    target: np.ndarray | None
    free: np.ndarray
    nudged: np.ndarray | None
    nudged_minus: np.ndarray | None
    sign: int

    def of(self, layer: str, phase: str = "free") -> np.ndarray:
        """States of one layer, sweeps × units."""
        return getattr(self, phase)[:, self.network.slices[layer]]


def settle(
    network: NetworkLike,
    weights: GivenWeights,
    x: Any = None,
    y: Any = None,
    *,
    nudge: bool | None = None,
    progress: bool = False,
    **options: Any,
) -> list[Settled]:
    """States of every sweep of samples, in the bit-true or the golden model.

    Args:
        x: samples × inputs; a single sample may have one dimension. Without it the network's own data.
        y: one class a sample, or samples × outputs of 0…1: then nudged phases follow the free one.
        nudge: nudge towards the network's own targets, where there is no `x`.
        **options: those of the command line: ``backend="golden"`` …

    Returns:
        One `Settled` a sample. States are those of the hardware, multiples of 2^−F, or real numbers of the golden model.
    """
    if x is not None and np.ndim(x) == 1:
        x = np.asarray(x)[np.newaxis]
        y = None if y is None else np.asarray(y)[np.newaxis]
    nudge = y is not None if nudge is None else nudge
    network = Network.of(network)
    with Call(network, options, progress) as call:
        call.out(None)
        call.weights(weights)
        call.data(x=x, y=y)
        (samples, _) = call.run(_eqprop.settle, nudge)
    settled = []
    for inputs, target, phases in samples:
        signs, states = zip(*phases)
        nudged, minus = [*states, None, None][1:3]
        settled.append(Settled(network, inputs, target, states[0], nudged, minus, [*signs, 0][1]))
    return settled
