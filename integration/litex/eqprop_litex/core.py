"""The engine as a LiteX module.

                        +---------------------------------------+
    DMA reader ──┐      |  commands     eqprop_axis   responses |      ┌── window: reads
    window: writes ──►──|  FIFO ──► sink           source ──► FIFO|──►──┤
    `sink` of a design ─|                                       |      └── `source` of a design
                        +---------------------------------------+

What drives the stream is chosen when the module is made: a bus window (and with it a DMA reader), or the design itself
through `sink` and `source`.
"""

import json
import pathlib

from litex.gen import *
from litex.soc.cores.dma import WishboneDMAReader
from litex.soc.interconnect import stream, wishbone
from litex.soc.interconnect.csr import *
from litex.soc.interconnect.csr_eventmanager import EventManager, EventSourcePulse
from migen import *

#: Bytes of the window: the lower half takes words of a command, the upper half its last word; reads give responses.
WINDOW = 0x1000
#: Words of commands that wait for the core.
COMMANDS = 64


class EqpropCore(LiteXModule):
    """One engine, generated into `folder` by ``eqprop generate``.

    `window` puts FIFOs and a bus window (`bus`, for ``soc.bus.add_slave``) before the stream; without it `sink` and
    `source` are the stream: words of 32 bits, `last` ends a command and a response. Over `dma_bus`, a Wishbone master of
    the SoC, a reader takes whole commands from memory, words as a processor writes them.
    """

    def __init__(self, platform, folder, window=True, dma_bus=None, fifo_depth=1024):
        folder = pathlib.Path(folder).resolve()
        manifest = json.loads((folder / "manifest.json").read_text())
        for name in ("eqprop_core.v", "eqprop_axis.v"):
            platform.add_source(str(folder / name))
        self.sink = sink = stream.Endpoint([("data", 32)])
        self.source = source = stream.Endpoint([("data", 32)])
        busy, phase = Signal(), Signal(3)
        self.specials += Instance(
            "eqprop_axis",
            i_aclk=ClockSignal("sys"),
            i_aresetn=~ResetSignal("sys") & ~self._reset(),
            i_s_axis_tvalid=sink.valid,
            o_s_axis_tready=sink.ready,
            i_s_axis_tdata=sink.data,
            i_s_axis_tlast=sink.last,
            o_m_axis_tvalid=source.valid,
            i_m_axis_tready=source.ready,
            o_m_axis_tdata=source.data,
            o_m_axis_tlast=source.last,
            o_busy=busy,
            o_phase=phase,
        )
        self._registers(int(manifest["configuration"], 16), busy, phase, source)
        if window:
            self._window(dma_bus, fifo_depth)

    def _reset(self):
        self.control = CSRStorage(fields=[CSRField("reset", description="Forget what runs; weights stay.")])
        return self.control.fields.reset

    def _registers(self, identity, busy, phase, source):
        self.identity = CSRStatus(32, reset=identity, description="Hash of the configuration, as in manifest.json.")
        self.status = CSRStatus(fields=[
            CSRField("busy", size=1, description="A sample runs."),
            CSRField("phase", size=3, description="0 none, then free, nudged, nudged at -beta, learning."),
        ])
        self.cycles = CSRStatus(32, description="Busy cycles, modulo 2^32.")
        self.responses = CSRStatus(32, description="Responses that have left the core, modulo 2^32.")
        self.batch = CSRStorage(32, description="Responses after which `done` fires; writing starts the count anew.")
        self.ev = EventManager()
        self.ev.done = EventSourcePulse(description="The batch is answered.")
        self.ev.finalize()
        answered, left = Signal(), Signal(32)
        self.comb += [
            answered.eq(source.valid & source.ready & source.last),
            self.status.fields.busy.eq(busy),
            self.status.fields.phase.eq(phase),
            self.ev.done.trigger.eq(answered & (left == 1)),
        ]
        self.sync += [
            If(busy, self.cycles.status.eq(self.cycles.status + 1)),
            If(answered, self.responses.status.eq(self.responses.status + 1)),
            If(self.batch.re, left.eq(self.batch.storage))
            .Elif(answered & (left != 0), left.eq(left - 1)),
        ]

    def _window(self, dma_bus, depth):
        self.commands = commands = stream.SyncFIFO([("data", 32)], COMMANDS)
        self.answers = answers = stream.SyncFIFO([("data", 32)], depth, buffered=True)
        self.level = CSRStatus(16, description="Words of responses that wait.")
        self.bus = bus = wishbone.Interface(data_width=32, address_width=32, addressing="word")
        high = log2_int(WINDOW // 4) - 1
        asked, room, write = Signal(), Signal(), Signal()
        self.comb += [
            commands.source.connect(self.sink),
            self.source.connect(answers.sink),
            self.level.status.eq(answers.level),
            asked.eq(bus.cyc & bus.stb & ~bus.ack),
            room.eq(commands.level < COMMANDS - 2),
            write.eq(bus.ack & bus.we),
            bus.dat_r.eq(answers.source.data),
            answers.source.ready.eq(bus.ack & ~bus.we),
        ]
        # A write waits for room; a read of nothing gives what it gives.
        self.sync += bus.ack.eq(asked & (~bus.we | room))
        if dma_bus is None:
            self.comb += self._word(commands.sink, write, bus.dat_w, bus.adr[high])
            return
        # Whole commands from memory, one run of the reader each; a write through the window goes first.
        self.dma = dma = WishboneDMAReader(dma_bus, endianness="big", with_csr=True)
        self.comb += [
            If(write, self._word(commands.sink, 1, bus.dat_w, bus.adr[high]))
            .Else(self._word(commands.sink, dma.source.valid & room, dma.source.data, dma.source.last)),
            dma.source.ready.eq(~write & room),
        ]

    @staticmethod
    def _word(sink, valid, data, last):
        return [sink.valid.eq(valid), sink.data.eq(data), sink.last.eq(last)]
