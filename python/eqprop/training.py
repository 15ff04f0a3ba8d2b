"""Learning: a whole run, or one that is stepped through."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

import numpy as np

from . import _eqprop
from ._call import Call, load
from .network import Network, NetworkLike

Weights = dict[str, np.ndarray]


@dataclass(frozen=True)
class Training:
    """A finished run.

    Attributes:
        weights: the trained weights (of the epoch that a validation part chose, if there is one): ``w.<a>.<b>``, units of
            b × units of a, ``b.<layer>``, and ``eqprop``, which says how inputs were scaled.
        last: the weights of the last epoch.
        history: one dict an epoch, as a line of ``train.jsonl``.
        report: what ``eqprop train --json`` prints.
        files: what was written, by name; empty without ``out``.
    """

    network: Network
    weights: Weights
    last: Weights
    history: list[dict[str, Any]]
    report: dict[str, Any]

    @property
    def test_accuracy(self) -> float | None:
        """Right answers on the test samples, 0…1; None of real targets."""
        return self.report.get("test_accuracy")


def train(
    network: NetworkLike,
    x: Any = None,
    y: Any = None,
    *,
    test: Sequence[Any] | None = None,
    weights: Mapping[str, Any] | str | os.PathLike | None = None,
    out: str | os.PathLike | None = None,
    progress: bool = True,
    **options: Any,
) -> Training:
    """Trains a network with the local rule, as ``eqprop train`` does.

    Args:
        network: a `Network`, a built-in name, the path of a file or a dict of fields.
        x: samples × inputs (or × rows × columns), any numbers; without it the network's own data.
        y: one class a sample, from 0, or samples × outputs of 0…1.
        test: ``(x, y)`` to test with; without it a fifth of the samples is kept back.
        weights: start from these, in place of seeded ones.
        out: folder for log, checkpoint, weights and plots; without it nothing stays on disk.
        progress: draw a bar, if tqdm is installed.
        **options: those of the command line: ``epochs=5``, ``backend="golden"``, ``nudging="positive"``, ``batch=4``,
            ``validation=0.1``, ``early_stop=3``, ``seed=2``, ``lanes=4``, ``resume=True`` …

    Raises:
        InputError: bad input; FailedError: hardware that differs; KeyboardInterrupt: after a checkpoint was saved.
    """
    with Call(network, options, progress) as call:
        call.out(out)
        call.weights(weights)
        test_x, test_y = (None, None) if test is None else test
        call.data(x_train=x, y_train=y, x_test=test_x, y_test=test_y)
        call.options.insert(0, "train")
        (_, told) = call.run(_eqprop.command)
        report = json.loads(told["result"])
        with open(report["log"], encoding="utf-8") as log:
            history = [json.loads(line) for line in log]
        last = load_weights(report["weights"])
        best = load_weights(report["best"]) if report.get("best") else last
        if out is None:
            report = {key: value for key, value in report.items() if key not in FILES}
        return Training(Network.of(network), best, last, history, report)


FILES = ("checkpoint", "log", "table", "events", "weights", "best", "plots", "spikes")


def load_weights(path: str | os.PathLike) -> Weights:
    """The arrays of a file, ``.npz`` or ``.safetensors``."""
    if os.fspath(path).endswith(".safetensors"):
        from .torch import load_state_dict

        return load_state_dict(path)
    return load(path)


class Trainer:
    """A run that is stepped through: between two calls nothing runs, and the bits are those of `train`.

    Arguments as `train`; a validation part chooses nothing here, it is only reported.

    Attributes:
        epochs: epochs of the whole run.
        samples_per_epoch: training samples.
    """

    def __init__(
        self,
        network: NetworkLike,
        x: Any = None,
        y: Any = None,
        *,
        test: Sequence[Any] | None = None,
        weights: Mapping[str, Any] | str | os.PathLike | None = None,
        progress: bool = False,
        **options: Any,
    ):
        self.network = Network.of(network)
        self._progress = progress
        with Call(self.network, options, progress) as call:
            call.out(None)
            call.weights(weights)
            test_x, test_y = (None, None) if test is None else test
            call.data(x_train=x, y_train=y, x_test=test_x, y_test=test_y)
            (self._trainer, _) = call.run(_made)
        self.epochs: int = self._trainer.epochs
        self.samples_per_epoch: int = self._trainer.samples_per_epoch

    @property
    def position(self) -> tuple[int, int]:
        """Finished epochs, and samples shown of the one under way."""
        return self._trainer.position

    @property
    def finished(self) -> bool:
        """No epoch is left."""
        return self.position[0] >= self.epochs

    @property
    def history(self) -> list[dict[str, Any]]:
        """One dict a finished epoch, as a line of ``train.jsonl``."""
        return [json.loads(line) for line in self._trainer.history]

    @property
    def weights(self) -> Weights:
        """The weights as they are."""
        with Call(None, {}) as call:
            path = call.scratch("weights.npz")
            self._trainer.save(path)
            return load(path)

    def step(self, samples: int) -> list[dict[str, Any]]:
        """Learns from up to `samples` more samples; reports of the epochs that end."""
        with Call(None, {}, self._progress) as call:
            (lines, _) = call.run(lambda _, bar: self._trainer.step(samples, bar))
        return [json.loads(line) for line in lines]

    def epoch(self) -> dict[str, Any]:
        """Learns to the end of the epoch under way; its report."""
        reports = self.step(self.samples_per_epoch - self.position[1])
        return reports[0] if reports else {}

    def test(self) -> dict[str, Any]:
        """How good the weights are on the test samples: ``samples``, ``accuracy`` or ``rmse``, ``cost``."""
        with Call(None, {}, self._progress) as call:
            ((samples, accuracy, rmse, cost), _) = call.run(lambda _, bar: self._trainer.test(bar))
        quality = {"accuracy": accuracy} if rmse is None else {"rmse": rmse}
        return {"samples": samples, **quality, "cost": cost}


def _made(options: list[str], bar: Any) -> tuple:
    return _eqprop.Trainer(options, bar), {"warnings": [], "notes": []}
