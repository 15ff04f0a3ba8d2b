//! Waveforms that a reader can use: the simulator's VCD plus what the golden model says.
//!
//! Verilator writes every signal as `[N-1:0]` bits under its hardware name. [`annotate`] turns that
//! file into a set that opens ready to read:
//!
//! | file | for | holds |
//! |---|---|---|
//! | `NAME.vcd` | any viewer | every hardware change, byte for byte, and a `golden` scope of `real` variables |
//! | `NAME.gtkw` | GTKWave | groups, analog fixed-point traces, labels, the first window to show |
//! | `NAME.TABLE.gtkwfilter` | GTKWave | phase and opcode names |
//! | `NAME.sucl` | Surfer | the same groups, formats and labels as commands |
//! | `.surfer/mappings/NAME.TABLE.txt` | Surfer | phase and opcode names |
//!
//! No file holds a date or a path of this machine, so equal runs give equal bytes, and the set may be
//! moved to another folder.
//!
//! To look at a set without a screen:
//! `xvfb-run -s "-screen 0 1700x1050x24" sh -c 'gtkwave NAME.gtkw & sleep 4; import -window root picture.png'`
//! (packages `gtkwave`, `xvfb`, `imagemagick`). Groups, phase names and analog traces must show.

mod atomic;
mod error;
mod gtkw;
mod signals;
mod surfer;
mod vcd;

#[cfg(test)]
mod tests;

pub(crate) use atomic::partial;
pub use atomic::{write_atomically, AtomicFile};
pub use error::WaveError;

use std::path::{Path, PathBuf};

/// What the golden model adds to a waveform and how the viewers show the whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotation {
    /// Real-valued variables of the `golden` scope; [`GoldenValue::trace`] is an index into this list.
    pub golden: Vec<GoldenTrace>,
    /// Names of codes, such as phases or opcodes; [`Row::Coded`] is an index into this list.
    pub enumerations: Vec<Enumeration>,
    /// What the viewers show, from top to bottom.
    pub groups: Vec<Group>,
    /// First and last time that GTKWave shows when it opens, in the VCD's own time unit; the whole
    /// run when absent.
    pub view: Option<(u64, u64)>,
}

/// One `real` variable of the `golden` scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldenTrace {
    /// Name without blanks, such as `layer1_unit3`; [`GoldenTrace::variable`] adds the kind.
    pub name: String,
    pub kind: TraceKind,
}

/// What a golden trace says about a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceKind {
    /// The value of the floating-point model.
    Golden,
    /// Hardware minus golden.
    Error,
    /// The hardware's own value as a real number, for states that live in a memory and have no
    /// traced signal.
    Hardware,
}

impl GoldenTrace {
    /// The variable's name inside the `golden` scope: `layer1_unit3`, `layer1_unit3_error` or
    /// `layer1_unit3_hardware`.
    pub fn variable(&self) -> String {
        match self.kind {
            TraceKind::Golden => self.name.clone(),
            TraceKind::Error => format!("{}_error", self.name),
            TraceKind::Hardware => format!("{}_hardware", self.name),
        }
    }
}

/// One change of a golden trace. Before its first change a trace is undefined, which viewers draw as
/// a solid block: give every trace a value at the time at which the model starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GoldenValue {
    /// When, in the VCD's own time unit (the numbers after `#`).
    pub time: u64,
    /// Index into [`Annotation::golden`].
    pub trace: usize,
    pub value: f64,
}

/// Names of the codes that a signal carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enumeration {
    /// Name without blanks, such as `phase`; part of file names.
    pub name: String,
    /// Code and the text shown for it.
    pub codes: Vec<(u64, String)>,
}

/// A named group of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub name: String,
    pub rows: Vec<Row>,
}

/// One row of a viewer. `path` is the full dotted name in the simulator's file without its range,
/// such as `TOP.core.head.phase`; `label` is the text shown in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A wire or a vector in decimal.
    Number { path: String, label: String },
    /// A vector in hexadecimal.
    Hex { path: String, label: String },
    /// A code shown by name.
    Coded {
        path: String,
        label: String,
        /// Index into [`Annotation::enumerations`].
        enumeration: usize,
    },
    /// A fixed-point number drawn as an analog trace. Its range becomes `[N-1-fraction:-fraction]`.
    Fixed {
        path: String,
        label: String,
        /// Bits right of the binary point, 0…N−1.
        fraction: u32,
        /// Two's complement.
        signed: bool,
    },
    /// A golden trace, drawn as an analog trace.
    Golden {
        /// Index into [`Annotation::golden`].
        trace: usize,
        label: String,
    },
}

/// The files that [`annotate`] wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub vcd: PathBuf,
    pub gtkw: PathBuf,
    pub sucl: PathBuf,
    /// GTKWave filters and Surfer mappings.
    pub tables: Vec<PathBuf>,
    /// Last time in the VCD, in its own time unit.
    pub end: u64,
}

/// Writes the annotated waveform and the files that open it.
///
/// `input` is the simulator's VCD; `output` ends in `.vcd`, gives the other files their names and may
/// be the same file as `input`. `values` come in rising order of time; they are interleaved with the
/// hardware's changes while the file streams by, so memory stays constant whatever its size. Each
/// file appears under its name only when it is complete.
///
/// # Errors
/// A file that cannot be read or written, an input that is not a VCD, a row whose signal the input
/// does not hold or whose fraction does not fit it, an index outside its list, or values out of order.
pub fn annotate(
    input: &Path,
    output: &Path,
    annotation: &Annotation,
    values: impl IntoIterator<Item = GoldenValue>,
) -> Result<Written, WaveError> {
    let stem = output
        .file_stem()
        .filter(|_| {
            output
                .extension()
                .is_some_and(|extension| extension == "vcd")
        })
        .and_then(|stem| stem.to_str())
        .ok_or_else(|| WaveError::OutputName(output.to_path_buf()))?;
    let folder = output.parent().unwrap_or(Path::new(""));

    let (signals, end) = vcd::rewrite(input, output, annotation, values)?;
    let gtkw = folder.join(format!("{stem}.gtkw"));
    let sucl = folder.join(format!("{stem}.sucl"));
    let mut tables = Vec::new();
    for (index, enumeration) in annotation.enumerations.iter().enumerate() {
        let filter = folder.join(gtkw::filter_name(stem, enumeration));
        write_atomically(&filter, gtkw::filter(enumeration).as_bytes())?;
        let mapping = folder.join(surfer::mapping_path(stem, enumeration));
        let width = surfer::mapping_width(annotation, &signals, index);
        let text = surfer::mapping(stem, enumeration, width);
        write_atomically(&mapping, text.as_bytes())?;
        tables.extend([filter, mapping]);
    }
    let save = gtkw::save_file(stem, annotation, &signals, end);
    write_atomically(&gtkw, save.as_bytes())?;
    let commands = surfer::commands(stem, annotation, &signals);
    write_atomically(&sucl, commands.as_bytes())?;
    Ok(Written {
        vcd: output.to_path_buf(),
        gtkw,
        sucl,
        tables,
        end,
    })
}
