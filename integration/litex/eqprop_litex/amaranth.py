"""The engine as a component of Amaranth: streams of words, the Verilog that `eqprop generate` wrote inside."""

import pathlib

from amaranth.hdl import ClockSignal, Instance, Module, ResetSignal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

#: A word of the stream, and whether it ends its command or response.
WORD = data.StructLayout({"data": 32, "last": 1})


class Engine(wiring.Component):
    """One engine in the clock domain ``sync``.

    Attributes:
        commands: words to the core.
        responses: words from it.
        busy: a sample runs.
        phase: 0 none, then free, nudged, nudged at −β, learning.
    """

    commands: In(stream.Signature(WORD))
    responses: Out(stream.Signature(WORD))
    busy: Out(1)
    phase: Out(3)

    def __init__(self, folder):
        """`folder` is what `eqprop generate` wrote."""
        self.folder = pathlib.Path(folder)
        super().__init__()

    def elaborate(self, platform):
        module = Module()
        if platform is not None:
            for name in ("eqprop_core.v", "eqprop_axis.v"):
                platform.add_file(name, (self.folder / name).read_text())
        module.submodules.core = Instance(
            "eqprop_axis",
            i_aclk=ClockSignal(),
            # Domains without a reset keep the engine out of it.
            i_aresetn=~ResetSignal(allow_reset_less=True),
            i_s_axis_tvalid=self.commands.valid,
            o_s_axis_tready=self.commands.ready,
            i_s_axis_tdata=self.commands.payload.data,
            i_s_axis_tlast=self.commands.payload.last,
            o_m_axis_tvalid=self.responses.valid,
            i_m_axis_tready=self.responses.ready,
            o_m_axis_tdata=self.responses.payload.data,
            o_m_axis_tlast=self.responses.payload.last,
            o_busy=self.busy,
            o_phase=self.phase,
        )
        return module
