//! `eqprop demo`: the main job from end to end on the embedded digits.

use std::fmt;
use std::path::PathBuf;

use hdl::board::Board;
use serde::Serialize;
use sim::bittrue::Mode;
use sim::lockstep::{Lockstep, LockstepError};
use sim::verilate::Trace;

use crate::args::{Common, Data};
use crate::claim::{Claim, Kind};
use crate::cmd::build::{self, Built};
use crate::cmd::train;
use crate::cosim::{settling, wave, Bench, Report, Workload};
use crate::error::{Explained, Failure};
use crate::output::{self, Printer};
use crate::report::table::{grouped, Align, Table};
use crate::train::run::{execute, OnInterrupt};
use crate::train::{Outcome, Settings};

/// Run the main job: Verilog, co-simulated settling and learning, waveforms, plots, a bitstream
///
/// Without arguments it takes the embedded digits and the board of the network file.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop demo")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    data: Data,
}

/// Samples that are co-simulated.
const SAMPLES: usize = 20;

/// What the demo shows, as `--json` prints it.
#[derive(Serialize)]
struct Demo {
    verilog: PathBuf,
    cosim: Report,
    plot: [PathBuf; 2],
    train: Outcome,
    build: Built,
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    let data = arguments.data.given();
    let board = Board::load(&resolved.network.engine.board)?;
    let claim = |kind| Claim::new(&resolved.out, kind);
    let _claims = (
        claim(Kind::Verilog)?,
        claim(Kind::Waveforms)?,
        claim(Kind::Training)?,
    );
    let build_claim = build::claim(&resolved)?;

    let mut bench = Bench::new(&resolved, data, SAMPLES)?;
    bench.mode = Mode::Learn;
    let verilog = resolved
        .out
        .join(format!("{}.v", bench.hardware.design.top));
    output::write(&verilog, bench.hardware.design.text.as_bytes())?;
    printer.note(&format!("1/5 Verilog of the core: {}", verilog.display()));

    printer.note("2/5 co-simulation, every state and learned weight against both models");
    let (cosim, plot) = compare(&bench, &resolved.out, printer)?;
    printer.note(&format!("3/5 waveforms and plot: {}", plot[1].display()));

    printer.note("4/5 training to the end, in the bit-true model");
    let train = train::Arguments::plain(arguments.common.clone(), arguments.data.clone());
    let settings = Settings::new(&train, &Printer::silent())?;
    let (train, _) = execute(&settings, &train, OnInterrupt::End, None, printer)?;

    printer.note(&format!("5/5 bitstream for {}", board.title));
    let workload = Workload::new(&resolved, data, SAMPLES)?;
    let build = build::build(
        &resolved,
        &workload,
        &[1],
        build::ClockChoice::Fastest,
        &build_claim,
        printer,
    )?;
    let demo = Demo {
        verilog,
        cosim,
        plot,
        train,
        build,
    };
    printer.result(&demo.to_string(), &demo)
}

fn compare(
    bench: &Bench,
    out: &std::path::Path,
    printer: &Printer,
) -> Result<(Report, [PathBuf; 2]), Failure> {
    let failed = |error: LockstepError| Failure::failed(Explained::new("eqprop::cosim", &error));
    let library = bench.hardware.library(Trace::Vcd)?;
    let mut lockstep = bench.lockstep(&library).map_err(failed)?;
    let first = wave::first(bench, &mut lockstep)?;
    first.outcome.map_err(failed)?;
    let title = format!("{}: one sample settles", bench.hardware.plan.network.name);
    let path = out.join("settling");
    let sample = bench.sample(0);
    let plot = settling::plot(&lockstep, &bench.weights, &sample, title, &path);
    let plot = plot.map_err(|error| Explained::new("eqprop::plot", &error))?;
    let ignore = |_: &mut Lockstep, _: usize, _: &_| ();
    bench
        .run(&mut lockstep, &*printer.progress(), ignore)
        .map_err(failed)?;
    let mut report = Report::new(bench, lockstep.totals(), None);
    report.vcd = first.vcd;
    Ok((report, plot))
}

impl fmt::Display for Demo {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (cosim, build) = (&self.cosim, &self.build);
        let (name, test, _) = self.train.quality();
        let mut table = Table::new([("", Align::Left), ("", Align::Right), ("", Align::Left)]);
        let writes = grouped(cosim.compared_writes);
        let percent = format!("{:.0}", 100.0 * cosim.array_use);
        let clock = build
            .flow
            .fmax_mhz
            .map_or("none".into(), |mhz| format!("{mhz:.1}"));
        table.row([
            "writes compared",
            &writes,
            "states and learned weights, each at its predicted cycle, 0 differ",
        ]);
        table.row([
            "worst error",
            &format!("{:.2e}", cosim.max_abs_error),
            &format!("of one golden step; bound {:.2e}", cosim.error_bound),
        ]);
        table.row([
            "cycles a sample",
            &format!("{:.0}", cosim.stream_cycles_per_sample),
            &format!(
                "free, nudged and learning, initial weights; the core is busy in {:.0} of them",
                cosim.cycles_per_sample
            ),
        ]);
        table.row(["array use", &percent, "% of all multiplier cycles"]);
        table.row([
            &format!("test {name}"),
            &test,
            &format!(
                "after {} epochs with {}-bit weights",
                self.train.epochs,
                self.train.weight_bits.unwrap_or(0)
            ),
        ]);
        for used in &build.flow.utilization {
            table.row([
                &used.name,
                &grouped(used.used as u64),
                &format!(
                    "of {} on the {}",
                    grouped(used.available as u64),
                    build.flow.board
                ),
            ]);
        }
        table.row(["largest clock", &clock, "MHz, as nextpnr models it"]);
        table.row([
            "engine's clock",
            &format!("{:.1}", build.clock.mhz()),
            "MHz",
        ]);
        table.row([
            "samples",
            &format!("{:.0}", build.stream_samples_per_second),
            "a second at the engine's clock, free and nudged, back to back",
        ]);
        writeln!(f, "{table}")?;
        for (what, path) in [
            ("Verilog", Some(&self.verilog)),
            ("waveform", cosim.vcd.as_ref()),
            ("settling", Some(&self.plot[1])),
            (
                "training",
                self.train.files.as_ref().map(|files| &files.plots[1]),
            ),
            ("bitstream", Some(&build.flow.bitstream)),
        ] {
            if let Some(path) = path {
                writeln!(f, "{what:<10} {}", path.display())?;
            }
        }
        Ok(())
    }
}
