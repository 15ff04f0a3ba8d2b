// The host's end of a serial line, at the pins of a board: ten bits of s_data go out lowest first, DIVIDER cycles
// each, so that a test can send what no UART would; a byte that the board sends comes back as a word, bit 8
// telling that its stop bit is missing.
module eqprop_line #(parameter [15:0] DIVIDER = 16'd1) (
    input wire clock,
    input wire reset,
    input wire s_valid,
    output wire s_ready,
    input wire [31:0] s_data,
    input wire s_last,
    output reg m_valid,
    input wire m_ready,
    output reg [31:0] m_data,
    output wire m_last,
    output wire busy
);
    reg [9:0] sending = 10'h3ff;
    reg [3:0] bits_left = 4'd0;
    reg [15:0] send_timer = 16'd0;
    reg receiving = 1'b0;
    reg [3:0] position = 4'd0;
    reg [15:0] receive_timer = 16'd0;
    reg [7:0] byte_in = 8'd0;
    wire uart_rx = sending[0];
    wire uart_tx;
    wire unused = &{1'b0, s_data[31:10], s_last, m_ready, reset};

    initial begin
        m_valid = 1'b0;
        m_data = 32'd0;
    end

    assign s_ready = send_timer == 16'd0 && bits_left <= 4'd1;
    assign m_last = m_valid;

    always @(posedge clock) begin
        if (send_timer != 16'd0)
            send_timer <= send_timer - 16'd1;
        else if (bits_left > 4'd1) begin
            sending <= {1'b1, sending[9:1]};
            bits_left <= bits_left - 4'd1;
            send_timer <= DIVIDER - 16'd1;
        end else if (s_valid) begin
            sending <= s_data[9:0];
            bits_left <= 4'd10;
            send_timer <= DIVIDER - 16'd1;
        end else begin
            sending <= 10'h3ff;
            bits_left <= 4'd0;
        end
    end

    always @(posedge clock) begin
        m_valid <= 1'b0;
        if (!receiving) begin
            receiving <= !uart_tx;
            position <= 4'd0;
            receive_timer <= DIVIDER / 2 - 16'd1;
        end else if (receive_timer != 16'd0)
            receive_timer <= receive_timer - 16'd1;
        else begin
            receive_timer <= DIVIDER - 16'd1;
            position <= position + 4'd1;
            if (position == 4'd0)
                receiving <= !uart_tx;
            else if (position == 4'd9) begin
                receiving <= 1'b0;
                m_valid <= 1'b1;
                m_data <= {23'd0, !uart_tx, byte_in};
            end else
                byte_in <= {uart_tx, byte_in[7:1]};
        end
    end
