//! Generated hardware that several networks share.

use hdl::arch::{Plan, Shape};
use hdl::config::{Formats, Network};
use sim::bittrue::{Mode, Sample, Xorshift};
use sim::lockstep::{source, Lockstep, LockstepError, Totals};
use sim::random::{random_network, Limits, RandomCase};
use sim::verilate::{build, BuildOptions, Cache, Job, Library, Model, Pressure, Profile};
use sim::weights::Weights;

pub fn cache() -> Cache {
    Cache::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/verilate"))
}

pub fn quick() -> BuildOptions {
    BuildOptions {
        profile: Profile::Quick,
        ..BuildOptions::default()
    }
}

/// Limits of random networks: formats are [F, B, G].
pub fn limits(lanes: usize, [f, b, g]: [u32; 3], max_units: usize, samples: usize) -> Limits {
    Limits {
        formats: Formats {
            state_fraction: f,
            weight_bits: b,
            weight_fraction: g,
        },
        lanes,
        max_layers: 5,
        max_units,
        max_blocks: 6,
        self_connected: false,
        feedback_shift: 0,
        samples,
    }
}

/// The networks of these seeds.
pub fn networks(seeds: std::ops::Range<u32>, limits: &Limits) -> Vec<RandomCase> {
    seeds.map(|seed| random_network(seed, limits)).collect()
}

/// One shape, Verilated.
pub struct Hardware {
    pub shape: Shape,
    /// What it was generated for first.
    pub plan: Plan,
    library: Library,
}

impl Hardware {
    /// The smallest hardware that holds every one of `networks`.
    pub fn of<'a>(networks: impl IntoIterator<Item = &'a Network>, lanes: usize) -> Hardware {
        Self::altered(networks, lanes, |_| ())
    }

    /// The same, from a text that `alter` has changed.
    pub fn altered<'a>(
        networks: impl IntoIterator<Item = &'a Network>,
        lanes: usize,
        alter: impl FnOnce(&mut String),
    ) -> Hardware {
        let networks: Vec<_> = networks.into_iter().collect();
        let shape = networks
            .iter()
            .map(|network| Plan::new(network, lanes).unwrap().shape)
            .reduce(|a, b| a.union(&b).expect("networks of equal formats"))
            .expect("at least one network");
        let plan = Plan::on(networks[0], &shape).unwrap();
        let mut design = hdl::design::core(&plan).unwrap();
        alter(&mut design.text);
        let library = build(&source(&plan, &design), &quick(), &cache())
            .unwrap_or_else(|error| panic!("{error}"));
        Hardware {
            shape,
            plan,
            library,
        }
    }

    pub fn library(&self) -> &Library {
        &self.library
    }

    pub fn plan(&self, network: &Network) -> Plan {
        Plan::on(network, &self.shape).unwrap()
    }

    /// A core of its own; an even seed starts it as an FPGA does, an odd one from noise.
    pub fn model(&self, seed: u32) -> Model {
        match seed % 2 {
            0 => self.library.instance(),
            _ => self.library.instance_with_noise(seed),
        }
    }

    /// Configures `model` for a case.
    pub fn lockstep(
        &self,
        case: &RandomCase,
        model: Model,
        pressure: Option<Pressure>,
    ) -> Lockstep {
        Lockstep::new(self.plan(&case.network), model, &case.weights, pressure)
            .unwrap_or_else(|error| panic!("{}: {error}", case.network.name))
    }

    /// Runs all samples of a case on a core of its own, every second network's from noise.
    pub fn run(
        &self,
        case: &RandomCase,
        pressure: Option<Pressure>,
    ) -> Result<Totals, LockstepError> {
        let mut lockstep = self.lockstep(case, self.model(case.network.seed), pressure);
        for sample in &case.samples {
            lockstep.sample(sample, Mode::Nudge)?;
        }
        Ok(lockstep.totals().clone())
    }
}

/// Back-pressure for the case of this number: from rare to frequent gaps on each side.
pub fn pressure(case: &RandomCase, index: usize) -> Pressure {
    Pressure {
        seed: case.network.seed,
        valid_gap: (index * 37 % 200) as u8,
        ready_gap: (index * 53 % 200) as u8,
    }
}

/// A network file with its initial weights and seeded samples, a quarter of whose inputs are zero.
pub fn case(file: &str, samples: usize) -> RandomCase {
    let network = Network::parse("case.toml", file).unwrap_or_else(|error| panic!("{error:?}"));
    let mut rng = Xorshift::seed(network.seed);
    let mut state = || match rng.draw() % 4 {
        0 => 0,
        _ => rng.draw() % (network.formats.one() as u16 + 1),
    };
    let mut states = |layer: usize| (0..network.layers[layer].units).map(|_| state()).collect();
    RandomCase {
        weights: Weights::initial(&network),
        samples: (0..samples)
            .map(|_| Sample {
                input: states(0),
                target: states(network.output()),
            })
            .collect(),
        network: network.clone(),
    }
}

/// Sends commands that each give one response, which is returned.
pub fn send(model: &mut Model, commands: &[Vec<u32>]) -> Vec<u32> {
    let commands: Vec<&[u32]> = commands.iter().map(Vec::as_slice).collect();
    let job = Job {
        commands: &commands,
        responses: commands.len(),
        max_cycles: 100_000,
        ..Job::default()
    };
    let mut words = vec![];
    model
        .run(&job, &mut words, &mut vec![])
        .unwrap_or_else(|error| panic!("{error}"));
    words
}
