//! Hardware with a fault: the mismatch leaves a waveform around it.

use std::fs;

use clap::Parser;
use hdl::design::CORE;
use sim::data::Given;
use sim::lockstep::LockstepError;
use sim::progress::Silent;
use sim::verilate::Trace;

use super::{wave, Bench, Report};
use crate::args::Common;

/// The shared arguments alone.
#[derive(Parser)]
struct Only {
    #[command(flatten)]
    common: Common,
}

#[test]
fn a_mismatch_leaves_a_waveform_of_the_failing_sample() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let out_text = out.to_str().unwrap();
    let arguments = [
        "eqprop",
        "--network",
        "xor",
        "--lanes",
        "2",
        "--out",
        out_text,
    ];
    let resolved = Only::parse_from(arguments).common.resolve().unwrap();
    let Ok(mut bench) = Bench::new(&resolved, Given::default(), 3) else {
        panic!("xor has hardware")
    };
    // A sum that loses a bit only when it is large fails late in a run, if at all: take a plain one.
    let (before, after) = ("sum_in + addend;", "sum_in - addend;");
    assert!(
        bench.hardware.design.text.contains(before),
        "{CORE} has changed: choose another fault"
    );
    bench.hardware.design.text = bench.hardware.design.text.replace(before, after);

    let library = bench.hardware.library(Trace::Vcd).unwrap();
    let mut lockstep = bench.lockstep(&library).unwrap();
    let outcome = bench.run(&mut lockstep, &Silent, |_, _, _| ());
    let Err(LockstepError::Mismatch(mismatch)) = outcome else {
        panic!("{outcome:?}")
    };
    let report = Report::new(&bench, lockstep.totals(), Some(&mismatch));
    assert_eq!((report.mismatches, report.samples), (1, 0));
    assert!(report.to_string().contains(&mismatch.to_string()));

    let vcd = wave::around(&bench, &library, &mismatch).unwrap().unwrap();
    assert_eq!(vcd, out.join("mismatch.vcd"));
    let text = fs::read_to_string(&vcd).unwrap();
    assert!(text.contains("layer2_unit0_error"));
    // Viewers open within a hundred cycles of it: 10 ns each.
    let save = fs::read_to_string(out.join("mismatch.gtkw")).unwrap();
    let start = save
        .lines()
        .find_map(|line| line.strip_prefix("[timestart] "))
        .unwrap();
    let start: u64 = start.parse().unwrap();
    assert!(
        start.abs_diff(10 * (mismatch.cycle - 100)) <= 10 * 4,
        "{start} {mismatch}"
    );
    let left = fs::read_dir(&out)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut left: Vec<_> = left.collect();
    left.sort();
    assert_eq!(
        left,
        [
            ".surfer",
            "mismatch.gtkw",
            "mismatch.operation.gtkwfilter",
            "mismatch.phase.gtkwfilter",
            "mismatch.sucl",
            "mismatch.vcd"
        ]
    );
}
