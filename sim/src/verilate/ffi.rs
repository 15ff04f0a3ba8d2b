//! The only unsafe code of the project: the flat C interface of `shim.cpp`, loaded at run time.
//!
//! Why it is sound:
//! - **The library is ours.** [`Abi::load`] opens what `build` compiled from `shim.cpp`; the cache has checked
//!   its digest and its key holds the shim's text, so the symbols have the signatures and the structs the layouts
//!   written here (the shim asserts the sizes, so do the constants below).
//! - **Function pointers outlive their use.** They are copied out of the library, which [`Abi`] keeps open;
//!   every [`Instance`] holds its [`Abi`].
//! - **Handles are valid.** A handle comes from `eqprop_create`, is never null, and is destroyed once, in `Drop`.
//! - **No aliasing.** Every call that changes an instance takes `&mut self`. What a call hands back points into
//!   buffers of the instance that stay untouched until the next such call; the slices borrow the instance.
//! - **Inputs live long enough.** The shim reads commands and paths during the call only.
//! - **No unwinding into Rust.** The shim catches C++ exceptions; none of its functions calls back.
//! - **Threads.** An instance may move between threads: each call sets Verilator's thread-local context first, and
//!   the instance shares with others only what Verilator guards by locks. It is not `Sync`.

use super::error::VerilateError;
use std::ffi::{c_char, c_int, c_void, CStr};
use std::marker::PhantomData;
use std::path::Path;
use std::ptr::NonNull;
use std::slice;
use std::sync::Arc;

/// One write inside the core, named by a probe.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeEvent {
    /// Cycle since reset whose rising edge sees the write.
    pub cycle: u64,
    pub value: i64,
    pub address: u32,
    /// The probe's id.
    pub probe: u16,
    pub kind: u8,
}

/// Words of one command, borrowed for `'a`.
#[repr(C)]
pub struct Command<'a> {
    words: *const u32,
    length: usize,
    borrowed: PhantomData<&'a [u32]>,
}

impl<'a> From<&'a [u32]> for Command<'a> {
    fn from(words: &'a [u32]) -> Self {
        Command {
            words: words.as_ptr(),
            length: words.len(),
            borrowed: PhantomData,
        }
    }
}

/// A job without its commands; a seed of 0 means no pressure.
#[derive(Clone, Copy)]
pub struct Limits {
    pub responses: usize,
    pub max_cycles: u64,
    pub seed: u32,
    pub valid_gap: u8,
    pub ready_gap: u8,
    pub observe: bool,
}

#[repr(C)]
struct Stimulus {
    commands: *const c_void,
    command_count: usize,
    responses: usize,
    max_cycles: u64,
    seed: u32,
    valid_gap: u8,
    ready_gap: u8,
    observe: u8,
}

#[repr(C)]
struct RawOutcome {
    cycles: u64,
    busy_cycles: u64,
    words_taken: u64,
    pending: u64,
    words: *const u32,
    word_count: usize,
    events: *const ProbeEvent,
    event_count: usize,
    accepted: *const u64,
    accepted_count: usize,
    answered: *const u64,
    answered_count: usize,
}

const _: () = assert!(
    size_of::<Stimulus>() == 40 && size_of::<ProbeEvent>() == 24 && size_of::<RawOutcome>() == 96
);

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Done,
    Timeout,
    /// See [`Instance::failure`].
    Stopped,
}

/// What a run produced, in the instance's own buffers.
pub struct Outcome<'a> {
    pub cycles: u64,
    pub busy_cycles: u64,
    pub words_taken: u64,
    pub pending: u64,
    pub words: &'a [u32],
    pub events: &'a [ProbeEvent],
    pub accepted: &'a [u64],
    pub answered: &'a [u64],
}

type Handle = NonNull<c_void>;

/// The functions of a loaded shim.
pub struct Abi {
    create: unsafe extern "C" fn(u32) -> *mut c_void,
    destroy: unsafe extern "C" fn(Handle),
    reset: unsafe extern "C" fn(Handle, u32) -> u32,
    run: unsafe extern "C" fn(Handle, *const Stimulus, *mut RawOutcome) -> c_int,
    step: unsafe extern "C" fn(Handle, u64, u8, *mut RawOutcome),
    cycle: unsafe extern "C" fn(Handle) -> u64,
    time: unsafe extern "C" fn(Handle) -> u64,
    failure: unsafe extern "C" fn(Handle) -> *const c_char,
    traced: unsafe extern "C" fn() -> c_int,
    trace_open: unsafe extern "C" fn(Handle, *const c_char),
    trace_close: unsafe extern "C" fn(Handle),
    /// Keeps the code of the functions above mapped.
    _library: libloading::Library,
}

impl Abi {
    /// Loads a library that `build` made.
    pub fn load(path: &Path) -> Result<Abi, VerilateError> {
        let failed = |error: libloading::Error| {
            let (path, message) = (path.to_path_buf(), error.to_string());
            // glibc's words for a mapping that is refused; a spoilt file is refused earlier, in others.
            match message.contains("failed to map segment") {
                true => VerilateError::NoExec { message },
                false => VerilateError::Load { path, message },
            }
        };
        // SAFETY: the library is ours (see above); loading it runs only Verilator's static constructors.
        let library = unsafe { libloading::Library::new(path) }.map_err(failed)?;
        macro_rules! symbol {
            ($name:literal) => {
                // SAFETY: the shim declares this name with the signature of the field it is stored in.
                *unsafe { library.get(concat!($name, "\0").as_bytes()) }.map_err(failed)?
            };
        }
        Ok(Abi {
            create: symbol!("eqprop_create"),
            destroy: symbol!("eqprop_destroy"),
            reset: symbol!("eqprop_reset"),
            run: symbol!("eqprop_run"),
            step: symbol!("eqprop_step"),
            cycle: symbol!("eqprop_cycle"),
            time: symbol!("eqprop_time"),
            failure: symbol!("eqprop_failure"),
            traced: symbol!("eqprop_traced"),
            trace_open: symbol!("eqprop_trace_open"),
            trace_close: symbol!("eqprop_trace_close"),
            _library: library,
        })
    }
}

/// One simulated core.
pub struct Instance {
    abi: Arc<Abi>,
    handle: Handle,
}

// SAFETY: an instance may move between threads (see above).
unsafe impl Send for Instance {}

impl Instance {
    /// A new core; registers and memories without initial value hold 0, or noise if `seed` is not 0.
    /// `None` if the shim could not make one.
    pub fn new(abi: Arc<Abi>, seed: u32) -> Option<Instance> {
        // SAFETY: takes no pointer; the result is null or a new handle.
        let handle = NonNull::new(unsafe { (abi.create)(seed) })?;
        Some(Instance { abi, handle })
    }

    /// Holds the reset; in how many of its cycles a word would have been taken.
    pub fn reset(&mut self, cycles: u32) -> u32 {
        // SAFETY: valid handle, exclusive access.
        unsafe { (self.abi.reset)(self.handle, cycles) }
    }

    pub fn run(&mut self, commands: &[Command], limits: Limits) -> (Status, Outcome<'_>) {
        let stimulus = Stimulus {
            commands: commands.as_ptr().cast(),
            command_count: commands.len(),
            responses: limits.responses,
            max_cycles: limits.max_cycles,
            seed: limits.seed,
            valid_gap: limits.valid_gap,
            ready_gap: limits.ready_gap,
            observe: limits.observe.into(),
        };
        let mut raw = RawOutcome::empty();
        // SAFETY: valid handle, exclusive access; stimulus, commands and outcome outlive the call.
        let status = unsafe { (self.abi.run)(self.handle, &stimulus, &mut raw) };
        let status = match status {
            0 => Status::Done,
            1 => Status::Timeout,
            _ => Status::Stopped,
        };
        (status, self.outcome(raw))
    }

    pub fn step(&mut self, cycles: u64, observe: bool) -> Outcome<'_> {
        let mut raw = RawOutcome::empty();
        // SAFETY: valid handle, exclusive access; the outcome outlives the call.
        unsafe { (self.abi.step)(self.handle, cycles, observe.into(), &mut raw) };
        self.outcome(raw)
    }

    /// Cycles since reset.
    pub fn cycle(&self) -> u64 {
        // SAFETY: valid handle, reads only.
        unsafe { (self.abi.cycle)(self.handle) }
    }

    /// Cycles on the time axis of the trace.
    pub fn time(&self) -> u64 {
        // SAFETY: valid handle, reads only.
        unsafe { (self.abi.time)(self.handle) }
    }

    /// Why the simulation stopped, if it did.
    pub fn failure(&self) -> Option<String> {
        // SAFETY: valid handle; the text ends in zero and lives in the instance, which is not changed meanwhile.
        let text = unsafe { CStr::from_ptr((self.abi.failure)(self.handle)) };
        (!text.is_empty()).then(|| text.to_string_lossy().into_owned())
    }

    /// Whether the model was built with tracing.
    pub fn traced(&self) -> bool {
        // SAFETY: takes nothing, returns a constant.
        unsafe { (self.abi.traced)() != 0 }
    }

    /// Starts a trace; does nothing in a model built without.
    pub fn trace_open(&mut self, path: &CStr) {
        // SAFETY: valid handle, exclusive access; the path outlives the call.
        unsafe { (self.abi.trace_open)(self.handle, path.as_ptr()) }
    }

    pub fn trace_close(&mut self) {
        // SAFETY: valid handle, exclusive access.
        unsafe { (self.abi.trace_close)(self.handle) }
    }

    /// `raw` comes from the last call on this instance; the result borrows the instance, so no other follows.
    fn outcome(&mut self, raw: RawOutcome) -> Outcome<'_> {
        /// SAFETY: `start` is null or points to `count` values that live as long as `'a`.
        unsafe fn view<'a, T>(start: *const T, count: usize) -> &'a [T] {
            match count {
                0 => &[],
                // SAFETY: as demanded of the caller; a count above 0 means a buffer.
                _ => unsafe { slice::from_raw_parts(start, count) },
            }
        }
        // SAFETY: the shim filled pointers and counts together from its buffers (or left both zero), which do
        // not change while the instance is borrowed.
        unsafe {
            Outcome {
                cycles: raw.cycles,
                busy_cycles: raw.busy_cycles,
                words_taken: raw.words_taken,
                pending: raw.pending,
                words: view(raw.words, raw.word_count),
                events: view(raw.events, raw.event_count),
                accepted: view(raw.accepted, raw.accepted_count),
                answered: view(raw.answered, raw.answered_count),
            }
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: valid handle, and nobody can use it afterwards.
        unsafe { (self.abi.destroy)(self.handle) }
    }
}

impl RawOutcome {
    fn empty() -> RawOutcome {
        RawOutcome {
            cycles: 0,
            busy_cycles: 0,
            words_taken: 0,
            pending: 0,
            words: std::ptr::null(),
            word_count: 0,
            events: std::ptr::null(),
            event_count: 0,
            accepted: std::ptr::null(),
            accepted_count: 0,
            answered: std::ptr::null(),
            answered_count: 0,
        }
    }
}
