//! A network mapped to a shape: memory map, schedule, registers.

use super::memory::MemoryMap;
use super::program::{Code, Instruction, LIST_GRANULE};
use super::registers::{Register, REGISTERS};
use super::shape::Shape;
use super::spiking::Spiking;
use crate::config::{Dynamics, Network, Nudging, Order, Pipeline, ACCUMULATOR_MENU, LANE_MENU};
use sha2::{Digest, Sha256};

/// Most words of a space that commands address: the address behind the last one has 16 bits too.
const ADDRESSES: usize = (1 << 16) - 1;

/// Everything that is known about a network on a line of lanes.
#[derive(Clone, Debug)]
pub struct Plan {
    pub network: Network,
    pub shape: Shape,
    pub map: MemoryMap,
    /// The schedule memory: drive, sweep, output and learning section one after another.
    pub program: Vec<Instruction>,
    /// Contents of the registers, by address.
    pub registers: [u32; REGISTERS],
    /// Names this configuration (network and shape) in headers and to the host.
    pub hash: u32,
}

/// A network that no hardware can be generated for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error("{lanes} lanes: the engine is generated with {menu:?} lanes; choose one of these with --lanes or engine.lanes")]
    Lanes {
        lanes: usize,
        menu: &'static [usize],
    },
    #[error("the sums need {bits} bits and the widest accumulator has {widest}: use fewer weight or state bits, or a smaller fan-in than {fan_in}")]
    Accumulator {
        bits: u32,
        widest: u32,
        fan_in: usize,
    },
    #[error("{what}: the network needs {needed}, the address fields end at {limit}; use more lanes than {lanes} or smaller layers")]
    TooLarge {
        what: &'static str,
        needed: usize,
        limit: usize,
        lanes: usize,
    },
    #[error("the learning rates and their halvings differ by up to 2^{span}, hardware by at most 2^{limit}; use rate_shift values that lie closer together, or fewer halvings")]
    Rates { span: u32, limit: u32 },
    #[error("two samples by turns (engine.interleave = true, --interleave) need rate units and a deep pipeline: leave it out, take an ECP5 board, or write pipeline = \"deep\"")]
    Interleave,
    #[error("{what}: the network needs {needed}, this hardware has {available}; generate hardware for this network")]
    DoesNotFit {
        what: &'static str,
        needed: usize,
        available: usize,
    },
    #[error(
        "the network's {what} differs from the hardware's; generate hardware for this network"
    )]
    OtherHardware { what: &'static str },
}

impl Plan {
    /// Maps `network` to the smallest hardware of `lanes` lanes that holds it.
    pub fn new(network: &Network, lanes: usize) -> Result<Plan, PlanError> {
        Self::build(network, lanes, None)
    }

    /// Maps `network` to given hardware.
    pub fn on(network: &Network, shape: &Shape) -> Result<Plan, PlanError> {
        Self::build(network, shape.lanes, Some(shape))
    }

    fn build(network: &Network, lanes: usize, given: Option<&Shape>) -> Result<Plan, PlanError> {
        if !LANE_MENU.contains(&lanes) {
            return Err(PlanError::Lanes {
                lanes,
                menu: &LANE_MENU,
            });
        }
        let map = MemoryMap::new(network, lanes);
        // Hardware that is given may have its window higher; if lower, it is refused below.
        let own = super::learning::needed(network).0;
        let learn_shift = given.map_or(own, |shape| shape.learn_shift.max(own));
        let by_turns = given.map_or(network.engine.interleave, Shape::interleaves);
        let pipeline = given.map_or(pipeline(network), |shape| shape.pipeline);
        let deep = pipeline == Pipeline::Deep;
        let (program, starts) = super::compile::compile(network, &map, learn_shift, lanes, deep);
        let need = needed(network, lanes, &map, program.len(), by_turns)?;
        let shape = match given {
            None => need,
            Some(shape) => {
                if shape.formats != need.formats {
                    return Err(PlanError::OtherHardware {
                        what: "number format",
                    });
                }
                if shape.union_spiking(&need) != Some(shape.spiking) {
                    return Err(PlanError::OtherHardware {
                        what: "kind of units (rate or spiking, trace_shift, leak_shift, beta)",
                    });
                }
                if shape.union_feedback(&need) != Some(shape.feedback_shift) {
                    return Err(PlanError::OtherHardware {
                        what: "scale of feedback (dynamics.feedback_shift)",
                    });
                }
                if let Some((what, needed, available)) = shape.lacks(&need) {
                    return Err(PlanError::DoesNotFit {
                        what,
                        needed,
                        available,
                    });
                }
                shape.clone()
            }
        };
        let registers = registers(network, &map, starts);
        let hash = hash(network, &shape);
        Ok(Plan {
            network: network.clone(),
            shape,
            map,
            program,
            registers,
            hash,
        })
    }

    /// The schedule memory's words.
    pub fn program_words(&self) -> Vec<u32> {
        self.program.iter().map(|i| i.word()).collect()
    }

    /// The hash as eight hexadecimal digits.
    pub fn hash_text(&self) -> String {
        format!("{:08x}", self.hash)
    }
}

/// The smallest shape for a memory map, or the address field that is too short for it.
fn needed(
    network: &Network,
    lanes: usize,
    map: &MemoryMap,
    program: usize,
    by_turns: bool,
) -> Result<Shape, PlanError> {
    // One bit above the bound of the drive keeps leak, nudge and rounding inside as well.
    let bits = network.accumulator_bits() + 1;
    let accumulator_bits =
        *ACCUMULATOR_MENU
            .iter()
            .find(|&&a| a >= bits)
            .ok_or(PlanError::Accumulator {
                bits,
                widest: ACCUMULATOR_MENU[ACCUMULATOR_MENU.len() - 1],
                fan_in: network.largest_fan_in(),
            })?;
    let pipeline = pipeline(network);
    let second_input = match by_turns {
        false => 0,
        true if pipeline == Pipeline::Deep => map.list_words.next_multiple_of(LIST_GRANULE),
        true => return Err(PlanError::Interleave),
    };
    let list_words = match second_input {
        0 => map.list_words,
        second => second + map.input_words,
    };
    let segments = (1..network.layers.len())
        .map(|layer| super::compile::segments(map, layer, lanes).count())
        .max()
        .unwrap_or(0);
    for (what, needed, limit) in [
        ("bank words a lane", map.bank_words, ADDRESSES),
        ("tiles a lane", map.tiles, 1 << 8),
        ("tiles of one column pass", segments, (1 << 8) - 1),
        ("list regions", map.list_stride / LIST_GRANULE, 1 << 8),
        ("list words", list_words, 1 << 16),
        ("schedule words", program, ADDRESSES),
    ] {
        if needed > limit {
            return Err(PlanError::TooLarge {
                what,
                needed,
                limit,
                lanes,
            });
        }
    }
    let (learn_shift, learn_span) = super::learning::needed(network);
    let shape = Shape {
        lanes,
        accumulator_bits,
        formats: network.formats,
        pipeline,
        spiking: Spiking::of(network, map.layers[network.output()].in_lanes),
        bank_words: map.bank_words,
        tile_bits: map.tiles.max(16).next_power_of_two().ilog2(),
        list_words,
        second_input,
        program_words: program,
        bias_words: map.bias_words.max(1),
        target_words: map.target_words,
        targets_in_logic: network.engine.targets_in_logic,
        sums_words: map.sums_words,
        learn_shift,
        learn_span,
        triangular: map.blocks.iter().any(|block| block.triangular()),
        feedback_shift: network.dynamics.feedback_shift,
        many_halvings: network.learning.halvings > 3,
    };
    if let Some((what, needed, limit)) = shape.beyond_lift() {
        return Err(PlanError::TooLarge {
            what,
            needed,
            limit,
            lanes,
        });
    }
    if !shape.shifts_fit() {
        return Err(PlanError::Rates {
            span: learn_span,
            limit: (1 << super::learning::SHIFT_BITS) - 1,
        });
    }
    Ok(shape)
}

/// The pipeline of a network's own hardware: spiking units have no deep one.
fn pipeline(network: &Network) -> Pipeline {
    match network.spiking() {
        None => network.engine.pipeline.unwrap_or_default(),
        Some(_) => Pipeline::Short,
    }
}

fn registers(network: &Network, map: &MemoryMap, starts: [usize; 4]) -> [u32; REGISTERS] {
    let output = &map.layers[network.output()];
    // Time steps of spiking units are as many synchronous sweeps that nothing ends early.
    let dynamics = match network.spiking() {
        None => network.dynamics,
        Some(spiking) => Dynamics {
            k: 0,
            order: Order::Synchronous,
            tolerance: 0,
            max_sweeps_free: spiking.steps,
            max_sweeps_nudged: spiking.steps,
            feedback_shift: 0,
        },
    };
    let mut words = [0; REGISTERS];
    for (register, value) in [
        (Register::Tolerance, dynamics.tolerance as usize),
        (Register::K, dynamics.k as usize),
        (
            Register::Sequential,
            usize::from(dynamics.order == Order::Sequential),
        ),
        (
            Register::Nudging,
            match network.phases.nudging {
                Nudging::Positive => 0,
                Nudging::RandomSign => 1,
                Nudging::Symmetric => 2,
            },
        ),
        (
            Register::NudgeShift,
            (network.formats.weight_fraction - network.phases.beta_shift) as usize,
        ),
        (Register::MaxFree, dynamics.max_sweeps_free as usize),
        (Register::MaxNudged, dynamics.max_sweeps_nudged as usize),
        (Register::DrivePc, starts[0]),
        (Register::SweepPc, starts[1]),
        (Register::OutputPc, starts[2]),
        (Register::OutputLayer, network.output()),
        (Register::OutputInLanes, usize::from(output.in_lanes)),
        (Register::OutputTile, output.first_tile),
        (Register::OutputList, output.list_granule),
        (Register::OutputUnits, output.units),
        (Register::ListStride, map.list_stride),
        (Register::InputBase, map.input_base),
        (Register::LearnPc, starts[3]),
        (Register::Doublings, network.learning.halvings as usize),
        (Register::Random, random_seed(network.seed) as usize),
    ] {
        words[register as usize] = value as u32;
    }
    words
}

/// First state of the random number generator (design rule 6).
pub fn random_seed(seed: u32) -> u32 {
    match seed.wrapping_mul(0x9E37_79B1).wrapping_add(0x7F4A_7C15) {
        0 => 1,
        state => state,
    }
}

fn hash(network: &Network, shape: &Shape) -> u32 {
    let text = serde_json::to_vec(&(network, shape)).expect("plain data always serialises");
    let digest = Sha256::digest(text);
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

impl Instruction {
    pub(super) fn new(code: Code, layer: usize, tile: usize, argument: usize) -> Instruction {
        Instruction {
            code,
            layer: layer as u8,
            tile: tile as u8,
            argument: argument as u16,
        }
    }
}
