//! Everything that can go wrong between Verilog text and a finished run, with the way out.

use super::find::NoVerilator;
use std::io;
use std::path::PathBuf;

/// A model could not be built or loaded.
#[derive(Debug, thiserror::Error)]
pub enum VerilateError {
    #[error(transparent)]
    NoVerilator(#[from] NoVerilator),
    #[error("make was not found on PATH\nhelp: `./bootstrap tools` in the project's folder installs it, and so does `apt-get install make g++`")]
    NoMake,
    #[error("{what} `{name}` cannot be handed to Verilator\nhelp: use {rule}")]
    Name {
        what: &'static str,
        name: String,
        rule: &'static str,
    },
    #[error("port `{name}` {problem}\nhelp: `{top}` has these ports (direction, bits): {known}")]
    Port {
        top: String,
        name: String,
        problem: String,
        known: String,
    },
    /// Verilator ended with an error or an unwaived warning; `message` is all that it wrote.
    #[error("Verilator refused `{top}` ({status})\n{message}\ncommand: {command}\nhelp: correct the Verilog above; a warning that is meant can be waived by its name")]
    Verilator {
        top: String,
        status: String,
        message: String,
        command: String,
    },
    /// make or the C++ compiler failed; `message` is all that they wrote.
    #[error("the C++ of `{top}` did not compile ({status})\n{message}\ncommand: {command}\nhelp: a missing compiler comes with `apt-get install g++ make`, a missing zlib.h or lz4.h (FST traces) with `apt-get install zlib1g-dev liblz4-dev`")]
    Compile {
        top: String,
        status: String,
        message: String,
        command: String,
    },
    #[error("cannot start {tool}: {source}")]
    Start {
        tool: &'static str,
        source: io::Error,
    },
    #[error("cannot load the model {}: {message}\nhelp: delete this cache entry; it is then built anew", path.display())]
    Load { path: PathBuf, message: String },
    /// The dynamic loader may not map its code: every entry of this cache would end like this.
    #[error("cannot load the model {message}\nhelp: its file system lets nothing be executed (`noexec`); XDG_CACHE_HOME=/another/folder moves the cache to one that does")]
    NoExec {
        /// As the loader says it: the path, and why.
        message: String,
    },
    #[error("model cache: cannot {action} {}: {source}\nhelp: the folder must be writable and its disk not full; XDG_CACHE_HOME=/another/folder moves the cache", path.display())]
    Cache {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

/// A run did not reach its end. What it had produced until then is in the caller's buffers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    #[error("command {index} of the job has no words\nhelp: a command is at least one word, the last one marked by tlast")]
    EmptyCommand { index: usize },
    #[error("the core did not finish within max_cycles = {max_cycles}: it took {words_taken} of {words} command words ({commands_taken} of {commands} commands) and gave {answers} of {responses} responses ({pending} words of an unfinished one); busy in {busy_cycles} of these cycles\nhelp: raise max_cycles if it works on, else look at a trace from cycle {from_cycle}; reset the model before the next run")]
    Timeout {
        max_cycles: u64,
        /// First cycle of this run.
        from_cycle: u64,
        words_taken: u64,
        words: u64,
        commands_taken: usize,
        commands: usize,
        answers: usize,
        responses: usize,
        /// Words received after the last complete response.
        pending: u64,
        busy_cycles: u64,
    },
    /// $finish, $stop, a loop that does not converge, or a trace on a full disk. The instance stays stopped.
    #[error("the simulation stopped at cycle {cycle}: {message}\nhelp: this instance cannot go on; correct the cause and make a new one")]
    Stopped { cycle: u64, message: String },
}

/// A waveform could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    #[error(
        "this model was built without waveforms\nhelp: build it with Trace::Vcd or Trace::Fst"
    )]
    NotBuilt,
    #[error("cannot write the waveform {}: {source}", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("the waveform path {} contains a zero byte or is not UTF-8", path.display())]
    Path { path: PathBuf },
    #[error(transparent)]
    Stopped(#[from] RunError),
}
