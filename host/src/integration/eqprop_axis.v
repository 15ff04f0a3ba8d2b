// The bare engine in a design of your own: the core with the signal names of AXI4-Stream.
//
//              +-----------------------------+
//  s_axis_* ──►| commands         responses  |──► m_axis_*
//              |        eqprop_core          |──► busy, phase
//              +-----------------------------+
//
// One clock. `aresetn` is synchronous and low while the core is to be reset, for one cycle or more.
// Whatever ran is then forgotten; memories, registers and random state keep what they hold, but for
// the word that was being written or learned. `s_axis_tready` stays low until the core is at rest
// again. A command may be sent while an earlier one runs: `s_axis_tready` falls
// until the core takes it. A command ends with `s_axis_tlast`: without it the core waits for more
// words for ever, or until a reset. A slow receiver of the responses stalls the core between commands only,
// so it never changes the cycles of a sample. The probe outputs show every write of a state or
// weight; synthesis removes them where nothing reads them.
module eqprop_axis (
    input wire aclk,
    input wire aresetn,

    input wire s_axis_tvalid,
    output wire s_axis_tready,
    input wire [31:0] s_axis_tdata,
    input wire s_axis_tlast,

    output wire m_axis_tvalid,
    input wire m_axis_tready,
    output wire [31:0] m_axis_tdata,
    output wire m_axis_tlast,

    // A sample runs; which phase: 0 none, then free, nudged, nudged with -beta, learning.
    output wire busy,
    output wire [2:0] phase
);
    // A register of its own for a signal that goes everywhere.
    reg reset;
    initial reset = 1'b1;
    always @(posedge aclk) reset <= !aresetn;

    // The register above sees a reset a cycle late: no word is taken in its first cycle either.
    wire s_ready;
    assign s_axis_tready = s_ready & aresetn;

    eqprop_core core (
        .clock(aclk),
        .reset(reset),
        .s_valid(s_axis_tvalid & aresetn),
        .s_ready(s_ready),
        .s_data(s_axis_tdata),
        .s_last(s_axis_tlast),
        .m_valid(m_axis_tvalid),
        .m_ready(m_axis_tready),
        .m_data(m_axis_tdata),
        .m_last(m_axis_tlast),
        .busy(busy),
        .phase(phase)
    );
endmodule
