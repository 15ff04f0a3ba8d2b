"""The component becomes Verilog that a simulator runs: configured, it says who it is."""

import json
import shutil
import subprocess

import eqprop
import pytest

pytest.importorskip("amaranth")

from amaranth.back import verilog  # noqa: E402
from eqprop_litex.amaranth import Engine  # noqa: E402

BENCH = """
`timescale 1ns / 1ps
module bench;
  reg clk = 0, rst = 1, valid = 0, last = 0;
  reg [31:0] word = 0;
  wire ready, out_valid, out_last;
  wire [31:0] out;
  always #5 clk = !clk;
  top dut (.clk(clk), .rst(rst), .commands__valid(valid), .commands__ready(ready), .commands__payload({last, word}),
           .responses__valid(out_valid), .responses__ready(1'b1), .responses__payload({out_last, out}));
  task send(input [31:0] value, input ends);
    begin
      @(negedge clk) valid = 1; word = value; last = ends;
      #4 while (!ready) @(negedge clk) #4;
      @(posedge clk) #1 valid = 0;
    end
  endtask
  initial begin
    repeat (4) @(negedge clk);
    rst = 0;
    send(32'h%(header)08x, 0);
    send(32'h%(address)08x, 1);
    repeat (1000) begin
      @(negedge clk) #4 if (out_valid) begin $display("%%h %%b", out, out_last); $finish; end
    end
    $display("silent");
    $finish;
  end
endmodule
"""


@pytest.mark.skipif(shutil.which("iverilog") is None, reason="needs Icarus")
def test_a_read_of_its_configuration_is_answered(tmp_path):
    manifest = eqprop.generate("xor", tmp_path, lanes=2)["manifest"]
    (tmp_path / "top.v").write_text(verilog.convert(Engine(tmp_path), name="top"))
    # Read one word of the registers, at the address of the configuration's hash.
    (tmp_path / "bench.v").write_text(BENCH % {"header": 0x02000001, "address": 1})
    files = ["bench.v", "top.v", "eqprop_axis.v", "eqprop_core.v"]
    subprocess.run(["iverilog", "-g2012", "-o", "bench", *files], cwd=tmp_path, check=True)
    said = subprocess.run(["vvp", "-n", "bench"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert said.split()[:2] == [json.loads((tmp_path / "manifest.json").read_text())["configuration"], "1"], said
    assert manifest["configuration"] == said.split()[0]
