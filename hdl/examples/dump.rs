use hdl::arch::Plan;
use hdl::config::*;
fn main() {
    let mut args = std::env::args().skip(1);
    let p: usize = args.next().unwrap().parse().unwrap();
    let layers: Vec<usize> = args.map(|a| a.parse().unwrap()).collect();
    let n = Network {
        name: "t".into(),
        layers: layers
            .iter()
            .enumerate()
            .map(|(i, &u)| Layer {
                name: format!("l{i}"),
                units: u,
            })
            .collect(),
        blocks: (1..layers.len())
            .map(|i| Block {
                a: i - 1,
                b: i,
                rate_shift: 4,
            })
            .collect(),
        dynamics: Dynamics {
            k: 0,
            order: Order::Sequential,
            tolerance: 1,
            max_sweeps_free: 30,
            max_sweeps_nudged: 30,
        },
        phases: Phases {
            beta_shift: 1,
            nudging: Nudging::Symmetric,
        },
        formats: Formats {
            state_fraction: 12,
            weight_bits: 16,
            weight_fraction: 13,
        },
        learning: Learning {
            halvings: 3,
            init_scale: 0.5,
            init_bias: 0.,
            epochs: 40,
        },
        engine: Engine {
            lanes: Lanes::Count(p),
            board: "icebreaker".into(),
        },
        seed: 1,
        dataset: Dataset::Digits,
    };
    let plan = Plan::new(&n, p).unwrap();
    print!("{}", hdl::rtl::core_verilog(&plan));
}
