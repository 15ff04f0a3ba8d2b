"""Example SoCs without a processor: the engine behind a UART bridge.

    eqprop generate --network digits --board ulx3s --lanes 8 --out build/engine
    python3 -m eqprop_litex.soc ulx3s build/engine --build
    litex_server --uart --uart-port /dev/ttyUSB0 --uart-baudrate 1000000
"""

import argparse
import pathlib

from litex.build.generic_platform import Pins, Subsignal
from litex.build.io import CRG
from litex.build.sim import SimPlatform
from litex.gen import *
from litex.soc.cores.clock import ECP5PLL
from litex.soc.integration import export
from litex.soc.integration.builder import Builder
from litex.soc.integration.soc import SoCRegion
from litex.soc.integration.soc_core import SoCMini
from litex.soc.interconnect import wishbone
from litex_boards.platforms import colorlight_i5, radiona_ulx3s
from migen import *

from .core import WINDOW, EqpropCore

#: Bytes of the memory for commands.
COMMANDS = 0x1000
#: Clock cycles of a bit in simulation.
SIM_BIT = 8


class Clock(LiteXModule):
    """25 MHz to the system's clock."""

    def __init__(self, platform, frequency, button, active_low):
        self.rst = Signal()
        self.cd_sys = ClockDomain()
        pin = platform.request(button)
        self.pll = pll = ECP5PLL()
        self.comb += pll.reset.eq((~pin if active_low else pin) | self.rst)
        pll.register_clkin(platform.request("clk25"), 25e6)
        pll.create_clkout(self.cd_sys, frequency)


class EngineSoC(SoCMini):
    """An engine, its registers, its window and a memory for commands on the bus of a UART bridge."""

    def __init__(self, platform, crg, folder, frequency, baudrate):
        self.crg = crg
        SoCMini.__init__(self, platform, int(frequency), ident="", ident_version=False)
        self.add_uartbone(baudrate=baudrate)
        # Commands that the reader of the engine takes by itself.
        self.add_ram("commands", origin=0x1000_0000, size=COMMANDS)
        reader = wishbone.Interface(data_width=32, address_width=32, addressing="word")
        self.bus.add_master("eqprop_dma", reader)
        self.eqprop = EqpropCore(platform, folder, dma_bus=reader)
        region = SoCRegion(origin=0x3000_0000, size=WINDOW, cached=False)
        self.bus.add_slave("eqprop", self.eqprop.bus, region)


def ulx3s(folder, frequency=50e6, baudrate=1_000_000):
    """Radiona's ULX3S with an 85F."""
    platform = radiona_ulx3s.Platform(device="LFE5U-85F", toolchain="trellis")
    return EngineSoC(platform, Clock(platform, frequency, "rst", False), folder, frequency, baudrate)


def i5(folder, frequency=60e6, baudrate=1_000_000):
    """Colorlight i5 on its extension board."""
    platform = colorlight_i5.Platform(board="i5", revision="7.0", toolchain="trellis")
    return EngineSoC(platform, Clock(platform, frequency, "cpu_reset_n", True), folder, frequency, baudrate)


def simulated(folder, frequency=1e6):
    """For a simulator: clock, reset and the two pins of the serial line."""
    io = [
        ("sys_clk", 0, Pins(1)),
        ("sys_rst", 0, Pins(1)),
        ("serial", 0, Subsignal("tx", Pins(1)), Subsignal("rx", Pins(1))),
    ]
    platform = SimPlatform("SIM", io)
    crg = CRG(platform.request("sys_clk"), platform.request("sys_rst"))
    return EngineSoC(platform, crg, folder, frequency, baudrate=frequency / SIM_BIT)


def write(soc, folder):
    """Verilog of the SoC as ``soc.v``, and its map as ``csr.csv``; the names of all Verilog files."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    soc.finalize()
    soc.platform.get_verilog(soc, name="soc").write(str(folder / "soc.v"))
    (folder / "csr.csv").write_text(export.get_csr_csv(soc.csr_regions, soc.constants, soc.mem_regions))
    return [str(folder / "soc.v"), *(source[0] for source in soc.platform.sources)]


BOARDS = {"ulx3s": ulx3s, "i5": i5}


def main():
    """Elaborates a SoC, and with --build places and routes it."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("board", choices=BOARDS)
    options.add_argument("engine", help="folder that eqprop generate wrote")
    options.add_argument("--build", action="store_true", help="run yosys, nextpnr and ecppack")
    options.add_argument("--out", default="build/soc")
    given = options.parse_args()
    builder = Builder(BOARDS[given.board](given.engine), output_dir=given.out, csr_csv=f"{given.out}/csr.csv",
                      compile_software=False, compile_gateware=given.build)
    builder.build(build_name=f"eqprop_{given.board}")


if __name__ == "__main__":
    main()
