//! Work beside Python: it runs on a thread of its own, without the GIL, while the calling thread looks after signals
//! and draws progress.

use std::any::Any;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use eqprop::error::Failure;
use eqprop::output::{Listener, Printer};
use eqprop::tools::interrupt;
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use sim::progress::Progress;

use crate::failure;

/// Called with (what, unit, total, done, detail), or without progress with nothing.
pub type Watcher = Option<Py<PyAny>>;

/// How often the calling thread looks.
const LOOK: Duration = Duration::from_millis(50);
/// Generating deep hardware nests further than the small stack of a second thread.
const STACK_BYTES: usize = 32 << 20;

/// What work told beside what it returned.
#[derive(Clone, Default, IntoPyObject)]
pub struct Told {
    /// What `--json` would print.
    pub result: Option<String>,
    pub warnings: Vec<String>,
    pub notes: Vec<String>,
}

/// How far work is.
#[derive(Clone, Default, PartialEq)]
struct Stand {
    what: String,
    unit: String,
    total: u64,
    done: u64,
    detail: String,
}

#[derive(Default)]
struct Shared {
    told: Mutex<Told>,
    stand: Mutex<Stand>,
}

/// What unwinds work that is to end.
struct Interrupted;

/// Runs `work` and returns what it does, and what it told.
///
/// # Errors
/// The exception of its failure; of the signal that ended it; of a watcher that raised one.
pub fn run<T: Send>(
    py: Python,
    watcher: Watcher,
    work: impl FnOnce(&Printer) -> Result<T, Failure> + Send,
) -> PyResult<(T, Told)> {
    let shared = Arc::new(Shared::default());
    let stop = Arc::new(AtomicBool::new(false));
    let printer = Printer::telling(Arc::new(Teller(shared.clone())));
    let (over, mut end) = channel::<()>();
    let (ended, raised) = thread::scope(|scope| {
        let guarded = || catch_unwind(AssertUnwindSafe(|| work(&printer)));
        let flag = stop.clone();
        let body = move || {
            let ended = interrupt::heeding(&flag, guarded);
            drop(over);
            ended
        };
        let thread = thread::Builder::new().stack_size(STACK_BYTES);
        let worker = thread.spawn_scoped(scope, body)?;
        let raised = look_after(py, &mut end, watcher.as_ref(), &shared, &stop);
        let ended = py.detach(|| worker.join());
        PyResult::Ok((ended.and_then(|ended| ended), raised))
    })?;
    let told = lock(&shared.told).clone();
    if let Some(error) = raised {
        return Err(match ended {
            // Work that saves itself says how to go on.
            Ok(Err(Failure::Report { report, .. }))
                if error.is_instance_of::<PyKeyboardInterrupt>(py) =>
            {
                let help = report
                    .help()
                    .map_or(String::new(), |help| format!("\nhelp: {help}"));
                PyKeyboardInterrupt::new_err(format!("{report}{help}"))
            }
            _ => error,
        });
    }
    match ended {
        Ok(Ok(done)) => Ok((done, told)),
        Ok(Err(failure)) => Err(failure::raise(py, failure)),
        Err(panic) => resume_unwind(panic),
    }
}

/// Waits for the end; what a signal or the watcher raised meanwhile.
fn look_after(
    py: Python,
    end: &mut Receiver<()>,
    watcher: Option<&Py<PyAny>>,
    shared: &Shared,
    stop: &AtomicBool,
) -> Option<PyErr> {
    let mut raised = None;
    let mut seen = Stand::default();
    let mut wait = || {
        let end = &mut *end;
        py.detach(move || end.recv_timeout(LOOK))
    };
    while wait() == Err(RecvTimeoutError::Timeout) {
        let looked = py
            .check_signals()
            .and_then(|()| show(py, watcher, shared, &mut seen));
        if let Err(error) = looked {
            raised.get_or_insert(error);
            stop.store(true, Ordering::SeqCst);
            interrupt::kill_tools();
        }
    }
    raised.or_else(|| show(py, watcher, shared, &mut seen).err())
}

fn show(
    py: Python,
    watcher: Option<&Py<PyAny>>,
    shared: &Shared,
    seen: &mut Stand,
) -> PyResult<()> {
    let (Some(watcher), now) = (watcher, lock(&shared.stand).clone()) else {
        return Ok(());
    };
    if now != *seen {
        watcher.call1(py, (&now.what, &now.unit, now.total, now.done, &now.detail))?;
        *seen = now;
    }
    Ok(())
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each holder writes whole values.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps what work tells for the calling thread.
struct Teller(Arc<Shared>);

impl Listener for Teller {
    fn result(&self, object: serde_json::Value) {
        lock(&self.0.told).result = Some(object.to_string());
    }

    fn note(&self, text: &str) {
        lock(&self.0.told).notes.push(text.to_owned());
    }

    fn warning(&self, message: &str, help: &str) {
        let text = format!("{message}\nhelp: {help}");
        lock(&self.0.told).warnings.push(text);
    }

    fn progress(&self) -> Box<dyn Progress> {
        Box::new(Teller(self.0.clone()))
    }
}

impl Progress for Teller {
    fn start(&self, what: &str, total: u64, unit: &str) {
        *lock(&self.0.stand) = Stand {
            what: what.to_owned(),
            unit: unit.to_owned(),
            total,
            ..Stand::default()
        };
    }

    fn reach(&self, done: u64) {
        lock(&self.0.stand).done = done;
        if interrupt::must_stop() {
            resume_unwind(Box::new(Interrupted) as Box<dyn Any + Send>);
        }
    }

    fn detail(&self, text: &str) {
        text.clone_into(&mut lock(&self.0.stand).detail);
    }

    fn finish(&self) {
        let mut stand = lock(&self.0.stand);
        stand.done = stand.total;
    }
}
