//! What was built, as data and as a table.

use std::fmt;

use hdl::clocking::EngineClock;
use serde::Serialize;

use crate::flow::{BuildReport, Tried};
use crate::report::table::{grouped, Align, Table};

/// What was built, as `--json` prints it.
#[derive(Serialize)]
pub struct Built {
    pub network: String,
    pub lanes: usize,
    /// The engine's clock, and the PLL that makes it.
    pub clock: EngineClock,
    /// Clocks that designs were built for until one was (nearly) the one it reached.
    pub clocks_tried: Vec<Tried>,
    #[serde(flatten)]
    pub flow: BuildReport,
    /// Median over the placement seeds.
    pub fmax_median_mhz: Option<f64>,
    /// Free and nudged phases of one sample, mean over samples of the data at initial weights: cycles in which the
    /// core is busy.
    pub cycles_per_sample: f64,
    /// The same from its first word taken to the last one answered.
    pub stream_cycles_per_sample: f64,
    /// At the engine's clock, back to back.
    pub stream_samples_per_second: f64,
}

/// The middle of the values that are known.
pub fn median(values: &[Option<f64>]) -> Option<f64> {
    let mut known: Vec<f64> = values.iter().copied().flatten().collect();
    known.sort_by(f64::total_cmp);
    let (low, high) = (
        known.get((known.len().max(1) - 1) / 2)?,
        known.get(known.len() / 2)?,
    );
    Some((low + high) / 2.0)
}

impl fmt::Display for Built {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut table = Table::new([("", Align::Left), ("", Align::Right), ("", Align::Left)]);
        let flow = &self.flow;
        table.row(["board", &flow.board, &format!("({})", flow.device)]);
        table.row(["lanes", &self.lanes.to_string(), ""]);
        for used in &flow.utilization {
            let percent = 100 * used.used / used.available.max(1);
            table.row([
                &used.name,
                &grouped(used.used as u64),
                &format!("of {} ({percent} %)", grouped(used.available as u64)),
            ]);
        }
        let mhz = |mhz: &Option<f64>| mhz.map_or("none".into(), |mhz| format!("{mhz:.1}"));
        let models = match flow.icetime_all.iter().any(Option::is_some) {
            true => "MHz, the smaller of nextpnr's and icetime's",
            false => "MHz, as nextpnr models it",
        };
        table.row(["largest clock", &mhz(&flow.fmax_mhz), models]);
        if flow.seeds.len() > 1 {
            let all: Vec<String> = flow.fmax_all.iter().map(mhz).collect();
            table.row([
                "median",
                &mhz(&self.fmax_median_mhz),
                &format!("MHz of {} seeds: {}", all.len(), all.join(", ")),
            ]);
        }
        let source = match self.clock.pll {
            Some(_) => "from a PLL",
            None => "the oscillator",
        };
        let verdict = if flow.timing_met { "met" } else { "MISSED" };
        table.row([
            "engine's clock",
            &format!("{:.1}", self.clock.mhz()),
            &format!("MHz, {source}, {verdict}"),
        ]);
        table.row([
            "cycles",
            &format!("{:.0}", self.stream_cycles_per_sample),
            &format!(
                "a sample, free and nudged, initial weights; the core is busy in {:.0} of them",
                self.cycles_per_sample
            ),
        ]);
        table.row([
            "samples",
            &format!("{:.0}", self.stream_samples_per_second),
            "a second at the engine's clock, back to back",
        ]);
        write!(f, "{table}")?;
        for untimed in &flow.untimed {
            writeln!(f, "not timed: {untimed}")?;
        }
        if flow.leans_on_untimed {
            writeln!(
                f,
                "this clock leans on what is not timed: do not rely on it"
            )?;
        }
        writeln!(f, "bitstream: {}", flow.bitstream.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_that_of_what_is_known() {
        assert_eq!(median(&[Some(3.0), None, Some(1.0), Some(2.0)]), Some(2.0));
        assert_eq!(median(&[Some(3.0), Some(1.0)]), Some(2.0));
        assert_eq!(median(&[None]), None);
    }
}
