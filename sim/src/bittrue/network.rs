//! All units of a network: their states, their weights, and one sweep over them (rules 1–3).

use super::panel::{ActiveList, Panel, TILE};
use super::step::Step;
use crate::weights::Weights;
use hdl::config::{Network, Order, Orientation};
use ndarray::{Array1, Array2};

/// The weights by which one layer drives another; a block between free layers makes two.
#[derive(Clone, Debug)]
struct Link {
    block: usize,
    source: usize,
    /// By how far the products are shifted up: f_l where the source is no higher layer (design rule F1).
    lift: u32,
    panel: Panel,
}

/// A layer's part of the network. Layer 0, the input, has states only.
#[derive(Clone, Debug)]
struct Layer {
    step: Step,
    states: Vec<u16>,
    /// Links from the clamped input, summed once a sample.
    clamped: Vec<Link>,
    /// Links from free layers, summed in every sweep.
    free: Vec<Link>,
    /// By how far bias and clamped input are shifted up in the drive: f_l.
    lift: u32,
    /// bias << F, in tiles.
    bias: Vec<[i64; TILE]>,
    /// `bias` and the input's part of the drive: constant over a sample.
    constant: Vec<[i64; TILE]>,
    /// The whole drive as it was last summed, in tiles.
    drive: Vec<[i64; TILE]>,
    /// Some state that the layer hears has changed since; a drive that is not stale is not summed again.
    stale: bool,
    /// Free layers that hear this one.
    heard_by: Vec<usize>,
    /// Some state has changed since other layers were told (`refresh`).
    changed: bool,
}

/// States, weights and the sweep.
#[derive(Clone, Debug)]
pub(super) struct Units {
    pub(super) order: Order,
    state_fraction: u32,
    orientations: Vec<Orientation>,
    layers: Vec<Layer>,
    target: Vec<u16>,
    /// The states that drives are computed from. `states` is overwritten in place; refreshing
    /// these lists after each layer or after each sweep is what makes the order of update.
    active: Vec<ActiveList>,
    nonzero: Vec<u32>,
}

impl Units {
    pub(super) fn new(network: &Network) -> Self {
        let product_bits = network.formats.weight_bits - 1 + network.formats.state_fraction;
        let units = |layer: usize| network.layers[layer].units;
        let links = |target: usize, from_input: bool| -> Vec<Link> {
            let joined =
                network
                    .blocks
                    .iter()
                    .enumerate()
                    .filter_map(|(block, ends)| match target {
                        0 => None,
                        _ if ends.a == target => Some((block, ends.b)),
                        _ if ends.b == target => Some((block, ends.a)),
                        _ => None,
                    });
            joined
                .filter(|&(_, source)| (source == 0) == from_input)
                .map(|(block, source)| Link {
                    block,
                    source,
                    lift: network.feedback_lift(target, source),
                    panel: Panel::new(units(target), units(source), product_bits),
                })
                .collect()
        };
        let mut layers: Vec<Layer> = (0..network.layers.len())
            .map(|layer| Layer {
                step: Step::new(network, layer),
                lift: network.feedback_shift(layer),
                states: vec![0; units(layer)],
                clamped: links(layer, true),
                free: links(layer, false),
                bias: vec![[0; TILE]; units(layer).div_ceil(TILE)],
                constant: vec![[0; TILE]; units(layer).div_ceil(TILE)],
                drive: vec![[0; TILE]; units(layer).div_ceil(TILE)],
                stale: true,
                heard_by: Vec::new(),
                changed: false,
            })
            .collect();
        for layer in 1..layers.len() {
            let sources: Vec<usize> = layers[layer].free.iter().map(|link| link.source).collect();
            for source in sources {
                layers[source].heard_by.push(layer);
            }
        }
        Self {
            order: network.dynamics.order,
            state_fraction: network.formats.state_fraction,
            orientations: network.orientations(),
            target: vec![0; units(network.output())],
            active: (0..layers.len())
                .map(|layer| ActiveList::new(units(layer)))
                .collect(),
            nonzero: vec![0; layers.len()],
            layers,
        }
    }

    /// Changes the step of every layer.
    #[cfg(test)]
    pub(super) fn steps(&mut self, change: impl FnMut(&mut Step)) {
        self.layers
            .iter_mut()
            .map(|layer| &mut layer.step)
            .for_each(change);
    }

    /// Copies weights into the panels of both directions.
    pub(super) fn load(&mut self, weights: &Weights) {
        for (block, sides) in self.orientations.iter().enumerate() {
            let shape = [sides.row, sides.column].map(|layer| self.layers[layer].states.len());
            assert_eq!(
                weights.blocks[block].shape(),
                shape,
                "matrix of block {block}"
            );
        }
        for (index, layer) in self.layers.iter_mut().enumerate().skip(1) {
            let biases = &weights.biases[index - 1];
            assert_eq!(biases.len(), layer.states.len(), "biases of layer {index}");
            for (unit, &bias) in biases.iter().enumerate() {
                layer.bias[unit / TILE][unit % TILE] = i64::from(bias) << self.state_fraction;
            }
            for link in layer.clamped.iter_mut().chain(&mut layer.free) {
                link.load(
                    &weights.blocks[link.block],
                    self.orientations[link.block],
                    index,
                );
            }
        }
    }

    /// The weights as they are.
    pub(super) fn weights(&self) -> Weights {
        let sides = self.orientations.iter().enumerate();
        let block = |(block, sides): (usize, &Orientation)| {
            let shape = [sides.row, sides.column].map(|layer| self.layers[layer].states.len());
            let row = &self.layers[sides.row];
            let mut links = row.clamped.iter().chain(&row.free);
            let link = links.find(|link| link.block == block);
            let panel = &link.expect("every block drives its row side").panel;
            Array2::from_shape_fn(shape, |(row, column)| {
                if sides.row == sides.column && row >= column {
                    return 0;
                }
                panel.get(row, column)
            })
        };
        let biases = |layer: &Layer| {
            let raw = layer.bias.as_flattened().iter();
            let raw = raw.map(|&bias| (bias >> self.state_fraction) as i16);
            Array1::from_iter(raw.take(layer.states.len()))
        };
        Weights {
            blocks: sides.map(block).collect(),
            biases: self.layers[1..].iter().map(biases).collect(),
        }
    }

    /// The panel of a block that drives layer `target`.
    pub(super) fn panel_mut(&mut self, target: usize, block: usize) -> &mut Panel {
        let Layer { clamped, free, .. } = &mut self.layers[target];
        let mut links = clamped.iter_mut().chain(free);
        let link = links.find(|link| link.block == block);
        &mut link.expect("a block drives the layers that it joins").panel
    }

    /// bias << F of a layer's units, in tiles.
    pub(super) fn bias_mut(&mut self, layer: usize) -> &mut [[i64; TILE]] {
        &mut self.layers[layer].bias
    }

    /// Takes a sample's input and target, and sums the input's part of every drive.
    #[inline(always)]
    pub(super) fn clamp(&mut self, input: &[u16], target: &[u16]) {
        self.layers[0].states.copy_from_slice(input);
        self.layers[0].changed = true;
        self.target.copy_from_slice(target);
        self.refresh(0);
        let input = self.active[0].as_slice();
        for layer in &mut self.layers[1..] {
            // Weights may have changed too since the last sample.
            layer.stale = true;
            layer.constant.copy_from_slice(&layer.bias);
            for link in &layer.clamped {
                for (tile, drive) in layer.constant.iter_mut().enumerate() {
                    link.panel.accumulate(tile, input, drive);
                }
            }
            for constant in layer.constant.as_flattened_mut() {
                *constant <<= layer.lift;
            }
        }
    }

    /// Bias and the clamped input's part of every drive of a layer, in tiles.
    pub(super) fn constant(&self, layer: usize) -> &[[i64; TILE]] {
        &self.layers[layer].constant
    }

    /// The free layers that drive a layer, and by which weights.
    #[inline(always)]
    pub(super) fn free_panels(&self, layer: usize) -> impl Iterator<Item = (usize, &Panel)> {
        let links = self.layers[layer].free.iter();
        links.map(|link| (link.source, &link.panel))
    }

    /// Raw targets of the output layer.
    pub(super) fn target(&self) -> &[u16] {
        &self.target
    }

    /// All free states to 0 (rule 4).
    pub(super) fn reset(&mut self) {
        for layer in 1..self.layers.len() {
            self.layers[layer].states.fill(0);
            self.layers[layer].changed = true;
            self.refresh(layer);
        }
    }

    /// Free states back to `saved`, as [`save`](Self::save) filled it.
    pub(super) fn restore(&mut self, saved: &[Vec<u16>]) {
        for (layer, saved) in saved.iter().enumerate().skip(1) {
            let here = &mut self.layers[layer];
            here.changed = here.states != *saved;
            here.states.copy_from_slice(saved);
            self.refresh(layer);
        }
    }

    /// Copies the free states to `saved`, `[layer][unit]`; `saved[0]` is left alone.
    pub(super) fn save(&self, saved: &mut [Vec<u16>]) {
        for (layer, saved) in saved.iter_mut().enumerate().skip(1) {
            saved.copy_from_slice(&self.layers[layer].states);
        }
    }

    /// Units per layer whose state is not zero.
    pub(super) fn nonzero(&self) -> &[u32] {
        &self.nonzero
    }

    /// One sweep over all free layers (rule 3); returns by how much the state that moved most moved.
    ///
    /// `sign` is σ, which only the output layer feels; `written(layer, unit, old, new)` is called
    /// for every unit, changed or not.
    #[inline(always)]
    pub(super) fn sweep(
        &mut self,
        sign: i32,
        mut written: impl FnMut(usize, usize, u16, u16),
    ) -> u16 {
        let output = self.layers.len() - 1;
        let mut largest = 0;
        for layer in 1..=output {
            let sign = if layer == output { sign } else { 0 };
            let moved = self.update(layer, sign, |unit, old, new| written(layer, unit, old, new));
            largest = largest.max(moved);
            if self.order == Order::Sequential {
                self.refresh(layer);
            }
        }
        if self.order == Order::Synchronous {
            (1..=output).for_each(|layer| self.refresh(layer));
        }
        largest
    }

    /// Updates one layer from the active lists; returns the largest move.
    #[inline(always)]
    fn update(&mut self, layer: usize, sign: i32, mut written: impl FnMut(usize, u16, u16)) -> u16 {
        let Layer {
            step,
            states,
            free,
            constant,
            drive,
            stale,
            changed,
            ..
        } = &mut self.layers[layer];
        let summed = std::mem::take(stale);
        let mut largest = 0;
        for (tile, states) in states.chunks_mut(TILE).enumerate() {
            if summed {
                let mut sums = constant[tile];
                for link in free.iter() {
                    let active = self.active[link.source].as_slice();
                    match link.lift {
                        0 => link.panel.accumulate(tile, active, &mut sums),
                        lift => {
                            let mut lifted = [0; TILE];
                            link.panel.accumulate(tile, active, &mut lifted);
                            for (sum, lifted) in sums.iter_mut().zip(lifted) {
                                *sum += lifted << lift;
                            }
                        }
                    }
                }
                drive[tile] = sums;
            }
            for (lane, (state, &drive)) in states.iter_mut().zip(&drive[tile]).enumerate() {
                let unit = tile * TILE + lane;
                let old = *state;
                let nudge = match sign {
                    0 => 0,
                    _ => step.nudge(sign, self.target[unit], old),
                };
                *state = step.next(drive, nudge, old);
                largest = largest.max(old.abs_diff(*state));
                written(unit, old, *state);
            }
        }
        *changed |= largest > 0;
        largest
    }

    /// Lets the following drives see a layer's present states; where none has changed they stay as they are. So the
    /// sweep that finds a phase settled and the first one of a nudged phase mostly sum nothing.
    #[inline(always)]
    fn refresh(&mut self, layer: usize) {
        if !std::mem::take(&mut self.layers[layer].changed) {
            return;
        }
        for index in 0..self.layers[layer].heard_by.len() {
            let target = self.layers[layer].heard_by[index];
            self.layers[target].stale = true;
        }
        self.active[layer].refresh(&self.layers[layer].states);
        self.nonzero[layer] = self.active[layer].as_slice().len() as u32;
    }
}

impl Link {
    /// Copies a block's matrix into the panel that drives layer `target`.
    fn load(&mut self, matrix: &Array2<i16>, sides: Orientation, target: usize) {
        for ((row, column), &weight) in matrix.indexed_iter() {
            if sides.row == sides.column {
                if row < column {
                    self.panel.set(row, column, weight);
                    self.panel.set(column, row, weight);
                }
            } else if sides.row == target {
                self.panel.set(row, column, weight);
            } else {
                self.panel.set(column, row, weight);
            }
        }
    }
}
