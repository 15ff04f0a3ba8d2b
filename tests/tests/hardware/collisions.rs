//! What a block RAM gives for a word that is written in the same cycle is undefined, and synthesis is told that
//! nobody asks (`-no-rw-check`). Here such a read gives the word's complement, in every memory of the core.

use super::common::Hardware;
use super::mutation::subject;
use sim::bittrue::Mode;

/// Makes every memory of `text` answer with the complement where `when` holds; returns how many there are.
fn spoil(text: &mut String, when: &str) -> usize {
    let mut memories = 0;
    let lines = text.lines().map(|line| {
        let read = line.trim().strip_prefix("word <= mem[read_address");
        let Some(range) = read.and_then(|rest| rest.strip_suffix("];")) else {
            return line.to_string();
        };
        memories += 1;
        let (read, write) = (
            format!("read_address{range}"),
            format!("write_address{range}"),
        );
        let when = when.replace(
            "COLLISION",
            &format!("(write_enable & ({read} == {write}))"),
        );
        format!("        word <= {when} ? ~mem[{read}] : mem[{read}];")
    });
    *text = lines.collect::<Vec<_>>().join("\n") + "\n";
    memories
}

/// Trains with memories that `when` spoils; whether all writes were as the models made them.
fn trains(when: &str) -> bool {
    let case = subject();
    let mut memories = 0;
    let hardware = Hardware::altered([&case.network], 2, |text| memories = spoil(text, when));
    assert!(memories >= 5, "{memories} memories");
    let mut lockstep = hardware.lockstep(&case, hardware.model(0), None);
    let mut samples = case.samples.iter();
    samples.all(|sample| lockstep.sample(sample, Mode::Learn).is_ok())
}

#[test]
fn a_word_that_is_read_while_it_is_written_is_never_used() {
    assert!(trains("COLLISION"));
    // A word that is used would be missed.
    assert!(!trains("(COLLISION | (read_address == 16'd1))"));
}
