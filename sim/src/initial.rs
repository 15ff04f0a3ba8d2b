//! The weights that training starts from: random, and the same for the same network on any machine.

use hdl::config::{Formats, Network};
use ndarray::{Array1, Array2};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::weights::Weights;

impl Weights {
    /// Seeded initial weights: round(U(−1, 1) · scale · √(6 / (rows + columns)) · 2^G), saturated to
    /// B bits (the uniform initialisation of Glorot & Bengio 2010), every bias round(bias · 2^G).
    ///
    /// Block i draws from stream i of ChaCha8 seeded with `network.seed`, rows rising, columns
    /// rising within a row, so that a block keeps its weights when another one changes.
    /// A self-connected layer draws for row < column and is zero elsewhere.
    pub fn initial(network: &Network) -> Weights {
        let orientations = network.orientations();
        let blocks = (0..).zip(&orientations).map(|(stream, sides)| {
            let mut random = ChaCha8Rng::seed_from_u64(network.seed.into());
            random.set_stream(stream);
            let shape = (
                network.layers[sides.row].units,
                network.layers[sides.column].units,
            );
            let width = network.learning.init_scale * (6.0 / (shape.0 + shape.1) as f64).sqrt();
            Array2::from_shape_fn(shape, |(row, column)| {
                if sides.row == sides.column && row >= column {
                    return 0;
                }
                raw(uniform(&mut random) * width, &network.formats)
            })
        });
        let bias = raw(network.learning.init_bias, &network.formats);
        let free = &network.layers[1..];
        Weights {
            blocks: blocks.collect(),
            biases: (free.iter())
                .map(|layer| Array1::from_elem(layer.units, bias))
                .collect(),
        }
    }
}

/// The middle of one of 2^32 equal parts of (−1, 1).
fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (f64::from(random.next_u32()) + 0.5) / f64::from(1u32 << 31) - 1.0
}

/// The nearest raw weight of B bits and G fraction bits; halves away from zero.
fn raw(value: f64, formats: &Formats) -> i16 {
    let limit = f64::from(1u32 << (formats.weight_bits - 1));
    let scaled = (value * f64::from(1u32 << formats.weight_fraction)).round();
    scaled.clamp(-limit, limit - 1.0) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        Network::parse("test.toml", text).expect("the test's network is valid")
    }

    #[test]
    fn digits_have_the_documented_shape_width_and_mean() {
        let weights = Weights::initial(&Network::builtin("digits").unwrap());
        assert_eq!(weights.blocks[0].dim(), (48, 64));
        assert_eq!(weights.blocks[1].dim(), (48, 10));
        let limit = 0.5 * (6.0f64 / 112.0).sqrt() * 8192.0;
        let values: Vec<f64> = weights.blocks[0].iter().map(|&w| f64::from(w)).collect();
        let largest = values.iter().fold(0.0f64, |m, w| m.max(w.abs()));
        assert!(
            largest <= limit.round() && largest > 0.99 * limit,
            "{largest}"
        );
        // The mean of 3072 uniform values has the standard deviation limit / √(3·3072).
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        assert!(
            mean.abs() < 4.0 * limit / (3.0 * 3072.0f64).sqrt(),
            "{mean}"
        );
        assert!(weights.biases.iter().all(|b| b.iter().all(|&b| b == 0)));
    }

    #[test]
    fn the_stream_is_fixed() {
        let weights = Weights::initial(&Network::builtin("xor").unwrap());
        assert_eq!(weights.biases[0][0], 1229);
        insta::assert_snapshot!(weights.blocks[0], @r#"
        [[318, -628],
         [3119, -2700],
         [-1860, 621],
         [-728, -1806],
         [2140, -1392],
         [2662, 1355],
         [-25, -250],
         [1352, -2235],
         [-2949, 2412],
         [-2099, 1330],
         [-3041, -108],
         [2842, 497]]
        "#);
    }

    #[test]
    fn another_seed_gives_other_weights_and_another_block_changes_only_itself() {
        let first = Weights::initial(&network("layers = [4, 5, 3]"));
        let seeded = Weights::initial(&network("layers = [4, 5, 3]\nseed = 2"));
        let skip = Weights::initial(&network("layers = [4, 5, 3]\nblocks = [[0,1],[1,2],[0,2]]"));
        assert_ne!(first, seeded);
        assert_eq!(first.blocks[..], skip.blocks[..2]);
        assert_ne!(skip.blocks[2].iter().next(), skip.blocks[1].iter().next());
    }

    #[test]
    fn a_self_connected_layer_fills_the_upper_triangle_only() {
        let weights =
            Weights::initial(&network("layers = [4, 5, 3]\nblocks = [[0,1],[1,1],[1,2]]"));
        for ((row, column), &weight) in weights.blocks[1].indexed_iter() {
            assert_eq!(weight != 0, row < column, "{row},{column}");
        }
    }

    #[test]
    fn wide_values_saturate() {
        let text = "layers = [4, 5, 3]\n[learning]\ninit_scale = 1000\ninit_bias = -1000\n[formats]\nweight_bits = 8";
        let weights = Weights::initial(&network(text));
        assert!(weights.blocks[0].iter().all(|&w| (-128..=127).contains(&w)));
        assert!(weights.blocks[0].iter().any(|&w| w == 127));
        assert_eq!(weights.biases[1][0], -128);
    }
}
