//! Simulated hardware behind a pseudo-terminal: to other programs a serial port like any other.
//!
//! ```text
//!  any program ◄─► /dev/pts/N ◄─► [noise] ◄─► UART pins or whole bytes ◄─► Verilated board
//! ```
//! The hardware's clock runs only while something happens: while bytes are on the way or the engine
//! is busy. A program that opens the port at another rate than the board's reads and writes garbage,
//! as it would on a real line.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::thread::JoinHandle;

use hdl::arch::{Link, Plan};
use hdl::board::Board;
use rustix::event::{poll, PollFd, PollFlags};
use rustix::fs::OFlags;
use rustix::pty::{grantpt, openpt, ptsname, unlockpt, OpenptFlags};
use rustix::termios::{tcgetattr, tcsetattr, OptionalActions};
use sim::board::{Line, VirtualBoard as Simulated};
use sim::verilate::{BuildOptions, Cache, Profile};

use super::noise::{misread, Noise};
use super::LinkError;

/// How the bytes reach the simulated board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// Bit by bit through its UART pins.
    Bits,
    /// Whole, at its protocol engine: the time that bits take is not simulated.
    Bytes,
}

/// A virtual board that runs until it is dropped.
pub struct VirtualBoard {
    path: String,
    link: Link,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// Closed to end the thread.
    stop: Option<OwnedFd>,
}

#[derive(Default)]
struct Shared {
    /// Clock cycles simulated.
    cycles: AtomicU64,
}

/// Cycles simulated at a time.
const STEP: u64 = 2_000;
/// The clock stops after so many cycles in which nothing happened.
const QUIET: u64 = 20_000;
/// Bytes that wait for the line; more stay in the pseudo-terminal.
const QUEUE: usize = 4_096;
/// Bytes for a program that does not read; more are lost, as on a real line.
const UNREAD: usize = 1 << 20;

impl VirtualBoard {
    /// Verilates the board of `plan` and starts it.
    ///
    /// # Errors
    /// Verilator is missing or fails, or there are no pseudo-terminals.
    pub fn start(
        plan: &Plan,
        board: &Board,
        speed: Speed,
        noise: Option<(f64, u32)>,
        cache: &Cache,
    ) -> Result<VirtualBoard, LinkError> {
        let link = Link::new(plan, board);
        let line = match speed {
            Speed::Bits => Line::pins(plan, board),
            Speed::Bytes => Line::Bytes,
        };
        let options = BuildOptions {
            profile: Profile::Quick,
            ..BuildOptions::default()
        };
        let simulated = Simulated::new(plan, board, line, &options, cache)
            .map_err(|error| LinkError::Virtual(error.to_string()))?;
        VirtualBoard::of(simulated, link, noise)
    }

    /// Starts a board that is simulated already.
    ///
    /// # Errors
    /// There are no pseudo-terminals.
    pub fn of(
        simulated: Simulated,
        link: Link,
        noise: Option<(f64, u32)>,
    ) -> Result<VirtualBoard, LinkError> {
        let (terminal, path) = Terminal::open(link.baud)
            .map_err(|error| LinkError::Virtual(format!("no pseudo-terminal: {error}")))?;
        let (stopped, stop) = rustix::pipe::pipe()
            .map_err(|error| LinkError::Virtual(format!("no pipe: {error}")))?;
        let shared = Arc::new(Shared::default());
        let seeds = noise.map(|(share, seed)| {
            [
                Noise::new(share, seed),
                Noise::new(share, seed.wrapping_add(1)),
            ]
        });
        let mut running = Running {
            simulated,
            terminal,
            baud: link.baud,
            noise: seeds,
            shared: shared.clone(),
            to_host: VecDeque::new(),
            quiet: QUIET,
        };
        let thread = std::thread::spawn(move || running.run(&stopped));
        Ok(VirtualBoard {
            path,
            link,
            shared,
            thread: Some(thread),
            stop: Some(stop),
        })
    }

    /// The device file that programs open.
    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn link(&self) -> &Link {
        &self.link
    }

    /// Clock cycles that were simulated since the start.
    pub fn cycles(&self) -> u64 {
        self.shared.cycles.load(Ordering::Acquire)
    }

    /// Waits for the end, which comes only with an error of the simulation.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has told its reason already.
            let _ = thread.join();
        }
    }
}

impl Drop for VirtualBoard {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Both ends of a pseudo-terminal. Our own open copy of the programs' end keeps it alive between them.
struct Terminal {
    ours: File,
    theirs: File,
}

impl Terminal {
    /// A raw one at `baud`, and the path of its device file.
    fn open(baud: u32) -> io::Result<(Terminal, String)> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let ours = openpt(flags)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let path = ptsname(&ours, vec![])?
            .into_string()
            .map_err(io::Error::other)?;
        rustix::fs::fcntl_setfl(&ours, OFlags::RDWR | OFlags::NONBLOCK)?;
        let theirs = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(OFlags::NOCTTY.bits() as i32)
            .open(&path)?;
        let mut settings = tcgetattr(&theirs)?;
        settings.make_raw();
        settings.set_speed(baud)?;
        tcsetattr(&theirs, OptionalActions::Now, &settings)?;
        let terminal = Terminal {
            ours: ours.into(),
            theirs,
        };
        Ok((terminal, path))
    }

    /// The rate that the program at the other end has chosen.
    fn baud(&self) -> Option<u32> {
        Some(tcgetattr(&self.theirs).ok()?.output_speed())
    }
}

struct Running {
    simulated: Simulated,
    terminal: Terminal,
    baud: u32,
    /// Towards the board and back.
    noise: Option<[Noise; 2]>,
    shared: Arc<Shared>,
    to_host: VecDeque<u8>,
    /// Cycles since something happened.
    quiet: u64,
}

impl Running {
    fn run(&mut self, stopped: &OwnedFd) {
        let mut buffer = [0; QUEUE];
        loop {
            match self.wait(stopped) {
                Ok(true) => return,
                Ok(false) => {}
                Err(_) => return,
            }
            if self.simulated.queued() < QUEUE {
                match self.terminal.ours.read(&mut buffer) {
                    Ok(count) => self.hear_host(&buffer[..count]),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(_) => return,
                }
            }
            if self.quiet < QUIET || self.simulated.queued() > 0 {
                let mut received = vec![];
                let queued = self.simulated.queued();
                if self.simulated.step(STEP, &mut received).is_err() {
                    return;
                }
                self.shared.cycles.fetch_add(STEP, Ordering::Release);
                let idle = received.is_empty() && queued == 0 && !self.simulated.busy();
                self.quiet = if idle { self.quiet + STEP } else { 0 };
                self.hear_board(&received);
            }
            if self.write().is_err() {
                return;
            }
        }
    }

    /// Waits until there is something to do; true if the board is to stop.
    fn wait(&self, stopped: &OwnedFd) -> io::Result<bool> {
        let busy = self.quiet < QUIET || self.simulated.queued() > 0;
        let mut wanted = PollFlags::IN;
        if !self.to_host.is_empty() {
            wanted |= PollFlags::OUT;
        }
        let mut files = [
            PollFd::new(&self.terminal.ours, wanted),
            PollFd::new(stopped, PollFlags::IN),
        ];
        let now = rustix::event::Timespec::default();
        match poll(&mut files, busy.then_some(&now)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(!files[1].revents().is_empty())
    }

    fn hear_host(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let mut bytes = bytes.to_vec();
        if let Some(baud) = self.terminal.baud().filter(|&baud| baud != self.baud) {
            bytes = misread(&bytes, baud, self.baud);
        }
        if let Some([noise, _]) = &mut self.noise {
            bytes = noise.pass(&bytes);
        }
        self.simulated.send(&bytes);
        self.quiet = 0;
    }

    fn hear_board(&mut self, bytes: &[u8]) {
        if bytes.is_empty() || self.to_host.len() > UNREAD {
            return;
        }
        let mut bytes = bytes.to_vec();
        if let Some([_, noise]) = &mut self.noise {
            bytes = noise.pass(&bytes);
        }
        if let Some(baud) = self.terminal.baud().filter(|&baud| baud != self.baud) {
            bytes = misread(&bytes, self.baud, baud);
        }
        self.to_host.extend(bytes);
    }

    /// Writes as much as the terminal takes now.
    fn write(&mut self) -> io::Result<()> {
        while !self.to_host.is_empty() {
            let (first, _) = self.to_host.as_slices();
            match self.terminal.ours.write(first) {
                Ok(count) => drop(self.to_host.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
