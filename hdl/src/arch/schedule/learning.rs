//! Cycles and writes of the learning section.

use super::{Cost, LearnAt, Learned, Parameter};
use crate::arch::pipeline::LEARN_HEAD;
use crate::arch::plan::Plan;
use crate::arch::program::{rate, Code};
use crate::arch::registers::Register;

impl Plan {
    /// Walks the learning section.
    pub(super) fn learn_section(
        &self,
        learned: &Learned,
        cost: &mut Cost,
        write: &mut Option<&mut dyn FnMut(LearnAt)>,
    ) {
        let lanes = self.shape.lanes;
        let stages = self.shape.stages();
        let one = [0];
        let (mut now, mut drained) = (u64::from(stages.fetch), 0);
        let (mut options, mut tile) = (0, 0);
        let start = self.registers[Register::LearnPc as usize] as usize;
        for i in &self.program[start..] {
            match i.code {
                Code::Rate => {
                    (options, tile) = (u32::from(i.argument), usize::from(i.tile));
                    now += 1;
                }
                Code::Learn => {
                    let head = options & rate::HEAD != 0;
                    let columns = match options & rate::BIAS {
                        0 => &learned.units[i.layer as usize][..],
                        _ => &one,
                    };
                    let first_row = options >> rate::FIRST_ROW_SHIFT << rate::ROTATION_BITS
                        | options & (rate::AGAIN - 1);
                    let rows = |column: u16| match options & rate::UPPER {
                        0 => self.rows_in(tile),
                        _ => usize::from(column)
                            .saturating_sub(first_row as usize)
                            .min(self.rows_in(tile)),
                    };
                    let first = now + u64::from(stages.learn);
                    if options & (rate::BIAS | rate::HEAD) == 0 {
                        let products = columns.iter().map(|&column| 2 * rows(column) as u64);
                        cost.products += products.sum::<u64>();
                    }
                    if let Some(write) = write {
                        for (index, &column) in (0..).zip(columns) {
                            let later = if head { LEARN_HEAD } else { stages.learn_write };
                            let step = cost.cycles + first + 2 * (index + u64::from(later));
                            let address = usize::from(i.argument) + usize::from(column);
                            if head {
                                let unit = usize::from(column);
                                let layer = i.layer as usize;
                                let parameter = Parameter::Bias { layer, unit };
                                write(LearnAt {
                                    cycle: step,
                                    probe: lanes,
                                    parameter,
                                });
                                continue;
                            }
                            for lane in 0..rows(column) {
                                let parameter = self
                                    .parameter_at(lane, address)
                                    .expect("a learned address holds a weight or a bias");
                                let cycle =
                                    step + u64::from(stages.token + stages.write) + lane as u64;
                                write(LearnAt {
                                    cycle,
                                    probe: lane,
                                    parameter,
                                });
                            }
                        }
                    }
                    now = first + 2 * (columns.len() as u64 + u64::from(stages.learn_write));
                    drained = now - 1 + u64::from(self.shape.drain());
                }
                _ => break,
            }
        }
        cost.cycles += now.max(drained) + 1 + u64::from(stages.go);
    }

    /// The weight or bias that the bank of `lane` holds at `address`; `None` where it holds none.
    pub fn parameter_at(&self, lane: usize, address: usize) -> Option<Parameter> {
        let lanes = self.shape.lanes;
        for (index, block) in self.map.blocks.iter().enumerate() {
            let layer = &self.map.layers[block.row];
            if let Some((tile, column)) = block.place(address, layer.tiles, lanes) {
                let row = tile * lanes + lane;
                let stored = row < layer.units && !(block.triangular() && row >= column);
                return stored.then_some(Parameter::Weight {
                    block: index,
                    row,
                    column,
                });
            }
        }
        let mut in_lanes = self
            .map
            .layers
            .iter()
            .enumerate()
            .filter(|(_, l)| l.in_lanes);
        let (index, layer) = in_lanes
            .find(|(_, l)| (l.bias_address..l.bias_address + l.tiles).contains(&address))?;
        let unit = (address - layer.bias_address) * lanes + lane;
        (unit < layer.units).then_some(Parameter::Bias { layer: index, unit })
    }
}
