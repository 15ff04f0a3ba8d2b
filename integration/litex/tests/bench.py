"""Runs inside the simulator: the driver on one side, the pins of the SoC's serial line on the other."""

import os
import pathlib

import cocotb
import eqprop
import numpy as np
from cocotb.clock import Clock
from cocotb.task import bridge, resume
from cocotb.triggers import ClockCycles, FallingEdge, Timer
from eqprop_litex.driver import Driver
from eqprop_litex.soc import SIM_BIT
from litex.tools.remote.csr_builder import CSRBuilder

FOLDER = pathlib.Path(os.environ["EQPROP_FOLDER"])
SAMPLES = int(os.environ["EQPROP_SAMPLES"])
NETWORK = os.environ["EQPROP_NETWORK"]
CLOCK_NS = 10
BIT_NS = SIM_BIT * CLOCK_NS


class Pins(CSRBuilder):
    """A bus as `litex_server` has it, its bytes played at the pins."""

    def __init__(self, dut):
        CSRBuilder.__init__(self, comm=self, csr_csv=str(FOLDER / "csr.csv"))
        self.dut = dut
        dut.serial_rx.value = 1

    async def _send(self, data):
        for byte in data:
            for bit in [0, *((byte >> place & 1) for place in range(8)), 1]:
                self.dut.serial_rx.value = bit
                await Timer(BIT_NS, "ns")

    async def _receive(self, count):
        data = []
        for _ in range(count):
            await FallingEdge(self.dut.serial_tx)
            await Timer(BIT_NS + BIT_NS // 2, "ns")
            byte = 0
            for place in range(8):
                byte |= int(self.dut.serial_tx.value) << place
                await Timer(BIT_NS, "ns")
            data.append(byte)
        return data

    @resume
    async def write(self, address, words):
        words = words if isinstance(words, list) else [words]
        frame = [1, len(words), *(address // 4).to_bytes(4, "big")]
        for word in words:
            frame += word.to_bytes(4, "big")
        await self._send(frame)

    @resume
    async def read(self, address, length=None):
        count = length or 1
        answer = cocotb.start_soon(self._receive(4 * count))
        await self._send([2, count, *(address // 4).to_bytes(4, "big")])
        data = bytes(await answer)
        words = [int.from_bytes(data[4 * i : 4 * i + 4], "big") for i in range(count)]
        return words[0] if length is None else words


@cocotb.test()
async def the_engine_answers_what_the_model_does(dut):
    Clock(dut.sys_clk, CLOCK_NS, unit="ns").start()
    dut.sys_rst.value = 1
    pins = Pins(dut)
    await ClockCycles(dut.sys_clk, 10)
    dut.sys_rst.value = 0
    await ClockCycles(dut.sys_clk, 10)

    @bridge
    def drive():
        # Of a small network through the memory, of a large one through the window.
        chip = Driver(pins, FOLDER / "network.json", memory="commands" if NETWORK == "xor" else None)
        weights = np.load(os.environ["EQPROP_WEIGHTS"])
        chip.load(dict(weights))
        chip.register("batch").write(SAMPLES)
        chip.register("ev_pending").write(1)
        inputs = np.load(os.environ["EQPROP_INPUTS"])
        predicted = eqprop.predict(NETWORK, dict(weights), inputs, progress=False)
        states = inputs / 16 if NETWORK == "digits" else inputs
        for row, answer in zip(states, predicted.answers):
            assert chip.register("ev_pending").read() == 0
            found = chip.infer(row)
            assert found.answer == answer, f"{found.answer} is not {answer}"
        assert chip.register("ev_pending").read() == 1, "no interrupt at the end of the batch"
        assert chip.register("status").read() == 0 and chip.register("cycles").read() > 0
        chip.read()
        return chip.register("identity").read()

    identity = await drive()
    dut._log.info("PASS: %d samples, configuration %08x", SAMPLES, identity)
