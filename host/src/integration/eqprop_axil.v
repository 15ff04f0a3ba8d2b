// The bare engine behind AXI4-Lite, for a processor without a DMA: four words.
//
//   offset  read                                             write
//   0x0     status: 0 room, 1 answer, 2 last, 3 busy          refused
//   0x4     the next word of an answer, which it takes        a word of a command
//   0x8     refused                                           the last word of a command
//   0xc     refused                                           refused
//
// room:   a word that is written now is taken at once; without it the write waits for the core.
// answer: a word of an answer is there; without it a read of 0x4 is refused (SLVERR) and gives 0.
// last:   that word ends its answer. busy: a sample runs.
//
// What is refused, writes of single bytes among it, ends in SLVERR and changes nothing. `irq` is high while a
// word of an answer is there.
//
//              +-----------------------------+
//  s_axil_* ◄─►| one word each way           |──► irq
//              |        eqprop_axis          |
//              +-----------------------------+
module eqprop_axil (
    input wire aclk,
    input wire aresetn,

    input wire [3:0] s_axil_awaddr,
    input wire [2:0] s_axil_awprot,
    input wire s_axil_awvalid,
    output wire s_axil_awready,
    input wire [31:0] s_axil_wdata,
    input wire [3:0] s_axil_wstrb,
    input wire s_axil_wvalid,
    output wire s_axil_wready,
    output wire [1:0] s_axil_bresp,
    output wire s_axil_bvalid,
    input wire s_axil_bready,

    input wire [3:0] s_axil_araddr,
    input wire [2:0] s_axil_arprot,
    input wire s_axil_arvalid,
    output wire s_axil_arready,
    output wire [31:0] s_axil_rdata,
    output wire [1:0] s_axil_rresp,
    output wire s_axil_rvalid,
    input wire s_axil_rready,

    output wire irq
);
    localparam [1:0] OKAY = 2'b00;
    localparam [1:0] SLVERR = 2'b10;

    // The word on its way to the core.
    reg sent;
    reg sent_last;
    reg [31:0] sent_data;
    wire taken;

    // Both halves of a write are taken together, a word once there is room for it.
    wire is_word = (s_axil_awaddr[3:2] == 2'd1 || s_axil_awaddr[3:2] == 2'd2) && s_axil_wstrb == 4'hf;
    reg written;
    reg [1:0] write_result;
    wire write = aresetn && s_axil_awvalid && s_axil_wvalid && !written && !(is_word && sent);
    assign s_axil_awready = write;
    assign s_axil_wready = write;
    assign s_axil_bvalid = written;
    assign s_axil_bresp = write_result;

    wire there;
    wire there_last;
    wire [31:0] there_data;
    wire busy;
    reg given;
    reg [1:0] read_result;
    reg [31:0] read_data;
    wire read = aresetn && s_axil_arvalid && !given;
    wire reads_status = s_axil_araddr[3:2] == 2'd0;
    wire takes = read && s_axil_araddr[3:2] == 2'd1 && there;
    assign s_axil_arready = read;
    assign s_axil_rvalid = given;
    assign s_axil_rdata = read_data;
    assign s_axil_rresp = read_result;
    assign irq = there;

    initial begin
        sent = 1'b0;
        sent_last = 1'b0;
        sent_data = 32'd0;
        written = 1'b0;
        write_result = OKAY;
        given = 1'b0;
        read_result = OKAY;
        read_data = 32'd0;
    end

    always @(posedge aclk) begin
        if (taken) sent <= 1'b0;
        if (s_axil_bready) written <= 1'b0;
        if (write) begin
            written <= 1'b1;
            write_result <= is_word ? OKAY : SLVERR;
            if (is_word) begin
                sent <= 1'b1;
                sent_data <= s_axil_wdata;
                sent_last <= s_axil_awaddr[3];
            end
        end
        if (s_axil_rready) given <= 1'b0;
        if (read) begin
            given <= 1'b1;
            read_result <= (reads_status || takes) ? OKAY : SLVERR;
            read_data <= reads_status ? {28'd0, busy, there_last & there, there, !sent} : takes ? there_data : 32'd0;
        end
        if (!aresetn) begin
            sent <= 1'b0;
            written <= 1'b0;
            given <= 1'b0;
        end
    end

    wire ready;
    assign taken = sent && ready;
    wire [2:0] unused_phase;
    wire unused = &{1'b0, unused_phase, s_axil_awprot, s_axil_arprot, s_axil_awaddr[1:0], s_axil_araddr[1:0]};

    eqprop_axis engine (
        .aclk(aclk),
        .aresetn(aresetn),
        .s_axis_tvalid(sent),
        .s_axis_tready(ready),
        .s_axis_tdata(sent_data),
        .s_axis_tlast(sent_last),
        .m_axis_tvalid(there),
        .m_axis_tready(takes),
        .m_axis_tdata(there_data),
        .m_axis_tlast(there_last),
        .busy(busy),
        .phase(unused_phase)
    );
endmodule
