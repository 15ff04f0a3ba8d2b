//! Speed of the digits core on 4 lanes: bare C++, Rust without and with events, and full lockstep.
//!
//! `cargo bench -p sim --bench lockstep [-- ROUNDS]`

use std::path::Path;
use std::time::Instant;

use hdl::arch::{stream, Plan};
use hdl::config::Network;
use sim::bittrue::{Mode, Sample};
use sim::data::Dataset;
use sim::lockstep::{source, Lockstep};
use sim::verilate::{bench::compare, build, BuildOptions, Cache, Job};
use sim::weights::Weights;

const LANES: usize = 4;
const SAMPLES: usize = 50;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rounds = std::env::args()
        .filter_map(|a| a.parse().ok())
        .next()
        .unwrap_or(7);
    let network = Network::builtin("digits")?;
    let weights = Weights::initial(&network);
    let data = Dataset::load(&network, Path::new(""), None)?;
    let fraction = network.formats.state_fraction;
    let samples: Vec<Sample> = (0..SAMPLES).map(|i| data.sample(i, fraction)).collect();
    let plan = Plan::new(&network, LANES)?;
    let model = source(&plan, &hdl::design::core(&plan)?);
    let cache = Cache::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/lockstep"));
    let options = BuildOptions::default();

    let mut commands = plan.configure();
    commands.extend(plan.load(
        |block, row, column| weights.blocks[block][(row, column)],
        |layer, unit| weights.biases[layer - 1][unit],
    ));
    commands.extend(
        samples
            .iter()
            .map(|s| stream::sample(&s.input, stream::Purpose::Nudge(&s.target), true)),
    );
    let words: Vec<&[u32]> = commands.iter().map(Vec::as_slice).collect();
    let job = Job {
        commands: &words,
        responses: words.len(),
        max_cycles: u64::MAX,
        ..Job::default()
    };
    let comparison = compare(&model, &options, &job, rounds, &cache)?;
    print!("{comparison}");

    let library = build(&model, &options, &cache)?;
    let mut lockstep = Lockstep::new(plan, library.instance(), &weights, None)?;
    let mut speeds: Vec<f64> = (0..rounds)
        .map(|_| {
            let (from, start) = (lockstep.cycle(), Instant::now());
            for sample in &samples {
                lockstep.sample(sample, Mode::Nudge)?;
            }
            Ok((lockstep.cycle() - from) as f64 / start.elapsed().as_secs_f64())
        })
        .collect::<Result<_, sim::lockstep::LockstepError>>()?;
    speeds.sort_by(f64::total_cmp);
    let median = speeds[speeds.len() / 2];
    println!(
        "full lockstep: {:.2} Mcycle/s, {:.2} of bare C++",
        median / 1e6,
        median / comparison.bare
    );
    Ok(())
}
