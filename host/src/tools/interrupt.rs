//! Ctrl-C: every process that was started dies with us, and half-written work is removed. Work that can be gone on
//! with is asked to save itself first ([`Patience`]).
//!
//! Tools run in process groups of their own, because some of them (YoWASP while it translates)
//! ignore Ctrl-C for a long time and others start processes of their own. So the terminal does
//! not reach them and this module has to: it keeps the list of what runs.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::sys::signal::{killpg, Signal};
use nix::unistd::Pid;

/// Exit code of a program that a Ctrl-C ended.
pub const INTERRUPTED: u8 = 130;

/// What a Ctrl-C does: it ends the program, or is noted for whoever asks, or was.
static PATIENCE: AtomicU8 = AtomicU8::new(ENDS);
const ENDS: u8 = 0;
const NOTES: u8 = 1;
const NOTED: u8 = 2;

thread_local! {
    /// Set by a program that runs this thread's work and has been interrupted.
    static STOP: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
    /// This thread asks by itself whether it is to stop.
    static ASKS: Cell<bool> = const { Cell::new(false) };
}

static WORK: Mutex<Work> = Mutex::new(Work {
    groups: Vec::new(),
    scratch: Vec::new(),
});

/// What has to go when the program is interrupted.
struct Work {
    /// Process groups that run.
    groups: Vec<Pid>,
    /// Folders of unfinished results.
    scratch: Vec<PathBuf>,
}

/// From now on Ctrl-C (and SIGTERM, SIGHUP) kills what `spawn` started, removes the folders given
/// to `remember` and exits with code 130. Call once, first thing in `main`.
pub fn install() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        let (before, after) = (NOTES, NOTED);
        let noted = PATIENCE.compare_exchange(before, after, Ordering::SeqCst, Ordering::SeqCst);
        if noted.is_ok() {
            // Nobody may be reading standard error; that must not keep the work from being saved.
            let _ = writeln!(
                io::stderr(),
                "note: stopping after the step under way; Ctrl-C again ends at once"
            );
            return;
        }
        // The lock is held to the end: nothing new can start any more.
        let work = work();
        for group in &work.groups {
            // An error means that the group has ended by itself.
            let _ = killpg(*group, Signal::SIGKILL);
        }
        for folder in &work.scratch {
            // What cannot be removed is under a temporary name; the next run removes it.
            let _ = std::fs::remove_dir_all(folder);
        }
        std::process::exit(INTERRUPTED.into());
    })
}

/// While it lives, the first Ctrl-C does not end the program: whoever holds it asks, saves and ends. The next one
/// ends it as ever.
pub struct Patience(());

impl Patience {
    pub fn begin() -> Patience {
        PATIENCE.store(NOTES, Ordering::SeqCst);
        ASKS.set(true);
        Patience(())
    }

    /// There was a Ctrl-C.
    pub fn is_over(&self) -> bool {
        PATIENCE.load(Ordering::SeqCst) == NOTED || told()
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        PATIENCE.store(ENDS, Ordering::SeqCst);
        ASKS.set(false);
    }
}

/// Does this thread's work for a program that handles signals in its own way and sets `stop` to end it.
pub fn heeding<T>(stop: &Arc<AtomicBool>, work: impl FnOnce() -> T) -> T {
    let before = STOP.replace(Some(stop.clone()));
    let done = work();
    STOP.set(before);
    done
}

/// This thread's work is to end and does not ask by itself: whoever can should end it.
pub fn must_stop() -> bool {
    told() && !ASKS.get()
}

fn told() -> bool {
    let set = |stop: &Arc<AtomicBool>| stop.load(Ordering::SeqCst);
    STOP.with_borrow(|stop| stop.as_ref().is_some_and(set))
}

/// Kills every tool that runs; whoever waits for one learns that it was killed.
pub fn kill_tools() {
    for group in &work().groups {
        // An error means that the group has ended by itself.
        let _ = killpg(*group, Signal::SIGKILL);
    }
}

/// Starts a command in its own process group and lists the group until `finished`.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    let mut work = work();
    let child = command.process_group(0).spawn()?;
    work.groups.push(group(&child));
    Ok(child)
}

/// Takes a child off the list. Call it when the child's output has ended and before the child is
/// waited for: until then its number cannot belong to another process. After a Ctrl-C this never
/// returns, so that nobody reports the killed tool as a failed one.
pub fn finished(child: &Child) {
    work().groups.retain(|listed| *listed != group(child));
}

/// Kills a child with everything that it started.
pub fn kill(child: &Child) {
    // An error means that the group has ended by itself.
    let _ = killpg(group(child), Signal::SIGKILL);
}

/// Has a folder removed when the program is interrupted.
pub fn remember(scratch: &Path) {
    work().scratch.push(scratch.to_path_buf());
}

/// Undoes `remember`.
pub fn forget(scratch: &Path) {
    work().scratch.retain(|listed| listed != scratch);
}

fn work() -> MutexGuard<'static, Work> {
    // The lists stay valid whatever a panicking thread did.
    WORK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A child started with `process_group(0)` leads the group of its own number.
fn group(child: &Child) -> Pid {
    Pid::from_raw(child.id() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Read};
    use std::process::Stdio;

    /// Names the scratch folder to the second copy of this test program.
    const VICTIM: &str = "EQPROP_TEST_INTERRUPT";

    /// The part of the program that is interrupted: starts a tool that would run for an hour.
    #[test]
    fn victim() {
        let Some(scratch) = std::env::var_os(VICTIM) else {
            return;
        };
        install().unwrap();
        remember(Path::new(&scratch));
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 3600 & echo ready >&2; wait"]);
        let mut child = spawn(command.stdout(Stdio::piped())).unwrap();
        let mut output = Vec::new();
        let stdout = child.stdout.as_mut().unwrap();
        stdout.read_to_end(&mut output).unwrap();
        finished(&child);
        child.wait().unwrap();
    }

    #[test]
    fn work_of_another_program_is_told_to_stop_unless_it_asks_by_itself() {
        let stop = Arc::new(AtomicBool::new(false));
        heeding(&stop, || {
            assert!(!must_stop());
            stop.store(true, Ordering::SeqCst);
            assert!(must_stop());
            let patience = Patience::begin();
            assert!(patience.is_over() && !must_stop());
            drop(patience);
            assert!(must_stop());
            // Another thread works for somebody else.
            assert!(!std::thread::spawn(must_stop).join().unwrap());
        });
        assert!(!must_stop());
    }

    #[test]
    fn ctrl_c_kills_the_tools_and_removes_half_written_work() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = folder.path().join("scratch");
        std::fs::create_dir(&scratch).unwrap();
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tools::interrupt::tests::victim", "--nocapture"])
            .env(VICTIM, &scratch)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(victim.stderr.take().unwrap());
        let mut line = String::new();
        while line.trim() != "ready" {
            line.clear();
            assert_ne!(
                output.read_line(&mut line).unwrap(),
                0,
                "the victim ended early"
            );
        }
        nix::sys::signal::kill(Pid::from_raw(victim.id() as i32), Signal::SIGINT).unwrap();
        // The stream ends when the last process that holds it, the tool's own child, is dead.
        output.read_to_string(&mut line).unwrap();
        assert_eq!(victim.wait().unwrap().code(), Some(INTERRUPTED.into()));
        assert!(!scratch.exists());
    }
}
