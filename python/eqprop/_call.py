"""How functions call the engine: keywords as the command line's options, arrays as files in a scratch folder."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import warnings
from typing import Any, Callable, Mapping

import numpy as np

from . import _eqprop
from .errors import EqpropError, EqpropWarning, InputError
from .network import Network, NetworkLike

log = logging.getLogger("eqprop")


class Bar:
    """Progress through tqdm, one bar a piece of work."""

    def __init__(self, make: Callable[..., Any]):
        self.make = make
        self.bar: Any = None
        self.what: tuple[str, int] | None = None

    def __call__(self, what: str, unit: str, total: int, done: int, detail: str) -> None:
        if (what, total) != self.what:
            self.close()
            self.what = (what, total)
            self.bar = self.make(total=total, desc=what, unit=f" {unit}", leave=False)
        self.bar.update(done - self.bar.n)
        if detail:
            self.bar.set_postfix_str(detail, refresh=False)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()


def bar(progress: bool) -> Bar | None:
    """A bar if one is wanted and tqdm is there."""
    if not progress:
        return None
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return Bar(tqdm)


class Call:
    """One call: options, a scratch folder for arrays, and what was told."""

    def __init__(self, network: NetworkLike | None, options: Mapping[str, Any], progress: bool = False):
        self.options: list[str] = []
        self.progress = progress
        self._scratch: tempfile.TemporaryDirectory | None = None
        try:
            if network is not None:
                self.add("network", Network.of(network)._path(self))
            for name, value in options.items():
                self.add(name, value)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Call":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def scratch(self, name: str) -> str:
        """A path in a folder that goes with the call."""
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="eqprop-")
        return os.path.join(self._scratch.name, name)

    def add(self, name: str, value: Any) -> None:
        """An option as the command line has it: ``early_stop=5`` is ``--early-stop=5``; None and False leave it out."""
        if value is None or value is False:
            return
        flag = "--" + name.replace("_", "-")
        if value is True:
            self.options.append(flag)
        elif isinstance(value, (str, int, float, os.PathLike, np.integer, np.floating)):
            self.options.append(f"{flag}={os.fspath(value) if isinstance(value, os.PathLike) else value}")
        else:
            raise InputError(
                f"{name} is {value!r}: an option is a number, a word, a path or True",
                "options are those of the command line, with _ for -",
                "eqprop::python::option",
            )

    def out(self, out: str | os.PathLike | None) -> None:
        """The folder for files; without one they vanish with the call."""
        self.add("out", self.scratch("out") if out is None else out)

    def data(self, **arrays: Any) -> None:
        """Samples as arrays in place of the network's data."""
        given = {name: value for name, value in arrays.items() if value is not None}
        if not given:
            return
        np.savez(self.scratch("data.npz"), **{name: sound(name, value) for name, value in given.items()})
        self.add("data", self.scratch("data.npz"))

    def weights(self, weights: Mapping[str, Any] | str | os.PathLike | None) -> None:
        """Weights as a dict of arrays, or a file."""
        if weights is None:
            return
        if isinstance(weights, (str, os.PathLike)):
            self.add("weights", weights)
            return
        if not isinstance(weights, Mapping):
            raise InputError(
                f"weights are {type(weights).__name__}, not a dict of arrays",
                "give what train returns as weights, numpy.load of a file, or the path of a file",
                "eqprop::python::weights",
            )
        arrays = {name: sound(f"weights[{name!r}]", value) for name, value in weights.items()}
        np.savez(self.scratch("weights.npz"), **arrays)
        self.add("weights", self.scratch("weights.npz"))

    def run(self, function: Callable[..., tuple], *arguments: Any, stacklevel: int = 3) -> tuple:
        """Calls the engine; warnings are warned of where the package was called, notes are logged."""
        shown = bar(self.progress)
        try:
            *results, told = function(self.options, *arguments, shown)
        except EqpropError as error:
            self.name(error)
            raise
        finally:
            if shown is not None:
                shown.close()
        for text in told["warnings"]:
            warnings.warn(self.named(text), EqpropWarning, stacklevel=stacklevel)
        for text in told["notes"]:
            log.info(self.named(text))
        return (*results, told)

    def named(self, text: str) -> str:
        """The text without the scratch folder, which nobody chose."""
        return text if self._scratch is None else text.replace(self._scratch.name + os.sep, "")

    def name(self, error: EqpropError) -> None:
        error.message = self.named(error.message)
        error.help = error.help and self.named(error.help)
        error.place = error.place and self.named(error.place)
        error.args = (error.message,)


def sound(name: str, value: Any) -> np.ndarray:
    """A numeric array in the machine's byte order; everything else is refused with its name."""
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise InputError(
            f"{name} has the element type {array.dtype}",
            "give numbers: integers, floats or truths",
            "eqprop::python::dtype",
        )
    if array.dtype.itemsize > 8:
        raise InputError(
            f"{name} has the element type {array.dtype}, which is more than eight bytes",
            "convert it: array.astype(numpy.float64)",
            "eqprop::python::dtype",
        )
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))


def load(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """All arrays of a file, in memory."""
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def command(words: list[str], network: NetworkLike | None, options: Mapping[str, Any], **given: Any) -> dict:
    """Runs a command of the command line; what ``--json`` prints."""
    with Call(network, options, given.pop("progress", False)) as call:
        call.out(given.pop("out", None))
        call.weights(given.pop("weights", None))
        call.data(**given)
        call.options = [*words, *call.options]
        (_, told) = call.run(_result, stacklevel=4)
        return json.loads(told["result"] or "null")


def _result(options: list[str], shown: Bar | None) -> tuple:
    return _eqprop.command(options, shown)
