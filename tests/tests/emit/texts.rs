//! Raw texts that rust-hdl or a custom block may print: names, constants, vendor cells, errors.

use hdl::emit::{clean, Options};

fn error(body: &str) -> String {
    let raw = format!("module top(clock,a,s,q);\ninput wire clock;\ninput wire [7:0] a;\n\
                       input wire signed [15:0] s;\noutput reg [7:0] q;\n{body}\nendmodule // top\n");
    let options = Options {
        top_name: "design".into(),
        header: Vec::new(),
        ..Options::default()
    };
    match clean(&raw, &options) {
        Ok(emitted) => panic!("accepted:\n{}", emitted.text),
        Err(error) => error.to_string(),
    }
}

#[test]
fn errors_name_module_line_and_construct() {
    let bodies = [
        "`ifdef SYNTHESIS",
        "always @(*) q = 8'q1;",
        "always @(*) q = a +;",
        "always @(*) q = missing;",
        "wire [7:0] a;",
        "always @(a) q = a;",
        "always @(*) casez (a) 8'd1: q = a; endcase",
        "generate endgenerate",
        "parameter WIDTH = 3;",
        "wire [7:4] part;",
        "always @(*) q = a[9:2];",
        "always @(*) q = $clog2(a);",
        "child instance_of_nothing(.a(a));",
        "top itself(.clock(clock));",
        "always @(*) q = a / 8'd3;",
        "always @(*) q = s < 32'h0;",
        "wire signed [39:0] sum = $signed(s * s);",
        "initial begin q = 0;",
    ];
    let errors: Vec<String> = bodies
        .iter()
        .map(|b| format!("{b}\n    {}", error(b)))
        .collect();
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn names_that_systemverilog_reserves_and_clashes() {
    let raw = "module top(bit,a$b);\ninput wire bit;\noutput reg a$b;\nreg a_b;\n\
               always @(*) begin a_b = bit; a$b = ~a_b; end\nendmodule\n";
    let options = Options {
        top_name: "design".into(),
        header: Vec::new(),
        ..Options::default()
    };
    insta::assert_snapshot!(clean(raw, &options).unwrap().text, @r#"
    module design (
        input wire bit_,
        output wire a_b_2
    );
        wire a_b;

        assign a_b = bit_;
        assign a_b_2 = !a_b;
    endmodule
    "#);
}

#[test]
fn a_net_may_not_be_called_like_any_word_of_systemverilog() {
    let raw = "module top(a,b);\ninput wire a;\noutput reg b;\nreg within;\n\
               always @(*) begin within = a; b = ~within; end\nendmodule\n";
    let options = Options {
        top_name: "top".into(),
        header: Vec::new(),
        ..Options::default()
    };
    let text = clean(raw, &options).unwrap().text;
    assert!(text.contains("wire within_;"), "{text}");
}

#[test]
fn what_reads_only_itself_is_removed() {
    let raw = r#"module top(clock,a,b);
input wire clock;
input wire [3:0] a;
output wire [3:0] b;
reg [3:0] count$d;
wire [3:0] count$q;
wire [3:0] used$q;
top$count count(.d(count$d),.q(count$q),.clock(clock));
top$count used(.d(a),.q(used$q),.clock(clock));
always @(*) begin count$d = count$q + 4'd1; end
assign b = used$q;
endmodule
module top$count(d,q,clock);
input wire [3:0] d;
output reg [3:0] q;
input wire clock;
initial begin q = 4'd0; end
always @(posedge clock) begin q <= d; end
endmodule
"#;
    let options = Options {
        top_name: "top".into(),
        header: Vec::new(),
        ..Options::default()
    };
    let text = clean(raw, &options).unwrap().text;
    assert!(text.contains("used"), "{text}");
    assert!(!text.contains("count"), "{text}");
}

/// A register cell whose flip-flop starts at 5, and a module of which only a constant is left.
#[test]
fn small_modules_are_in_their_parents() {
    let raw = r#"module top(clock,write,data,q,limit);
input wire clock;
input wire write;
input wire [3:0] data;
output reg [3:0] q;
output reg [7:0] limit;
wire [3:0] kept$value;
wire [7:0] stub$limit;
top$kept kept(.clock(clock),.write(write),.data(data),.value(kept$value));
top$stub stub(.write(write),.limit(stub$limit));
always @(*) begin q = kept$value; limit = stub$limit; end
endmodule
module top$kept(clock,write,data,value);
input wire clock;
input wire write;
input wire [3:0] data;
output reg [3:0] value;
reg [3:0] store$d;
wire [3:0] store$q;
reg store$clock;
top$kept$store store(.d(store$d),.q(store$q),.clock(store$clock));
always @(*) begin
store$clock = clock;
store$d = store$q;
if (write) begin store$d = data; end
value = store$q;
end
endmodule
module top$kept$store(d,q,clock);
input wire [3:0] d;
output reg [3:0] q;
input wire clock;
localparam init = 4'h5;
reg [3:0] dff$d;
wire [3:0] dff$q;
reg dff$clock;
top$kept$store$dff dff(.d(dff$d),.q(dff$q),.clock(dff$clock));
always @(*) begin dff$clock = clock; q = dff$q ^ init; dff$d = d ^ init; end
endmodule
module top$kept$store$dff(d,q,clock);
input wire [3:0] d;
output reg [3:0] q;
input wire clock;
initial begin q = 4'd0; end
always @(posedge clock) begin q <= d; end
endmodule
module top$stub(write,limit);
input wire write;
output wire [7:0] limit;
assign limit = 8'd9;
endmodule
"#;
    let options = Options {
        top_name: "top".into(),
        ..Options::default()
    };
    insta::assert_snapshot!(clean(raw, &options).unwrap().text);
    super::check(raw, "parent");
}

/// Bits that nothing reads are named once; a part that begins at a constant counts as read, and no more.
#[test]
fn what_nothing_reads_is_named() {
    let raw =
        "module top(a,b,c,q);\ninput wire [7:0] a;\ninput wire [3:0] b;\ninput wire [7:0] c;\n\
               output reg [3:0] q;\nlocalparam at = 3'h2;\n\
               always @(*) begin q = a[at +: 4] ^ {c[7:6], c[1:0]}; end\nendmodule\n";
    let options = Options {
        top_name: "top".into(),
        ..Options::default()
    };
    let text = clean(raw, &options).unwrap().text;
    let wire = "wire unused = &{1'b0, a[7:6], a[1:0], b, c[5:2]};";
    assert!(text.contains(wire), "{text}");
}

#[test]
fn a_negative_constant_of_rust_hdl_is_read() {
    let raw = "module top(s,q);\ninput wire signed [15:0] s;\noutput reg q;\n\
               localparam signed c = 16'h-5;\n\
               always @(*) begin q = s < c; end\nendmodule\n";
    let options = Options {
        top_name: "design".into(),
        header: Vec::new(),
        ..Options::default()
    };
    let text = clean(raw, &options).unwrap().text;
    assert!(
        text.contains("localparam signed [15:0] c = 16'hfffb;"),
        "{text}"
    );
}

#[test]
fn vendor_cells_keep_their_text() {
    let raw = "module top(clock,fast);\ninput wire clock;\noutput wire fast;\n\
               (* keep *) PLL #(.DIVIDE(4), .MODE(\"FAST\"), .MASK(8'h0f)) pll$a(.IN(clock), .OUT(fast), .LOCK());\n\
               endmodule // top\n\
               (* blackbox *)\nmodule PLL(IN, OUT, LOCK);\nparameter DIVIDE = 1;\n\
               input IN; output OUT; output LOCK;\nendmodule\n";
    let options = Options {
        top_name: "design".into(),
        header: Vec::new(),
        ..Options::default()
    };
    insta::assert_snapshot!(clean(raw, &options).unwrap().text);
}

#[test]
fn conflicting_black_boxes_are_refused() {
    let raw = "module top(a);\ninput wire a;\nendmodule\n\
               (* blackbox *)\nmodule CELL(A);\ninput A;\nendmodule\n\
               (* blackbox *)\nmodule CELL(B);\ninput B;\nendmodule\n";
    let options = Options {
        top_name: "design".into(),
        header: Vec::new(),
        ..Options::default()
    };
    let error = clean(raw, &options).unwrap_err().to_string();
    assert!(
        error.contains("two different definitions of module `CELL`"),
        "{error}"
    );
}
