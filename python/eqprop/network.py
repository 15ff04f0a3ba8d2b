"""Networks: from a file, a built-in name or keyword arguments."""

from __future__ import annotations

import json
import os
import warnings
from typing import TYPE_CHECKING, Any, Mapping, Union

from . import _eqprop
from .errors import EqpropWarning, InputError

if TYPE_CHECKING:
    import numpy as np

    from ._call import Call

BUILT_IN_DATA = ("xor", "digits", "mnist", "random")


class Network:
    """A checked network.

    ``Network("digits")`` is a built-in one, ``Network("flowers.toml")`` that of a file, and
    ``Network(name="flowers", layers=[4, 16, 3], learning={"epochs": 20})`` one of the fields of such a file. ``dataset``
    may be left out where arrays are given as samples.

    Attributes:
        name: its name.
        config: all fields, those left at their defaults too.
    """

    def __init__(self, source: str | os.PathLike | None = None, /, **fields: Any):
        if (source is None) == (not fields):
            raise InputError(
                "a network is the name of a built-in one, the path of a file, or fields as keywords",
                'Network("digits"), Network("flowers.toml") or Network(name="flowers", layers=[4, 16, 3])',
                "eqprop::python::network",
            )
        self.toml: str | None = None
        self._source = None if source is None else os.fspath(source)
        if source is None:
            dataset = fields.setdefault("dataset", "random")
            if isinstance(dataset, os.PathLike) or dataset not in BUILT_IN_DATA:
                fields["dataset"] = os.path.abspath(os.fspath(dataset))
            try:
                text = json.dumps(fields, default=_plain)
            except (TypeError, ValueError) as error:
                raise InputError(str(error), "fields are numbers, words, lists and dicts") from None
            self.toml = _eqprop.toml(text)
        text, told = self._describe()
        self.config: dict[str, Any] = json.loads(text)
        self.name: str = self.config["name"]
        for warning in told:
            warnings.warn(warning, EqpropWarning, stacklevel=2)

    @classmethod
    def of(cls, network: "NetworkLike") -> "Network":
        """The network itself, or the one of a name, a path or a dict of fields."""
        if isinstance(network, Network):
            return network
        if isinstance(network, Mapping):
            return cls(**network)
        return cls(network)

    @property
    def layers(self) -> dict[str, int]:
        """Units of each layer by its name, the input first, the output last."""
        return {layer["name"]: layer["units"] for layer in self.config["layers"]}

    @property
    def blocks(self) -> dict[str, tuple[int, int]]:
        """Shape of each block's weights by the name of its array, ``w.<a>.<b>``: units of b × units of a."""
        layers = self.config["layers"]
        ends = [(layers[block["a"]], layers[block["b"]]) for block in self.config["blocks"]]
        return {f"w.{a['name']}.{b['name']}": (b["units"], a["units"]) for a, b in ends}

    @property
    def slices(self) -> dict[str, slice]:
        """Where the states of each free layer are in a row of all states (see `settle`)."""
        start, places = 0, {}
        for name, units in list(self.layers.items())[1:]:
            places[name] = slice(start, start + units)
            start += units
        return places

    def initial_weights(self, *, seed: int | None = None, raw: bool = False) -> dict[str, "np.ndarray"]:
        """The seeded weights that a run starts from: float32, or with `raw` the integers as int16."""
        from ._call import Call, load

        with Call(self, {"seed": seed}) as call:
            path = call.scratch("initial.npz")
            _eqprop.initial(call.options, path, raw)
            return load(path)

    def _describe(self) -> tuple[str, list[str]]:
        from ._call import Call

        with Call(None, {}) as call:
            call.add("network", self._path(call))
            return _eqprop.describe(call.options)

    def _path(self, call: "Call") -> str:
        """What `--network` takes."""
        if self.toml is None:
            return self._source
        path = call.scratch("network.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.toml)
        return path

    def __repr__(self) -> str:
        return f"Network({self.name!r}: {'-'.join(str(units) for units in self.layers.values())})"


NetworkLike = Union[Network, str, os.PathLike, Mapping[str, Any]]


def _plain(value: Any) -> Any:
    """numpy's numbers and arrays as Python's."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{value!r} is no number, word, list or dict")
