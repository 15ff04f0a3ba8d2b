"""PyTorch's `state_dict` in and out: a `Sequential` of `Linear` layers as a chain of blocks.

Nothing here needs torch but `.pt` files; tensors are taken as they are, or as numpy arrays.
"""

from __future__ import annotations

import os
import re
from typing import Any, Mapping

import numpy as np

from . import _eqprop
from .errors import InputError
from .network import Network, NetworkLike


def from_torch(network: NetworkLike, state_dict: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The weights of a network from the `state_dict` of `Linear` layers, in order: ``0.weight``, ``0.bias``, ``fc1.weight``
    …; float16 and bfloat16 are widened exactly.

    Raises:
        InputError: names, shapes or a bias do not fit; it names what is wrong.
    """
    network = Network.of(network)
    blocks = _chain(network)
    tensors = {name: _array(name, tensor) for name, tensor in state_dict.items()}
    layers = _linear(tensors)
    if len(layers) != len(blocks):
        found = ", ".join(layers) or "none"
        raise InputError(
            f"the state_dict has {len(layers)} Linear layers ({found}), but {network!r} has {len(blocks)} blocks",
            f"give a Sequential of {len(blocks)} Linear layers: "
            + ", ".join(f"Linear({a}, {b})" for _, (b, a), _ in blocks),
            "eqprop::python::torch",
        )
    weights = {}
    for layer, (name, shape, bias) in zip(layers, blocks):
        for part, key, wanted in (("weight", name, shape), ("bias", bias, shape[:1])):
            full = f"{layer}.{part}"
            if full not in tensors:
                raise InputError(
                    f"the state_dict has no `{full}`",
                    f"make the layer with bias=True, or add zeros: state_dict[{full!r}] = numpy.zeros({wanted[0]})",
                    "eqprop::python::torch",
                )
            tensor = tensors[full]
            if tensor.shape != wanted:
                raise InputError(
                    f"`{full}` has the shape {list(tensor.shape)}, but block {name} needs {list(wanted)}",
                    "weights are outputs × inputs, as in Linear(inputs, outputs)",
                    "eqprop::python::torch",
                )
            weights[key] = tensor
    return weights


def to_torch(
    network: NetworkLike, weights: Mapping[str, Any], names: list[str] | None = None
) -> dict[str, np.ndarray]:
    """The `state_dict` of a chain's weights, as float32 arrays: of ``Sequential(Linear, ReLU, Linear, …)``, or with the
    given names of layers. ``{k: torch.from_numpy(v) for k, v in …}`` makes tensors of it."""
    network = Network.of(network)
    blocks = _chain(network)
    names = [str(2 * index) for index in range(len(blocks))] if names is None else names
    if len(names) != len(blocks):
        raise InputError(f"{len(names)} names for {len(blocks)} layers", "give one name a block", "eqprop::python::torch")
    fraction = network.config["formats"]["weight_fraction"]
    state_dict = {}
    for name, (key, _, bias) in zip(names, blocks):
        for part, array in (("weight", key), ("bias", bias)):
            if array not in weights:
                raise InputError(f"there is no array `{array}` in the weights", None, "eqprop::python::torch")
            value = np.asarray(weights[array])
            scale = 2.0**-fraction if value.dtype.kind in "iu" else 1.0
            state_dict[f"{name}.{part}"] = (value * scale).astype(np.float32)
    return state_dict


def load_state_dict(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """The tensors of a ``.safetensors`` file, without torch, or of a ``.pt`` or ``.pth`` file, with it."""
    text = os.fspath(path)
    if text.endswith((".safetensors", ".npz")):
        named, about = _eqprop.tensors(text)
        tensors = {name: _float32(numbers).reshape(shape) for name, shape, numbers in named}
        if about is not None:
            tensors["eqprop"] = np.frombuffer(about.encode(), np.uint8)
        return tensors
    try:
        import torch
    except ImportError:
        raise InputError(
            f"`{text}` is read by torch, which is not installed",
            "pip install torch, or save it as .safetensors",
            "eqprop::python::torch",
        ) from None
    loaded = torch.load(text, map_location="cpu", weights_only=True)
    if not isinstance(loaded, Mapping):
        raise InputError(f"`{text}` holds no state_dict", "torch.save(model.state_dict(), path)", "eqprop::python::torch")
    return {name: _array(name, tensor) for name, tensor in loaded.items()}


def save_state_dict(path: str | os.PathLike, state_dict: Mapping[str, Any]) -> None:
    """Writes tensors as ``.safetensors``."""
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(_array(name, tensor)) for name, tensor in state_dict.items()}, os.fspath(path))


def _float32(numbers: np.ndarray) -> np.ndarray:
    """As float32 where that loses nothing, as it does nothing of PyTorch's usual types."""
    single = numbers.astype(np.float32)
    return single if np.array_equal(single, numbers, equal_nan=True) else numbers


def _chain(network: Network) -> list[tuple[str, tuple[int, int], str]]:
    """Array, shape and bias of each block, if the blocks are a chain from the input to the output."""
    ends = [(block["a"], block["b"]) for block in network.config["blocks"]]
    if sorted(ends) != [(layer, layer + 1) for layer in range(len(network.layers) - 1)]:
        raise InputError(
            f"{network!r} is not a chain of layers, so it has no Sequential of Linear layers",
            "exchange its weights as a dict of arrays",
            "eqprop::python::torch",
        )
    blocks = [(name, shape, f"b.{name.rsplit('.', 1)[1]}") for name, shape in network.blocks.items()]
    return [block for _, block in sorted(zip(ends, blocks))]


def _linear(tensors: Mapping[str, np.ndarray]) -> list[str]:
    """Names of the layers with a matrix, in the order of their numbers, else as given."""
    layers = [name[: -len(".weight")] for name in tensors if name.endswith(".weight")]
    odd = [name for name in tensors if not name.endswith((".weight", ".bias"))]
    if odd:
        raise InputError(
            f"`{odd[0]}` in the state_dict is no weight or bias of a Linear layer",
            "give the state_dict of Linear layers alone",
            "eqprop::python::torch",
        )
    pieces = {layer: [int(piece) if piece.isdigit() else piece for piece in re.split(r"(\d+)", layer)] for layer in layers}
    try:
        return sorted(layers, key=pieces.__getitem__)
    except TypeError:
        return layers


def _array(name: str, tensor: Any) -> np.ndarray:
    """A tensor as an array of numpy, bfloat16 and float16 as float32."""
    if hasattr(tensor, "detach"):
        tensor = tensor.detach().cpu()
        tensor = (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()
    array = np.asarray(tensor)
    if array.dtype.name == "bfloat16" or array.dtype == np.float16:
        array = array.astype(np.float32)
    if array.dtype.kind != "f":
        raise InputError(
            f"`{name}` has the element type {array.dtype}", "give floats, as PyTorch has them", "eqprop::python::torch"
        )
    return array
