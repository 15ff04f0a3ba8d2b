//! What several commands report of the line.

use serde::Serialize;

use crate::link::Statistics;

/// What went over the line.
#[derive(Clone, Debug, Serialize)]
pub struct LinkReport {
    pub port: String,
    pub baud: u32,
    /// The board is a virtual one.
    pub simulated: bool,
    /// Duration: of the line where its bits are simulated or real, else of the simulation.
    pub seconds: f64,
    /// Share of the busier direction's time in which bits were on the line; `null` where bits take no time.
    pub line_use: Option<f64>,
    /// Damaged frames that the board counted.
    pub crc_errors: u32,
    #[serde(flatten)]
    pub statistics: Statistics,
}

impl LinkReport {
    /// One line for people.
    pub fn text(&self) -> String {
        let Statistics {
            frames,
            retries,
            damaged,
            ..
        } = self.statistics;
        let used = self.line_use.map_or(String::new(), |used| {
            format!(", line used {:.0} %", 100.0 * used)
        });
        format!(
            "{} at {} baud: {frames} commands, {retries} sent again, {} damaged there, {damaged} here{used}",
            self.port, self.baud, self.crc_errors
        )
    }
}
