//! Frames damaged one by one: no wrong weight, no hang, every one counted.

use super::{report, Running};
use hdl::arch::protocol::{Decoder, Frame, Received, Request};
use hdl::arch::registers::Register;
use hdl::arch::stream;
use sim::bittrue::Xorshift;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use tempfile::TempDir;

/// Sends `count` frames, each of them damaged: a byte changed, lost or doubled, or the end cut off. Undamaged
/// ones would write weights, draw random numbers or learn.
fn damaged_frames(count: usize, seed: u32) {
    let folder = TempDir::new().unwrap();
    let running = Running::start(folder.path(), &["--network", "xor", "--fast"]);
    let on = |arguments: &[&str]| {
        let port = ["--port", running.port.as_str(), "--network", "xor"];
        report(folder.path(), &[arguments, &port].concat())
    };
    on(&["load"]);
    on(&["read", "--raw", "--save", "before.npz"]);
    let counters = |report: &serde_json::Value| -> Vec<u64> {
        let counters = report["counters"].as_array().unwrap();
        counters
            .iter()
            .map(|counter| counter.as_u64().unwrap())
            .collect()
    };
    let before = counters(&on(&["info"]));

    let mut random = Xorshift::seed(seed);
    let mut port = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&running.port)
        .unwrap();
    let mut decoder = Decoder::default();
    let mut expected = 0;
    for _ in 0..count {
        let bytes = damage(&dangerous(&mut random), &mut random);
        // What a receiver must make of them is known from ours, which is the same machine in Rust.
        for received in decoder.extend(bytes.iter().copied()) {
            assert_eq!(received, Received::Damaged);
            expected += 1;
        }
        port.write_all(&bytes).unwrap();
    }
    // A cut frame at the end is closed by the flag of the next hello.
    expected += decoder.extend([0x7E]).len() as u64;
    drop(port);

    let after = counters(&on(&["info"]));
    assert_eq!(after[4] - before[4], expected, "seed {seed}");
    assert_eq!(after[0], before[0], "no sample was run");
    on(&["read", "--raw", "--save", "after.npz"]);
    let bytes = |name: &str| {
        let mut bytes = vec![];
        let mut file = File::open(folder.path().join(name)).unwrap();
        file.read_to_end(&mut bytes).unwrap();
        bytes
    };
    assert_eq!(bytes("before.npz"), bytes("after.npz"));
    assert_eq!(on(&["test"])["mismatches"], 0);
}

/// A frame that would change something.
fn dangerous(random: &mut Xorshift) -> Frame {
    let state = |random: &mut Xorshift| random.draw() & 0xFFF;
    let words = match random.draw() % 3 {
        0 => {
            let input = [state(random), state(random)];
            stream::sample(&input, stream::Purpose::Learn(&[state(random)]), true)
        }
        1 => vec![1 << 24 | 2 << 16 | 2, 3, random.advance(), random.advance()],
        _ => stream::write_register(Register::Random, random.advance()),
    };
    Frame::request(random.draw() as u8, Request::Core, words)
}

/// Its bytes with one of them changed, lost or doubled, or without its end.
fn damage(frame: &Frame, random: &mut Xorshift) -> Vec<u8> {
    loop {
        let mut bytes = frame.encode();
        let at = random.draw() as usize % bytes.len();
        match random.draw() % 4 {
            0 => bytes[at] ^= (1 + random.draw() % 255) as u8,
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, bytes[at]),
            _ => bytes.truncate(at),
        }
        // A lost or doubled flag damages nothing.
        let harmless = |received: &Received| matches!(received, Received::Frame(_));
        let alone = Decoder::default().extend([&[0x7E], &bytes[..], &[0x7E]].concat());
        if !alone.iter().any(harmless) {
            return bytes;
        }
    }
}

#[test]
fn five_hundred_damaged_frames_change_no_weight() {
    damaged_frames(500, 1);
}

#[test]
#[ignore = "a minute"]
fn ten_thousand_damaged_frames_change_no_weight() {
    damaged_frames(10_000, 2);
}
