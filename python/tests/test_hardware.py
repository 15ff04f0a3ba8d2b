"""The chip in Verilator, planned, generated, and on a board."""

import os
import pathlib
import signal
import subprocess
import sys

import eqprop
import numpy as np
import pytest


def test_writes_of_hardware_and_models_stand_side_by_side():
    found = eqprop.cosim("xor", samples=2, lanes=2, progress=False)
    writes = found.writes
    assert found.report["mismatches"] == 0 and len(writes) > 100
    np.testing.assert_array_equal(writes["hardware"], writes["bittrue"])
    assert np.abs(writes["hardware"] - writes["golden"]).max() <= 0.5 * 2.0**-12 + 1e-12
    assert set(writes["sample"]) == {0, 1} and set(writes["layer"]) == {1, 2}
    assert (np.diff(writes["cycle"][writes["sample"] == 1].astype(int)) >= 0).all()


def test_a_changed_core_is_a_mismatch_with_its_place(tmp_path):
    eqprop.generate("xor", tmp_path, lanes=2)
    core = tmp_path / "eqprop_core.v"
    text = core.read_text()
    assert "sum_in + addend;" in text
    core.write_text(text.replace("sum_in + addend;", "sum_in - addend;"))
    with pytest.raises(eqprop.Mismatch, match="hardware and models differ") as caught:
        eqprop.cosim("xor", samples=2, lanes=2, core=core, progress=False)
    place = caught.value
    assert (place.sample, place.phase, place.exit_code) == (0, 0, 1)
    assert place.expected != place.got and place.layer in (1, 2)
    writes = place.cosimulation.writes
    assert (writes["hardware"] != writes["bittrue"]).any()


def test_a_plan_has_cycles_memories_and_boards():
    plan = eqprop.plan("digits", lanes=4)["plan"]
    assert plan["lanes"] == 4 and plan["stream_cycles_free"] > plan["cycles_free"] > 0
    assert {board["board"] for board in plan["boards"]} >= {"icebreaker", "ulx3s"}


def test_generated_files_are_those_of_the_manifest(tmp_path):
    manifest = eqprop.generate("xor", tmp_path)["manifest"]
    assert all((tmp_path / file["name"]).is_file() for file in manifest["files"])


def test_an_analysis_has_verdicts_and_numbers():
    numbers = eqprop.analyse("xor", samples=4, no_hardware=True, progress=False)
    assert numbers["verdicts"] and numbers["samples"] == 4


def test_a_simulated_board_keeps_what_it_learned():
    network = eqprop.Network("xor")
    weights = network.initial_weights()
    with eqprop.Board(network, virtual=True, fast=True) as board:
        assert board.info()["layers"] == [2, 12, 1]
        board.load(weights)
        held = board.read()
        assert all(np.array_equal(held[name], weights[name]) for name in network.blocks)
        board.train(samples=4)
        learned = board.read()
        assert any((learned[name] != held[name]).any() for name in network.blocks)
        answers = board.infer(all=True)["answers"]
        assert len(answers) == 4


#: A kernel that dies in the middle of a run.
KILLED = """
import os, signal, sys
import eqprop
from eqprop import _call

def dies(*_):
    os.kill(os.getpid(), signal.SIGKILL)

_call.bar = lambda _: dies
eqprop.cosim("xor", samples=100000, lanes=2, out=sys.argv[1])
"""


def test_a_kernel_that_is_restarted_finds_nothing_in_its_way(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], env=environment)
    assert ended.returncode == -signal.SIGKILL
    found = eqprop.cosim("xor", samples=1, lanes=2, out=tmp_path, progress=False)
    assert found.report["mismatches"] == 0
    assert pathlib.Path(found.report["vcd"]).parent == tmp_path
