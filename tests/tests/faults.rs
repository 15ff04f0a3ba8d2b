//! The comparison can fail: faults in the Verilog that change what the hardware does are caught.
//!
//! Whether a fault changes anything is decided without the models: everything that comes out of the
//! hardware with the fault against everything that comes out of the hardware without.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;

use hdl::arch::stream::{self, Purpose};
use hdl::arch::Plan;
use hdl::config::Network;
use hdl::design::{core, Design};
use sim::bittrue::{Mode, Sample};
use sim::data::Dataset;
use sim::fault::{faults, wild, Trial};
use sim::lockstep::{source, LockstepError};
use sim::progress::Silent;
use sim::verilate::{
    build, BuildOptions, Cache, Job, Library, ProbeEvent, Profile, RunReport, VerilateError,
};
use sim::weights::Weights;

/// Odd sizes, a lane without a unit and layers on both sides: with a block that skips a layer, all units
/// are in lanes; without, the outputs are at the head.
const NETWORKS: [&str; 2] = [
    "layers = [5, 4, 3]\nblocks = [[0, 1], [1, 2], [0, 2]]\ndataset = \"random\"\n",
    "layers = [5, 4, 3, 2]\ndataset = \"random\"\n",
];
const SAMPLES: usize = 6;

struct Bench {
    plan: Plan,
    design: Design,
    weights: Weights,
    samples: Vec<Sample>,
}

/// Words, probe events and cycles of one command; `None`: no answer.
type Behaviour = Option<(Vec<u32>, Vec<ProbeEvent>, RunReport)>;

/// What became of a seed.
struct Verdict {
    seed: u32,
    line: String,
    changed: bool,
    caught: Option<String>,
}

impl Bench {
    fn new(network: &str) -> Bench {
        let network = Network::parse("small.toml", network).unwrap();
        let plan = Plan::new(&network, 2).unwrap();
        let data = Dataset::load(&network, std::path::Path::new(""), None).unwrap();
        let fraction = network.formats.state_fraction;
        Bench {
            design: core(&plan).unwrap(),
            weights: Weights::initial(&network),
            samples: (0..SAMPLES).map(|n| data.sample(n, fraction)).collect(),
            plan,
        }
    }

    fn library(&self, text: &str) -> Result<Library, VerilateError> {
        let mut design = self.design.clone();
        design.text = text.to_owned();
        let options = BuildOptions {
            profile: Profile::Quick,
            ..BuildOptions::default()
        };
        let cache = Cache::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/verilate"));
        build(&source(&self.plan, &design), &options, &cache)
    }

    /// Words, probe events and cycles that the hardware gives for every sample, or where it fails.
    fn behaviour(&self, library: &Library) -> Vec<Behaviour> {
        let mut model = library.instance();
        let mut all = vec![];
        let wild = wild(&self.plan, &self.weights);
        for weights in [&self.weights, &wild] {
            let mut commands = self.plan.configure();
            commands.extend(self.plan.load(
                |block, row, column| weights.blocks[block][(row, column)],
                |layer, unit| weights.biases[layer - 1][unit],
            ));
            for sample in &self.samples {
                for purpose in [Purpose::Learn(&sample.target), Purpose::Infer] {
                    commands.push(stream::sample(&sample.input, purpose, true));
                }
            }
            commands.extend(stream::read_banks(&self.plan));
            commands.extend(stream::read_biases(&self.plan));
            commands.push(stream::read_random());
            for command in &commands {
                let job = Job {
                    commands: &[command],
                    responses: 1,
                    max_cycles: 50_000,
                    observe: true,
                    ..Job::default()
                };
                let (mut words, mut events) = (vec![], vec![]);
                let report = model.run(&job, &mut words, &mut events);
                all.push(report.ok().map(|report| (words, events, report)));
                if all.last().is_some_and(Option::is_none) {
                    return all;
                }
            }
        }
        all
    }

    fn trial(&self, library: &Library) -> Result<usize, LockstepError> {
        let trial = Trial {
            plan: &self.plan,
            weights: &self.weights,
            samples: &self.samples,
            modes: &[Mode::Learn, Mode::Infer],
            pressure: None,
        };
        trial.run(library, &Silent, |_, _, _, _| ())
    }

    fn verdict(&self, seed: u32) -> Verdict {
        let (fault, library) = faults(&self.design.text, seed)
            .unwrap()
            .take(50)
            .find_map(|fault| match self.library(&fault.text) {
                Ok(library) => Some((fault, library)),
                Err(VerilateError::Verilator { .. }) => None,
                Err(error) => panic!("{error}"),
            })
            .expect("one of fifty faults is Verilog");
        let good = self.library(&self.design.text).unwrap();
        let outcome = self.trial(&library);
        Verdict {
            seed,
            line: format!(
                "{} line {}: {} -> {}",
                fault.module, fault.line, fault.before, fault.after
            ),
            changed: self.behaviour(&library) != self.behaviour(&good),
            caught: outcome.err().map(|error| error.to_string()),
        }
    }
}

/// Judges seeds from 1 on until `changing` of them changed the hardware's behaviour.
fn judge(changing: usize) {
    let benches = NETWORKS.map(Bench::new);
    for bench in &benches {
        let good = bench.library(&bench.design.text).unwrap();
        let passed = bench.trial(&good);
        assert_eq!(
            passed.unwrap(),
            4 * SAMPLES,
            "hardware without a fault passes"
        );
    }

    let (next, verdicts) = (AtomicUsize::new(1), Mutex::new(vec![]));
    let workers = std::thread::available_parallelism().map_or(1, |n| n.get());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| loop {
                let found = |verdicts: &Vec<Verdict>| verdicts.iter().filter(|v| v.changed).count();
                if found(&verdicts.lock().unwrap()) >= changing {
                    return;
                }
                let seed = next.fetch_add(1, Ordering::Relaxed);
                let verdict = benches[seed % benches.len()].verdict(seed as u32);
                verdicts.lock().unwrap().push(verdict);
            });
        }
    });
    let mut verdicts = verdicts.into_inner().unwrap();
    verdicts.sort_by_key(|v| v.seed);
    for Verdict {
        seed,
        line,
        changed,
        caught,
    } in &verdicts
    {
        println!(
            "{seed} {line}: changed {changed}, {}",
            caught.as_deref().unwrap_or("not caught")
        );
    }
    let changed = verdicts.iter().filter(|v| v.changed);
    let caught = changed.clone().filter(|v| v.caught.is_some()).count();
    println!(
        "{caught} of {} caught, of {} seeds",
        changed.clone().count(),
        verdicts.len()
    );
    let missed: Vec<_> = changed
        .filter(|v| v.caught.is_none())
        .map(|v| &v.line)
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn twenty_faults_that_change_behaviour_are_caught() {
    judge(20);
}

/// Takes minutes: about two seconds a seed and core.
#[test]
#[ignore = "long"]
fn a_hundred_faults_that_change_behaviour_are_caught() {
    judge(100);
}
