//! What a unit is: a rate that settles, or an integrate-and-fire neuron whose state is its filtered
//! spike train (design §1, "Spiking units").

use serde::{Deserialize, Serialize};

use super::error::{ConfigError, Warning};
use super::validate::Check;
use super::*;

/// The kind of all free units of a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Neuron {
    /// A state in 0…1 that moves towards its drive ([`Dynamics`]).
    #[default]
    Rate,
    /// Integrate-and-fire: a membrane, a threshold of one weight unit, a filtered spike train.
    Spiking(Spiking),
}

/// How integrate-and-fire units move (design rules S2 and S3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Spiking {
    /// κ: the trace, which is the state, follows the spikes with a time constant of 2^κ steps.
    pub trace_shift: u32,
    /// λ: a membrane leaks 2^−λ of itself in a step; 0 means that it does not leak.
    pub leak_shift: u32,
    /// T: time steps of every phase.
    pub steps: u32,
}

/// Bits that a trace has below those of a state (S2: x = z >> 4).
pub const TRACE_EXTRA_BITS: u32 = 4;

impl Network {
    /// How spikes move the states, unless the units are rates.
    pub fn spiking(&self) -> Option<Spiking> {
        match self.neuron {
            Neuron::Rate => None,
            Neuron::Spiking(spiking) => Some(spiking),
        }
    }

    /// The right shift b + F + 4 − G that brings a difference of traces to β of the membrane's
    /// threshold (S2); negative only in a network that [`Network::validate`] refuses.
    pub fn nudge_shift(&self) -> i64 {
        i64::from(self.phases.beta_shift)
            + i64::from(self.formats.state_fraction + TRACE_EXTRA_BITS)
            - i64::from(self.formats.weight_fraction)
    }
}

/// Ranges of the numbers of spiking units, and how the formats fit together.
pub(super) fn check(network: &Network, spiking: Spiking) -> Check {
    let Spiking {
        trace_shift,
        leak_shift,
        steps,
    } = spiking;
    for (field, value, range, help) in [
        (
            "spiking.trace_shift",
            trace_shift,
            1..=MAX_TRACE_SHIFT,
            "the state follows the spikes with a time constant of 2^trace_shift steps; 4 works well",
        ),
        (
            "spiking.leak_shift",
            leak_shift,
            0..=MAX_LEAK_SHIFT,
            "a membrane leaks 2^-leak_shift of itself in a step; 0, for no leak, works well",
        ),
        (
            "spiking.steps",
            steps,
            1..=MAX_SWEEPS,
            "a phase should last four time constants of the trace: 64 steps with trace_shift = 4",
        ),
    ] {
        if !range.contains(&value) {
            return Err(ConfigError::new(
                "eqprop::config::range",
                field,
                format!("`{field}` is {value}"),
                format!("{}…{}", range.start(), range.end()),
                help,
            ));
        }
    }
    if network.dynamics.feedback_shift > 0 {
        let why = "spiking units hear all layers alike";
        let table = "dynamics.feedback_shift";
        return Err(misplaced(table, "spiking", "rate", why));
    }
    let shift = network.nudge_shift();
    if shift < 0 {
        let Formats {
            state_fraction,
            weight_fraction,
            ..
        } = network.formats;
        let beta_shift = network.phases.beta_shift;
        return Err(ConfigError::new(
            "eqprop::config::nudge_shift",
            "formats.state_fraction",
            format!(
                "the nudge of a spiking output is shifted right by \
                 b + F + {TRACE_EXTRA_BITS} − G = {beta_shift} + {state_fraction} + {TRACE_EXTRA_BITS} − {weight_fraction} = {shift}"
            ),
            "not below 0",
            format!(
                "write state_fraction = {} or more (12 works well), or a smaller weight_fraction",
                i64::from(state_fraction) - shift
            ),
        ));
    }
    Ok(())
}

/// Refuses fields of the other kind of unit: a value that nothing reads would mislead.
pub(super) fn misplaced(table: &'static str, kind: &str, other: &str, why: &str) -> ConfigError {
    ConfigError::new(
        "eqprop::config::neuron",
        table,
        format!("`{table}` plays no part in a network with neuron = \"{kind}\""),
        why,
        format!("remove `{table}`, or write neuron = \"{other}\""),
    )
}

/// Choices that run but are known not to learn well (measured: see the README's results).
pub(super) fn warnings(network: &Network, spiking: Spiking) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if network.phases.nudging == Nudging::Positive {
        warnings.push(Warning {
            code: "eqprop::config::biased_contrast",
            message: "spiking units with nudging = \"positive\": traces still rise when the free phase ends, \
                      so every difference of the two phases is too large, and learning diverges"
                .to_owned(),
            help: "use nudging = \"random_sign\" or \"symmetric\", in which this cancels".to_owned(),
        });
    }
    let settled = 4u32 << spiking.trace_shift;
    if spiking.steps < settled {
        warnings.push(Warning {
            code: "eqprop::config::short_phase",
            message: format!(
                "phases of {} steps are shorter than four time constants of the trace, 4 · 2^{}: \
                 states still move when a phase ends, and some runs become unstable",
                spiking.steps, spiking.trace_shift
            ),
            help: format!(
                "use steps = {}, or a smaller trace_shift",
                settled.min(MAX_SWEEPS)
            ),
        });
    }
    warnings
}
