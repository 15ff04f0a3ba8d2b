"""The SoCs elaborate, and the simulated one answers at its serial pins what the bit-true model does."""

import json
import os
import pathlib
import subprocess
import sys

import eqprop
import numpy as np
import pytest
from cocotb_tools.runner import get_results, get_runner
from eqprop_litex import soc

HERE = pathlib.Path(__file__).resolve().parent


@pytest.fixture(scope="module", params=["xor", "digits"])
def engine(request, tmp_path_factory):
    """A network's hardware on four lanes."""
    folder = tmp_path_factory.mktemp(request.param)
    eqprop.generate(request.param, folder, lanes=4, board="ulx3s", cocotb=True)
    return request.param, folder


@pytest.mark.parametrize("make", [soc.ulx3s, soc.i5])
def test_the_boards_elaborate(engine, make, tmp_path):
    _, folder = engine
    files = soc.write(make(folder), tmp_path)
    assert "eqprop_axis" in pathlib.Path(files[0]).read_text()
    identity = json.loads((folder / "manifest.json").read_text())["configuration"]
    assert f"32'd{int(identity, 16)}" in pathlib.Path(files[0]).read_text()


def test_the_engine_answers_at_the_serial_pins(engine, tmp_path):
    network, folder = engine
    files = soc.write(soc.simulated(folder), folder)
    if network == "digits":
        run = eqprop.train("digits", epochs=5, progress=False)
        weights = run.weights
        inputs = np.random.default_rng(1).integers(0, 17, (20, 64))
    else:
        weights = eqprop.Network(network).initial_weights()
        inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    np.savez(tmp_path / "weights.npz", **weights)
    np.save(tmp_path / "inputs.npy", inputs)
    os.environ["MAKEFLAGS"] = "VK_PCH_I_FAST= VK_PCH_I_SLOW="
    runner = get_runner("verilator")
    runner.build(sources=files, hdl_toplevel="soc", build_args=["-Wno-fatal"], build_dir=folder / "build", timescale=("1ns", "1ps"))
    results = runner.test(
        hdl_toplevel="soc",
        test_module="bench",
        build_dir=folder / "build",
        test_dir=folder / "build",
        extra_env={
            "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path]),
            "EQPROP_FOLDER": str(folder),
            "EQPROP_NETWORK": network,
            "EQPROP_SAMPLES": str(len(inputs)),
            "EQPROP_WEIGHTS": str(tmp_path / "weights.npz"),
            "EQPROP_INPUTS": str(tmp_path / "inputs.npy"),
        },
    )
    assert get_results(results) == (1, 0)
