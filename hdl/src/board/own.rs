//! Boards from files of the user's, checked as they are read.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use miette::Diagnostic;
use thiserror::Error;

use super::{pins, Board, Family};
use crate::config::{is_name, LANE_MENU};

/// A board that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum BoardError {
    /// A name that no board has.
    #[error("there is no board \"{name}\"")]
    #[diagnostic(
        code(eqprop::board),
        help("use one of: {}; or the path of a file of your own (`eqprop board new NAME` writes one)", names())
    )]
    Unknown { name: String },
    /// A file that describes none.
    #[error("board file `{file}`: {what}")]
    #[diagnostic(code(eqprop::board::file), help("{help}"))]
    File {
        file: String,
        what: String,
        help: String,
    },
}

fn names() -> String {
    let names: Vec<&str> = Board::all().iter().map(|b| b.name.as_str()).collect();
    names.join(", ")
}

impl BoardError {
    pub(super) fn unknown(name: &str) -> BoardError {
        let name = name.to_owned();
        BoardError::Unknown { name }
    }
}

/// Every board that was read from a file, for as long as the program runs; the last of a name is the one that counts.
static READ: Mutex<Vec<&'static Board>> = Mutex::new(vec![]);

/// Whether this is the path of a board file, not a board's name.
pub(super) fn is_file(name: &str) -> bool {
    name.contains('/') || name.ends_with(".toml")
}

/// The board of this name among those that were read.
pub(super) fn named(name: &str) -> Option<&'static Board> {
    let read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    read.iter().rev().copied().find(|board| board.name == name)
}

/// Reads a board file and the constraint file that it names, which lies beside it.
///
/// # Errors
/// A file that cannot be read, a field that is wrong, pins that the two files do not agree on.
pub(super) fn read(path: &Path) -> Result<&'static Board, BoardError> {
    let refused = |what: String, help: &str| BoardError::File {
        file: path.display().to_string(),
        what,
        help: help.to_owned(),
    };
    let text = std::fs::read_to_string(path).map_err(|error| {
        let what = format!("it cannot be read: {error}");
        refused(what, "`eqprop board new NAME` writes a commented one")
    })?;
    let mut board: Board = toml::from_str(&text).map_err(|error| {
        let what = error.to_string().trim_end().to_owned();
        refused(
            what,
            "`eqprop board new NAME` writes a file with every field",
        )
    })?;
    check(&board).map_err(|(what, help)| refused(what, help))?;
    let beside = path.with_file_name(&board.constraints);
    let constraints = std::fs::read_to_string(&beside).map_err(|error| {
        let what = format!("its `constraints`, `{}`: {error}", board.constraints);
        refused(
            what,
            "write the vendor's constraint file beside the board file",
        )
    })?;
    if let Some(what) = pins::differs(&board, &constraints) {
        return Err(refused(
            what,
            "nextpnr reads the constraint file, everything else the board file: write the same in both",
        ));
    }
    if board.clock.engine_mhz == 0.0 {
        board.clock.engine_mhz = usual_mhz(board.device.family);
    }
    let mut all = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let same = |known: &&&Board| {
        let described = Board {
            constraints_text: "",
            ..(**known).clone()
        };
        known.constraints_text == constraints && described == board
    };
    if let Some(known) = all.iter().rev().find(same) {
        return Ok(known);
    }
    // A handful in the life of a program, each a few hundred bytes.
    board.constraints_text = constraints.leak();
    let board: &'static Board = Box::leak(Box::new(board));
    all.push(board);
    Ok(board)
}

/// What the slowest built-in board of the family reached: no promise for a board that was never built for.
fn usual_mhz(family: Family) -> f64 {
    let all = Board::all().iter();
    let of_family = all.filter(|board| board.device.family == family);
    of_family.fold(f64::INFINITY, |least, board| {
        least.min(board.clock.engine_mhz)
    })
}

/// Oscillators that a board may have, in Hz.
const OSCILLATOR: std::ops::RangeInclusive<u32> = 1_000_000..=400_000_000;

/// What of a description is wrong, and the way out.
fn check(board: &Board) -> Result<(), (String, &'static str)> {
    let name = &board.name;
    if !is_name(name) {
        return Err((
            format!("`name` is \"{name}\""),
            "a board's name has 1…64 letters, digits, - and _",
        ));
    }
    if Board::all().iter().any(|other| other.name == *name) {
        return Err((
            format!("`name` is \"{name}\", which is a built-in board"),
            "give the board a name of its own",
        ));
    }
    let extension = format!(".{}", board.device.family.constraints());
    if !board.constraints.ends_with(&extension) || board.constraints.contains('/') {
        return Err((
            format!(
                "`constraints` is \"{}\"; for {} it is the name of a {extension} file",
                board.constraints, board.device.part
            ),
            "name a file in the folder of the board file",
        ));
    }
    if !LANE_MENU.contains(&board.lanes) {
        let menu = LANE_MENU.map(|lanes| lanes.to_string()).join(", ");
        return Err((
            format!("`lanes` is {}, not one of {menu}", board.lanes),
            "start with 2 on iCE40 and 8 on ECP5; `eqprop explore` finds more",
        ));
    }
    if !OSCILLATOR.contains(&board.clock.hz) {
        return Err((
            format!(
                "`clock.hz` is {}, not 1,000,000 … 400,000,000",
                board.clock.hz
            ),
            "write the oscillator's frequency in Hz",
        ));
    }
    let reached = board.clock.engine_mhz;
    if !(0.0..=500.0).contains(&reached) {
        return Err((
            format!("`clock.engine_mhz` is {reached}, not 0 … 500"),
            "write what a build reached, or leave the field out",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A copy of a built-in board under the name "mine", changed.
    fn own(folder: &Path, from: &str, changes: &[(&str, &str)]) -> std::path::PathBuf {
        let (description, constraints) = Board::files(from).expect("a board");
        let extension = if description.contains(".pcf") {
            "pcf"
        } else {
            "lpf"
        };
        let mut text = description.replacen(&format!("name = \"{from}\""), "name = \"mine\"", 1);
        let mut beside = constraints.to_owned();
        for (from, to) in changes {
            assert!(text.contains(from) || beside.contains(from), "{from}");
            text = text.replacen(from, to, 1);
            beside = beside.replacen(from, to, 1);
        }
        let file = format!("{from}.{extension}");
        std::fs::write(folder.join(file), beside).unwrap();
        let path = folder.join("mine.toml");
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn a_file_is_a_board_and_from_then_on_its_name_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = own(
            folder.path(),
            "colorlight-i5",
            &[
                ("LFE5U-25F-6", "LFE5U-45F-7"),
                ("engine_mhz", "# engine_mhz"),
            ],
        );
        let board = Board::load(path.to_str().unwrap()).unwrap();
        assert_eq!(board.device.resources.block_rams, 108);
        assert_eq!(board.clock.engine_mhz, usual_mhz(Family::Ecp5));
        assert!(board.is_own());
        // Read again it is the same one.
        assert!(std::ptr::eq(
            board,
            Board::load(path.to_str().unwrap()).unwrap()
        ));
        assert!(std::ptr::eq(board, Board::load("mine").unwrap()));
    }

    #[test]
    fn what_is_wrong_is_named_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = |changes: &[(&str, &str)]| {
            let path = own(folder.path(), "icebreaker", changes);
            match Board::load(path.to_str().unwrap()).unwrap_err() {
                BoardError::File { what, help, .. } => format!("{what}\n→ {help}"),
                other => other.to_string(),
            }
        };
        let refusals: Vec<String> = [
            ("iCE40UP5K-SG48", "iCE40UP5K-CT256"),
            ("iCE40UP5K-SG48", "xc7a35t"),
            ("name = \"mine\"", "name = \"hx8k-evn\""),
            ("name = \"mine\"", "name = \"../mine\""),
            ("icebreaker.pcf\"", "other.pcf\""),
            ("icebreaker.pcf\"", "icebreaker.lpf\""),
            ("lanes = 2", "lanes = 3"),
            ("hz = 12_000_000", "hz = 12"),
            ("set_frequency clock 12", "set_frequency clock 16"),
            ("set_io uart_tx 9", "set_io uart_tx 99"),
            ("set_io uart_tx 9", ""),
            ("set_io uart_tx 9", "set_io uart_tx 9\nset_io pmod 4"),
            ("engine_mhz = ", "engine_mhz = 9"),
            ("lanes = 2", "lanes = 2\nlane = 3"),
        ]
        .iter()
        .map(|&change| refusal(&[change]))
        .collect();
        insta::assert_snapshot!(refusals.join("\n\n"));
        let unknown = Board::load("icebraker").unwrap_err();
        assert_eq!(unknown.to_string(), "there is no board \"icebraker\"");
        assert!(unknown
            .help()
            .unwrap()
            .to_string()
            .contains("icebreaker, hx8k-evn"));
    }

    #[test]
    fn two_ports_at_one_pin_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = own(
            folder.path(),
            "icebreaker",
            &[
                ("pin = \"10\"", "pin = \"11\""),
                ("set_io button  10", "set_io button  11"),
            ],
        );
        let error = Board::load(path.to_str().unwrap()).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("ports `button` and `led_0` share pin 11"),
            "{error}"
        );
    }
}
