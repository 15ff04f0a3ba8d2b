//! Rules of the block RAM.

use super::Cell;

/// Both ports run on one clock; nothing is written, both ports read.
const RAM: Cell = Cell {
    name: "DP16KD",
    inputs: &[
        ("clock", 1, "0"),
        ("dia", 18, "0"),
        ("ada", 14, "0"),
        ("cea", 1, "1"),
        ("ocea", 1, "1"),
        ("wea", 1, "0"),
        ("rsta", 1, "0"),
        ("csa", 3, "0"),
        ("dib", 18, "0"),
        ("adb", 14, "0"),
        ("ceb", 1, "1"),
        ("oceb", 1, "1"),
        ("web", 1, "0"),
        ("rstb", 1, "0"),
        ("csb", 3, "0"),
    ],
    outputs: &[("doa", 18), ("dob", 18)],
};

/// Memory, "Initializing Memory": INITVAL_00 to 3F hold the words, the first one lowest. Each has 80 hexadecimal digits
/// for 16 words of 18 bits, so a word takes 20 of its bits (prjtrellis and yosys's `brams_map_16kd.v` alike).
#[test]
fn initial_words_of_eighteen_bits_lie_twenty_bits_apart() {
    RAM.obeys(
        &[
            "INITVAL_00 = (320'h2abcd << 60) | 320'h12345",
            "INITVAL_3F = 320'h3ffff << 300",
        ],
        "cycle; see(dob, 18'h12345);
         adb = 3 << 4; cycle; see(dob, 18'h2abcd);
         adb = 1023 << 4; cycle; see(dob, 18'h3ffff);
         ada = 1022 << 4; cycle; see(doa, 18'h0);",
    );
}

/// Memory, "True Dual-Port RAM", table of sizes and ports: 1,024 × 18, 2,048 × 9, 4,096 × 4, 8,192 × 2, 16,384 × 1.
/// A narrower word is a part of a wider one, the lowest address in its lowest bits; below 9 bits the ninth bit of each
/// byte is left out. The address is aligned to the top of AD.
#[test]
fn narrow_words_are_parts_of_wide_ones() {
    for width in [18, 9, 4, 2, 1] {
        let value = "18'b1_10110010_0_01101001";
        let mut body =
            format!("dia = {value}; wea = 1; ada = (5 << 4) | 3; cycle; wea = 0; adb = 5 << 4;");
        let bytes = if width == 18 { 1 } else { 2 };
        for (byte, bit) in
            (0..bytes).flat_map(|byte| (0..8).step_by(width).map(move |bit| (byte, bit)))
        {
            body += &format!(
                "adb[3:0] = {}; cycle; see(dob, ({value} >> {}) & ((1 << {width}) - 1));\n",
                8 * byte + bit,
                9 * byte + bit
            );
        }
        RAM.obeys(&[&format!("DATA_WIDTH_B = {width}")], &body);
    }
}

/// The same for writing: every bit of a word of 18 bits but the ninths can be written alone.
#[test]
fn narrow_writes_leave_the_rest_of_the_word() {
    RAM.obeys(
        &["DATA_WIDTH_A = 1", "INITVAL_00 = 320'h3ffff"],
        "wea = 1; dia = 0; ada = 2; cycle; ada = 8 + 7; cycle; wea = 0;
         cycle; see(dob, 18'h3ffff & ~(1 << 2) & ~(1 << 16));",
    );
    RAM.obeys(
        &["DATA_WIDTH_A = 4"],
        "wea = 1; dia = 4'h5; ada = 4; cycle; ada = 8; cycle; wea = 0;
         cycle; see(dob, (18'h5 << 9) | 18'h50);",
    );
}

/// Memory, "Byte Enable": with 18 bits AD0 enables the lower and AD1 the upper nine bits of a write, and they do not
/// address.
#[test]
fn bytes_of_eighteen_bits_are_enabled_one_by_one() {
    RAM.obeys(
        &[],
        "wea = 1; dia = 18'h3ffff; ada = 1; cycle; see(doa, 0);
         wea = 0; ada = 0; cycle; see(doa, 18'h1ff);
         wea = 1; ada = 2; cycle; wea = 0; cycle; see(doa, 18'h3ffff);
         wea = 1; dia = 0; ada = 0; cycle; wea = 0; cycle; see(doa, 18'h3ffff);",
    );
}

/// Memory, "Pseudo Dual-Port RAM", 512 × 36: port A writes and port B reads; the lower 18 bits go through DIA and DOA,
/// the upper ones through DIB and DOB, AD0 to AD3 enable the bytes (nextpnr's and yosys's mapping of PDPW16KD).
#[test]
fn thirty_six_bits_go_through_the_pins_of_both_ports() {
    let wide = ["DATA_WIDTH_A = 36", "DATA_WIDTH_B = 36"];
    RAM.obeys(
        &wide,
        "wea = 1; dia = 18'h15555; dib = 18'h2abcd; ada = (7 << 5) | 15; cycle; wea = 0;
         adb = 7 << 5; cycle; see({dob, doa}, {18'h2abcd, 18'h15555});
         wea = 1; dia = 18'h3ffff; dib = 18'h3ffff; ada = (7 << 5) | 4'b0101; cycle; wea = 0;
         cycle; see({dob, doa}, {18'h2abcd | 18'h1ff, 18'h15555 | 18'h1ff});",
    );
    let registers = [
        "REGMODE_A = \"OUTREG\"",
        "REGMODE_B = \"OUTREG\"",
        "INITVAL_00 = (320'h2abcd << 20) | 320'h15555",
    ];
    RAM.obeys(
        &[&wide[..], &registers].concat(),
        "cycle; see({dob, doa}, 0); cycle; see({dob, doa}, {18'h2abcd, 18'h15555});",
    );
    // A narrower word is read through DOB alone.
    RAM.obeys(
        &["DATA_WIDTH_A = 36", "DATA_WIDTH_B = 9"],
        "wea = 1; dia = 18'h15555; dib = 18'h2abcd; ada = (7 << 5) | 15; cycle; wea = 0;
         adb = (7 << 5) | (3 << 3); cycle; see(dob, 18'h2abcd >> 9);
         adb = (7 << 5) | (1 << 3); cycle; see(dob, 18'h15555 >> 9);",
    );
}

/// Memory, "Attribute Definitions", REGMODE: NOREG leaves the output pipeline register out, OUTREG puts it in.
#[test]
fn an_output_register_takes_one_more_edge() {
    let body = |edges: usize| {
        format!(
            "{} see(doa, 18'h12345); see(dob, 18'h12345);
             ada = 16; adb = 16; {} see(doa, 18'h12345); {} see(doa, 18'h54321 & 18'h3ffff);",
            "cycle; ".repeat(edges),
            "cycle; ".repeat(edges - 1),
            "cycle;"
        )
    };
    let words = "INITVAL_00 = (320'h14321 << 20) | 320'h12345";
    RAM.obeys(&[words], &body(1));
    let registers = ["REGMODE_A = \"OUTREG\"", "REGMODE_B = \"OUTREG\"", words];
    RAM.obeys(&registers, &body(2));
}

/// Memory, "True Dual-Port RAM", port definitions: CE enables the port, OCE the output register only.
#[test]
fn clock_enables_hold_the_port_and_its_output_register() {
    RAM.obeys(
        &["REGMODE_B = \"OUTREG\"", "INITVAL_00 = 320'h12345"],
        "cea = 0; ceb = 0; wea = 1; dia = 18'h3ffff; ada = 3; cycle; cea = 1; wea = 0; cycle; cycle; see(dob, 0); see(doa, 18'h12345);
         ceb = 1; oceb = 0; cycle; cycle; see(dob, 0);
         ceb = 0; oceb = 1; cycle; see(dob, 18'h12345);",
    );
}

/// Memory, "Attribute Definitions", CSDECODE: a port is selected where CS has this value.
#[test]
fn a_port_answers_to_its_chip_select_only() {
    RAM.obeys(
        &["CSDECODE_A = \"0b101\"", "CSDECODE_B = \"0b110\""],
        "csb = 6; wea = 1; dia = 18'h3ffff; ada = 3;
         for (i = 0; i < 8; i = i + 1)
             if (i != 5) begin csa = i; cycle; end
         cycle; see(dob, 0);
         csb = 3; csa = 5; cycle; wea = 0; cycle; see(dob, 0); csb = 6; cycle; see(dob, 18'h3ffff);",
    );
}

/// Memory, "Attribute Definitions", WRITEMODE NORMAL: "the output data does not change" by a write.
#[test]
fn a_normal_write_keeps_the_output() {
    RAM.obeys(
        &["INITVAL_00 = (320'h22222 << 20) | 320'h11111"],
        "cycle; see(doa, 18'h11111); wea = 1; ada = 16 | 3; dia = 18'h33333; cycle; see(doa, 18'h11111);
         wea = 0; cycle; see(doa, 18'h33333);",
    );
}

/// WRITEMODE WRITETHROUGH: the output takes the input data.
#[test]
fn a_write_through_shows_what_is_written() {
    RAM.obeys(
        &["WRITEMODE_A = \"WRITETHROUGH\""],
        "wea = 1; ada = 3; dia = 18'h33333; cycle; see(doa, 18'h33333);",
    );
}

/// WRITEMODE READBEFOREWRITE: the output takes what the word was.
#[test]
fn a_read_before_a_write_shows_what_was_there() {
    RAM.obeys(
        &["WRITEMODE_B = \"READBEFOREWRITE\"", "INITVAL_00 = 320'h11111"],
        "web = 1; adb = 3; dib = 18'h33333; cycle; see(dob, 18'h11111); cycle; see(dob, 18'h33333);",
    );
}

/// Memory, "True Dual-Port RAM": both ports read and write, each with its own width, and see each other's writes.
#[test]
fn both_ports_write() {
    RAM.obeys(
        &["DATA_WIDTH_A = 9", "DATA_WIDTH_B = 18"],
        "wea = 1; web = 1; dia = 9'h155; ada = 8; dib = 18'h2aaaa; adb = 16 | 3; cycle; wea = 0; web = 0;
         ada = 16; adb = 0; cycle; see(doa, 18'h2aaaa & 18'h1ff); see(dob, 18'h155 << 9);
         wea = 1; web = 1; ada = 32; adb = 32 | 2; dib = 18'h1ff << 9; dia = 9'h0aa; cycle; wea = 0; web = 0;
         cycle; see(dob, (18'h1ff << 9) | 18'h0aa);",
    );
}

/// Memory, "True Dual-Port RAM": what comes of one word that both ports reach at once, one of them writing, is not
/// defined. The twin inverts the bits, so that it is neither the old nor the new ones by chance.
#[test]
fn a_word_that_the_other_port_writes_is_inverted() {
    RAM.obeys(
        &["INITVAL_00 = 320'h12345"],
        "wea = 1; ada = 1; dia = 18'h00fff; cycle; see(dob, 18'h12345 ^ 18'h1ff); wea = 0;
         cycle; see(dob, (18'h12345 & ~18'h1ff) | 18'h1ff);
         wea = 1; web = 1; ada = 3; adb = 3; dia = 0; dib = 0; cycle; wea = 0; web = 0; cycle; see(dob, 18'h3ffff);",
    );
}

/// Memory, "True Dual-Port RAM", port definitions: RST clears the outputs, not the memory; "Attribute Definitions",
/// RESETMODE: with the clock or at once. A reset needs no CE, and a synchronous one prevents a write (yosys's
/// `brams_16kd.txt`: `rdsrst zero ungated block_wr`).
#[test]
fn a_reset_clears_the_outputs_and_not_the_memory() {
    RAM.obeys(
        &["REGMODE_B = \"OUTREG\"", "INITVAL_00 = 320'h12345"],
        "cycle; cycle; see(doa, 18'h12345); see(dob, 18'h12345);
         rsta = 1; rstb = 1; ceb = 0; oceb = 0; #1 see(doa, 18'h12345); wea = 1; ada = 3;
         cycle; see(doa, 0); see(dob, 0); ada = 0;
         wea = 0; rsta = 0; rstb = 0; ceb = 1; oceb = 1; cycle; cycle; see(doa, 18'h12345); see(dob, 18'h12345);",
    );
    RAM.obeys(
        &["RESETMODE = \"ASYNC\"", "INITVAL_00 = 320'h12345"],
        "cycle; see(doa, 18'h12345); rsta = 1; #1 see(doa, 0); see(dob, 18'h12345);",
    );
}

/// Memory, "Pseudo Dual-Port RAM": one REGMODE for the whole word, none of the write modes.
#[test]
fn what_is_not_modelled_is_refused() {
    let wide =
        |rest: &[&str]| RAM.refuses(&[&["DATA_WIDTH_A = 36", "DATA_WIDTH_B = 36"], rest].concat());
    assert!(wide(&["REGMODE_A = \"OUTREG\""]));
    assert!(wide(&["REGMODE_B = \"OUTREG\""]));
    assert!(wide(&["WRITEMODE_A = \"WRITETHROUGH\""]));
    assert!(!wide(&["REGMODE_A = \"OUTREG\"", "REGMODE_B = \"OUTREG\""]));
}
