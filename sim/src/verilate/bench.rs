//! How fast a model runs from Rust, beside the C++ main loop that one would write by hand.
//!
//! Both sides simulate the same core from the same Verilator flags with the same stimulus; the program is
//! built apart, without the flags that a shared library needs.

use super::build::{artifact, build, Product};
use super::{BuildOptions, Cache, Job, ModelSource, RunError, VerilateError};
use std::fmt;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Medians over the rounds, in simulated cycles per second.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    pub rounds: usize,
    /// Cycles of one run.
    pub cycles: u64,
    /// Probe events of one observed run.
    pub events: usize,
    /// The bare C++ main loop.
    pub bare: f64,
    /// [`super::Model::run`] without observation.
    pub unobserved: f64,
    /// [`super::Model::run`] with all probe events handed back.
    pub observed: f64,
}

#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    #[error(transparent)]
    Verilate(#[from] VerilateError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("the bare C++ program failed: {0}")]
    Program(String),
    #[error("the bare C++ program and the Rust run differ: {bare} and {rust} (cycles, checksum of the responses)")]
    Different { bare: String, rust: String },
}

/// Runs `job` from reset in each of the three ways, in turns, `rounds` times (at least once). The bare loop
/// knows neither pressure nor observation: what the job says of them is ignored.
pub fn compare(
    model: &ModelSource,
    options: &BuildOptions,
    job: &Job,
    rounds: usize,
    cache: &Cache,
) -> Result<Comparison, BenchError> {
    let program = artifact(model, options, cache, Product::Program)?;
    let mut core = build(model, options, cache)?.instance();
    let stimulus = stimulus(job);
    let (mut words, mut events) = (Vec::new(), Vec::new());
    let mut seconds = [const { Vec::new() }; 3];
    let mut cycles = 0;
    for _ in 0..rounds.max(1) {
        let bare = run_program(&program, &stimulus, job)?;
        seconds[0].push(bare.seconds);
        for observe in [false, true] {
            words.clear();
            events.clear();
            core.reset();
            let job = Job {
                observe,
                pressure: None,
                ..*job
            };
            let start = Instant::now();
            cycles = core.run(&job, &mut words, &mut events)?.cycles;
            seconds[1 + usize::from(observe)].push(start.elapsed().as_secs_f64());
            let checksum = words
                .iter()
                .fold(0, |sum: u32, word| sum.wrapping_mul(31).wrapping_add(*word));
            let rust = format!("{cycles} {checksum}");
            if rust != bare.result {
                return Err(BenchError::Different {
                    bare: bare.result,
                    rust,
                });
            }
        }
    }
    let [bare, unobserved, observed] = seconds.map(|times| cycles as f64 / median(times));
    Ok(Comparison {
        rounds,
        cycles,
        events: events.len(),
        bare,
        unobserved,
        observed,
    })
}

struct BareRun {
    seconds: f64,
    /// Cycles and checksum.
    result: String,
}

/// What the program reads: each word, followed by whether it is the last of its command.
fn stimulus(job: &Job) -> Vec<u8> {
    let mut bytes = Vec::new();
    for command in job.commands {
        for (index, word) in command.iter().enumerate() {
            let last = u32::from(index + 1 == command.len());
            bytes.extend([word.to_ne_bytes(), last.to_ne_bytes()].concat());
        }
    }
    bytes
}

fn run_program(program: &Path, stimulus: &[u8], job: &Job) -> Result<BareRun, BenchError> {
    let mut child = Command::new(program)
        .args([job.responses.to_string(), job.max_cycles.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(program_error)?;
    // Closed at the end of the statement, which is where the program stops reading and starts to simulate.
    let written = child
        .stdin
        .take()
        .map(|mut input| input.write_all(stimulus));
    let output = child.wait_with_output().map_err(program_error)?;
    written.transpose().map_err(program_error)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let fields: Vec<&str> = text.split_whitespace().collect();
    match (output.status.success(), &fields[..]) {
        (true, [cycles, nanoseconds, checksum]) => Ok(BareRun {
            seconds: nanoseconds.parse::<f64>().map_err(program_error)? * 1e-9,
            result: format!("{cycles} {checksum}"),
        }),
        _ => Err(BenchError::Program(format!(
            "{}: {text}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        ))),
    }
}

fn program_error(error: impl fmt::Display) -> BenchError {
    BenchError::Program(error.to_string())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "{} cycles and {} probe events a run, medians of {} interleaved runs",
            self.cycles, self.events, self.rounds
        )?;
        let rows = [
            ("bare C++ main loop", self.bare),
            ("Rust, not observed", self.unobserved),
            ("Rust, all events", self.observed),
        ];
        for (name, rate) in rows {
            writeln!(
                f,
                "{name:20} {:8.3} Mcycle/s  {:5.3}x",
                rate / 1e6,
                rate / self.bare
            )?;
        }
        Ok(())
    }
}
