"""PyTorch's names and files, in and out."""

import json
import struct

import eqprop
import numpy as np
import pytest
from eqprop import InputError

NETWORK = eqprop.Network(name="chain", layers=[4, 6, 3])


def tensors(dtype=np.float32, names=("0", "2")):
    rng = np.random.default_rng(1)
    shapes = [(6, 4), (3, 6)]
    made = {}
    for name, shape in zip(names, shapes):
        made[f"{name}.weight"] = rng.uniform(-1, 1, shape).astype(dtype)
        made[f"{name}.bias"] = rng.uniform(-1, 1, shape[0]).astype(dtype)
    return made


@pytest.mark.parametrize("names", [("0", "2"), ("fc1", "fc2"), ("net.9", "net.10")])
def test_a_state_dict_goes_in_and_comes_out(names):
    given = tensors(names=names)
    # The order of the layers is that of their numbers, not that of the dict.
    weights = eqprop.from_torch(NETWORK, dict(reversed(given.items())))
    np.testing.assert_array_equal(weights["w.input.hidden"], given[f"{names[0]}.weight"])
    back = eqprop.to_torch(NETWORK, weights, list(names))
    assert all(np.array_equal(back[name], given[name]) for name in given)
    assert eqprop.predict(NETWORK, weights, np.ones((2, 4)), progress=False).outputs.shape == (2, 3)


def test_raw_weights_come_out_as_reals():
    raw, real = NETWORK.initial_weights(raw=True), NETWORK.initial_weights()
    assert raw["w.input.hidden"].dtype == np.int16
    one, other = eqprop.to_torch(NETWORK, raw), eqprop.to_torch(NETWORK, real)
    assert all(np.array_equal(one[name], other[name]) for name in one)


def bfloat16_file(path, given):
    """A safetensors file of bfloat16, which numpy has not: the upper halves of float32."""
    head, body = {}, b""
    for name, value in given.items():
        bits = (value.astype(np.float32).view(np.uint32) >> 16).astype("<u2")
        head[name] = {"dtype": "BF16", "shape": list(value.shape), "data_offsets": [len(body), len(body) + bits.nbytes]}
        body += bits.tobytes()
    text = json.dumps(head).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def test_half_precision_is_widened_exactly(tmp_path):
    half = tensors(np.float16)
    wide = eqprop.from_torch(NETWORK, half)
    assert wide["w.input.hidden"].dtype == np.float32
    np.testing.assert_array_equal(wide["w.input.hidden"], half["0.weight"].astype(np.float64))
    bfloat16_file(tmp_path / "model.safetensors", tensors())
    loaded = eqprop.load_state_dict(tmp_path / "model.safetensors")
    exact = {n: (v.view(np.uint32) & 0xFFFF0000).view(np.float32) for n, v in tensors().items()}
    assert all(np.array_equal(loaded[name], exact[name]) for name in exact)


def test_safetensors_without_torch(tmp_path):
    pytest.importorskip("safetensors")
    eqprop.save_state_dict(tmp_path / "model.safetensors", tensors())
    loaded = eqprop.load_state_dict(tmp_path / "model.safetensors")
    assert all(np.array_equal(loaded[name], value) for name, value in tensors().items())


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda d: d.pop("0.bias"), ["no `0.bias`", "bias=True"]),
        (lambda d: d.update({"0.weight": d["0.weight"].T}), ["`0.weight`", r"\[4, 6\]", r"\[6, 4\]"]),
        (lambda d: (d.pop("2.weight"), d.pop("2.bias")), ["1 Linear layers", "has 2 blocks", r"Linear\(4, 6\)"]),
        (lambda d: d.update({"1.running_mean": np.zeros(6, np.float32)}), ["running_mean"]),
        (lambda d: d.update({"0.weight": d["0.weight"].astype(int)}), ["0.weight", "int64"]),
    ],
)
def test_what_does_not_fit_is_named(change, words):
    given = tensors()
    change(given)
    with pytest.raises(InputError, match="(?s)" + "".join(f"(?=.*{word})" for word in words)):
        eqprop.from_torch(NETWORK, given)


def test_networks_that_are_no_chain_are_refused():
    with pytest.raises(InputError, match="not a chain"):
        eqprop.from_torch("digits-skip", {})


def test_a_pt_file(tmp_path):
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 3))
    torch.save(model.state_dict(), tmp_path / "model.pt")
    weights = eqprop.from_torch(NETWORK, eqprop.load_state_dict(tmp_path / "model.pt"))
    assert np.array_equal(weights["w.hidden.output"], model[2].weight.detach().numpy())
