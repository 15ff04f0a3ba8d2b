//! Waveforms.

use crate::common::{echo, job, quick, shared_cache};
use sim::verilate::*;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

fn traced(trace: Trace) -> Model {
    let options = BuildOptions { trace, ..quick() };
    build(&echo(&[]), &options, &shared_cache())
        .unwrap_or_else(|error| panic!("{error}"))
        .instance()
}

fn run(core: &mut Model) {
    core.run(&job(), &mut Vec::new(), &mut Vec::new()).unwrap();
}

/// Times at which a one-bit signal of the core rises.
fn rises(path: &Path, signal: &str) -> Vec<u64> {
    let mut reader = vcd::Parser::new(BufReader::new(File::open(path).unwrap()));
    let header = reader.parse_header().unwrap();
    assert_eq!(header.timescale, Some((1, vcd::TimescaleUnit::NS)));
    let code = header.find_var(&["TOP", "echo", signal]).unwrap().code;
    let (mut now, mut before, mut times) = (0, vcd::Value::X, Vec::new());
    for command in reader {
        match command.unwrap() {
            vcd::Command::Timestamp(time) => now = time,
            vcd::Command::ChangeScalar(id, value) if id == code => {
                if before == vcd::Value::V0 && value == vcd::Value::V1 {
                    times.push(now);
                }
                before = value;
            }
            _ => {}
        }
    }
    times
}

#[test]
fn a_vcd_shows_cycle_n_at_ten_n_nanoseconds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("echo.vcd");
    let mut core = traced(Trace::Vcd);
    core.trace_to(&path).unwrap();
    run(&mut core);
    core.close_trace().unwrap();
    let edges: Vec<u64> = (0..15).map(|n| 10 * n + 5).collect();
    assert_eq!(rises(&path, "clock"), edges);
    // Words are taken at cycles 0, 5 and 10, the register behind follows the edge.
    assert_eq!(rises(&path, "full"), [5, 55, 105]);
    assert_eq!(core.time_ns(5), 50);
}

#[test]
fn traces_follow_one_another_and_a_reset() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["first.vcd", "second.vcd"].map(|name| folder.path().join(name));
    let mut core = traced(Trace::Vcd);
    core.trace_to(&first).unwrap();
    core.step(2);
    core.reset();
    assert_eq!(core.time_ns(0), 20 + 10 * u64::from(RESET_CYCLES));
    run(&mut core);
    core.trace_to(&second).unwrap();
    run(&mut core);
    drop(core);
    assert_eq!(rises(&first, "full"), [65, 115, 165]);
    assert_eq!(rises(&second, "full"), [155, 205, 255]);
}

#[test]
fn an_fst_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("echo.fst");
    let mut core = traced(Trace::Fst);
    core.trace_to(&path).unwrap();
    run(&mut core);
    core.close_trace().unwrap();
    // A header block of 329 bytes, then at least one of values.
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!((bytes[0], &bytes[1..9]), (0, &329u64.to_be_bytes()[..]));
    assert!(bytes.len() > 400, "{} bytes", bytes.len());
}

#[test]
fn a_full_disk_stops_the_run_and_not_the_program() {
    let mut core = traced(Trace::Vcd);
    core.trace_to(Path::new("/dev/full")).unwrap();
    run(&mut core);
    let error = core.close_trace().unwrap_err().to_string();
    assert!(error.contains("No space left on device"), "{error}");
}

#[test]
fn a_trace_that_cannot_be_written_says_why() {
    let mut core = traced(Trace::Vcd);
    let error = core.trace_to(Path::new("/nowhere/echo.vcd")).unwrap_err();
    insta::assert_snapshot!(error, @"cannot write the waveform /nowhere/echo.vcd: No such file or directory (os error 2)");
    run(&mut core);

    let error = crate::common::model(&[]).trace_to(Path::new("echo.vcd"));
    insta::assert_snapshot!(error.unwrap_err(), @r"
    this model was built without waveforms
    help: build it with Trace::Vcd or Trace::Fst
    ");
}
