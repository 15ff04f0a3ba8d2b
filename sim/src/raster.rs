//! Everything that spiking units do in one sample: what a raster plot and curves of traces show.

use crate::bittrue::Xorshift;
use crate::bittrue::{BitTrue, MembraneWrite, Mode, Observer, Outcome, Phase, PhaseStart, Sample};
use hdl::config::Network;

/// One phase, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RasterPhase {
    pub phase: Phase,
    /// σ: 0 in the free phase, ±1 in a nudged one.
    pub sign: i32,
    /// All free units after each step, layer after layer.
    pub steps: Vec<Vec<UnitStep>>,
}

/// One unit after one time step, raw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnitStep {
    /// v, LSB = 2^−G.
    pub membrane: i32,
    /// z, LSB = 2^−(F+4).
    pub trace: i32,
    pub fires: bool,
}

/// The phases of one sample.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Raster {
    pub phases: Vec<RasterPhase>,
    /// Position of each layer's first unit in a step; layer 0 has none.
    offsets: Vec<usize>,
    units: usize,
}

impl Raster {
    /// Runs a sample in the bit-true model, whose weights stay as they are, and keeps every step.
    /// `random` is the state of the random numbers, which may draw the sign of the nudge.
    ///
    /// # Panics
    /// If the network's units do not spike, or the sample has not its shape.
    pub fn record(
        network: &Network,
        model: &mut BitTrue,
        sample: &Sample,
        mode: Mode,
        random: u32,
    ) -> (Raster, Outcome) {
        assert!(network.spiking().is_some(), "a raster of rates");
        assert!(mode != Mode::Learn, "a raster changes no weights");
        let mut raster = Raster {
            phases: vec![],
            offsets: vec![0],
            units: 0,
        };
        for layer in &network.layers[1..] {
            raster.offsets.push(raster.units);
            raster.units += layer.units;
        }
        let rng = &mut Xorshift::from_state(random);
        let outcome = model.run(sample, mode, rng, &mut raster);
        (raster, outcome)
    }

    /// Where a free unit is in a step.
    pub fn position(&self, layer: usize, unit: usize) -> usize {
        self.offsets[layer] + unit
    }

    /// Spikes of a unit over all phases.
    pub fn spikes(&self, layer: usize, unit: usize) -> usize {
        let position = self.position(layer, unit);
        let steps = self.phases.iter().flat_map(|phase| &phase.steps);
        steps.filter(|step| step[position].fires).count()
    }
}

impl Observer for Raster {
    fn phase(&mut self, start: PhaseStart) {
        self.phases.push(RasterPhase {
            phase: start.phase,
            sign: start.sign,
            steps: vec![],
        });
    }

    fn membrane(&mut self, write: MembraneWrite) {
        let position = self.position(write.layer, write.unit);
        let phase = self.phases.last_mut();
        let steps = &mut phase.expect("a phase starts before its steps").steps;
        if steps.len() <= write.step as usize {
            steps.push(vec![UnitStep::default(); self.units]);
        }
        steps[write.step as usize][position] = UnitStep {
            membrane: write.membrane,
            trace: write.trace,
            fires: write.fires,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Dataset;
    use crate::weights::Weights;
    use std::path::Path;

    #[test]
    fn a_raster_holds_every_spike_and_the_states_at_the_end() {
        let network = &Network::builtin("digits-spiking").expect("built in");
        let data = Dataset::load(network, Path::new("."), None).expect("embedded");
        let mut sample = Sample::default();
        data.sample_into(3, network.formats.state_fraction, &mut sample);
        let mut model = BitTrue::new(network);
        model.load(&Weights::initial(network));
        let (raster, outcome) = Raster::record(network, &mut model, &sample, Mode::Nudge, 1);
        let all: usize = (1..network.layers.len())
            .flat_map(|layer| (0..network.layers[layer].units).map(move |unit| (layer, unit)))
            .map(|(layer, unit)| raster.spikes(layer, unit))
            .sum();
        let counted = outcome.activity.expect("spiking").spikes;
        assert_eq!((all as u64, raster.phases.len()), (counted, 2));
        assert!(counted > 0);
        for phase in &raster.phases {
            assert_eq!(phase.steps.len(), 64);
            let last = phase.steps.last().expect("64 steps");
            for (unit, &state) in model.states(phase.phase, 2).iter().enumerate() {
                assert_eq!(last[raster.position(2, unit)].trace >> 4, i32::from(state));
            }
        }
    }
}
