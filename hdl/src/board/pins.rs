//! Pins and clock in a vendor's constraint file, held against the description of the board.

use super::Board;

/// (port, pin) pairs of a `.pcf` or `.lpf` text, in its order.
fn located(text: &str) -> Vec<(&str, &str)> {
    let pair = |line| match words(line)[..] {
        ["set_io", port, pin] | ["LOCATE", "COMP", port, "SITE", pin] => Some((port, pin)),
        _ => None,
    };
    text.lines().filter_map(pair).collect()
}

/// Words of a line, of options (`-pullup yes`) and a comment none.
fn words(line: &str) -> Vec<&str> {
    let line = line.split_once('#').map_or(line, |(line, _)| line);
    let mut words: Vec<&str> = vec![];
    let mut each = line.split_whitespace();
    while let Some(word) = each.next() {
        match word.starts_with('-') {
            true => drop(each.next()),
            false => words.push(word.trim_matches(['"', ';'])),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The frequency that a text gives the oscillator, in MHz.
fn megahertz(text: &str) -> Option<&str> {
    text.lines().find_map(|line| match words(line)[..] {
        ["set_frequency", "clock", mhz] | ["FREQUENCY", "PORT", "clock", mhz, "MHZ"] => Some(mhz),
        _ => None,
    })
}

/// The first thing in which a constraint file differs from the description of its board.
pub(super) fn differs(board: &Board, text: &str) -> Option<String> {
    let ports = board.ports();
    let located = located(text);
    let file = &board.constraints;
    for (port, pin) in &ports {
        match located.iter().find(|(other, _)| other == port) {
            None => return Some(format!("`{file}` has no pin for the port `{port}`, {pin}")),
            Some((_, other)) if other != pin => {
                return Some(format!(
                    "port `{port}` is at pin {pin}, but at {other} in `{file}`"
                ));
            }
            Some(_) => {}
        }
    }
    for (index, (port, pin)) in located.iter().enumerate() {
        if !ports.iter().any(|(known, _)| known == port) {
            return Some(format!("`{file}` has a port `{port}` that no board has"));
        }
        if let Some((other, _)) = located[..index].iter().find(|(_, other)| other == pin) {
            return Some(format!("ports `{other}` and `{port}` share pin {pin}"));
        }
    }
    let mhz = f64::from(board.clock.hz) / 1e6;
    match megahertz(text) {
        Some(given) if given.parse() == Ok(mhz) => None,
        given => Some(format!(
            "`clock.hz` is {mhz} MHz, but `{file}` says {}",
            given.map_or("nothing of it".to_owned(), |mhz| format!("{mhz} MHz"))
        )),
    }
}
