//! A reset in any cycle of whatever a core does leaves it as after configuration, and its memories as they were but for
//! what was being written: the next commands are answered, bit by bit and cycle by cycle, as the bit-true model does
//! that starts from what the memories hold.

use super::common::{cache, case, quick, send, Hardware};
use hdl::arch::registers::{identity, status, Command, Register, Space, MAGIC};
use hdl::arch::stream::{self, Purpose};
use hdl::arch::Plan;
use hdl::config::Pipeline;
use sim::bittrue::{BitTrue, Mode, Sample, Xorshift};
use sim::engine::Engine;
use sim::lockstep::{expected, Part, Record};
use sim::random::RandomCase;
use sim::verilate::{build, BuildOptions, CorePorts, Job, ModelSource, RunError};
use sim::weights::Weights;

/// What a core does when it is reset.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Work {
    Load,
    Infer,
    Train,
    Read,
    /// Two samples by turns.
    Pair,
}

/// A network, its hardware, and what it learns.
struct Bench {
    name: &'static str,
    case: RandomCase,
    hardware: Hardware,
    /// The state of the random numbers before each work, and other weights to load.
    random: u32,
    others: Weights,
}

impl Bench {
    fn new(name: &'static str, file: &str, pipeline: Pipeline, alter: fn(&mut String)) -> Bench {
        let mut case = case(
            &format!("name = \"{name}\"\ndataset = \"random\"\n{file}"),
            3,
        );
        case.network.engine.pipeline = Some(pipeline);
        let hardware = Hardware::altered([&case.network], 2, alter);
        let mut others = case.weights.clone();
        let mut word = Xorshift::seed(99);
        for value in others.blocks.iter_mut().flatten() {
            // Of a self-connected layer half of the matrix is not there.
            if *value != 0 {
                *value += 1 + (word.draw() % 500) as i16;
            }
        }
        for value in others.biases.iter_mut().flatten() {
            *value += 1;
        }
        Bench {
            name,
            random: Xorshift::seed(case.network.seed).state(),
            case,
            hardware,
            others,
        }
    }

    fn engine(&self) -> Engine {
        let plan = self.hardware.plan(&self.case.network);
        let model = self.hardware.model(0);
        Engine::new(plan, model, &self.case.weights, None).unwrap_or_else(|error| panic!("{error}"))
    }

    fn commands(&self, plan: &Plan, work: Work) -> Vec<Vec<u32>> {
        let [first, second, _] = &self.case.samples[..] else {
            panic!("three samples");
        };
        match work {
            Work::Load => {
                let (blocks, biases) = (&self.others.blocks, &self.others.biases);
                plan.load(
                    |block, row, column| blocks[block][(row, column)],
                    |layer, unit| biases[layer - 1][unit],
                )
            }
            Work::Infer => vec![stream::sample(&first.input, Purpose::Infer, true)],
            Work::Train => {
                let purpose = Purpose::Learn(&first.target);
                vec![stream::sample(&first.input, purpose, true)]
            }
            Work::Read => {
                let mut commands = stream::read_banks(plan);
                commands.extend(stream::read_biases(plan));
                commands.push(stream::read_random());
                commands
            }
            Work::Pair => vec![stream::pair([&first.input, &second.input])],
        }
    }

    /// Resets in every `stride`th cycle of `work`; what went wrong after which, and how many there were.
    fn resets(&self, work: Work, stride: usize) -> (Vec<String>, usize) {
        let mut engine = self.engine();
        let commands = self.commands(&engine.plan().clone(), work);
        let commands: Vec<&[u32]> = commands.iter().map(Vec::as_slice).collect();
        let whole = Job {
            commands: &commands,
            responses: commands.len(),
            max_cycles: 1_000_000,
            ..Job::default()
        };
        let run = engine.model().run(&whole, &mut vec![], &mut vec![]);
        let cycles = run.unwrap_or_else(|error| panic!("{error}")).cycles;
        let learned = (work == Work::Train).then(|| self.learned());
        let mut wrong = vec![];
        let instants: Vec<u64> = (1..=cycles).step_by(stride).collect();
        let count = instants.len();
        for cycle in instants {
            let after = self.after(&mut engine, work, &commands, cycle, learned.as_ref());
            if let Err(what) = after {
                wrong.push(format!("{} {work:?} cycle {cycle}: {what}", self.name));
                engine = self.engine();
            }
        }
        (wrong, count)
    }

    /// Resets in one cycle of the work, then looks.
    fn after(
        &self,
        engine: &mut Engine,
        work: Work,
        commands: &[&[u32]],
        cycle: u64,
        learned: Option<&(Weights, Vec<u32>)>,
    ) -> Result<(), String> {
        let start = &self.case.weights;
        if matches!(work, Work::Load | Work::Train) || cycle == 1 {
            engine.load(start).map_err(said)?;
            engine.set_random(self.random).map_err(said)?;
        }
        let job = Job {
            commands,
            // Never reached: the run ends with its cycles.
            responses: usize::MAX,
            max_cycles: cycle,
            ..Job::default()
        };
        let taken = match engine.model().run(&job, &mut vec![], &mut vec![]) {
            Err(RunError::Timeout { words_taken, .. }) => words_taken,
            other => return Err(format!("{other:?}")),
        };
        // Mostly one cycle, which is the hardest.
        let length = [1, 1, 4, 1, 2][cycle as usize % 5];
        if engine.model().reset_for(length) > 0 {
            return Err("took a word in reset".into());
        }
        let first = cycle % 2 == 0;
        match work {
            Work::Infer | Work::Read | Work::Pair => {
                if first {
                    self.untouched(engine)?;
                    self.whole(engine, start, self.random)?;
                } else {
                    self.whole(engine, start, self.random)?;
                }
                engine.load(start).map_err(said)?;
                engine.set_random(self.random).map_err(said)
            }
            Work::Train if first => {
                let (new, states) = learned.expect("it learns");
                let (weights, random) = read(engine)?;
                if !mixed(&weights, start, new) || !states.contains(&random) {
                    return Err("a weight or the random state that never was".into());
                }
                self.whole(engine, &weights, random)
            }
            Work::Load if first => {
                let (weights, random) = read(engine)?;
                if !mixed(&weights, start, &self.others) || random != self.random {
                    return Err("a weight that was not sent".into());
                }
                let sent = weights
                    .pairs(start)
                    .filter(|(_, new, old)| new != old)
                    .count();
                if sent as u64 > taken {
                    return Err(format!("{sent} weights of {taken} words"));
                }
                self.whole(engine, &weights, random)
            }
            Work::Train | Work::Load => {
                engine.load(&self.others).map_err(said)?;
                engine.set_random(self.random).map_err(said)?;
                self.whole(engine, &self.others, self.random)
            }
        }
    }

    /// All that can be read is what it was.
    fn untouched(&self, engine: &mut Engine) -> Result<(), String> {
        match read(engine)? == (self.case.weights.clone(), self.random) {
            true => Ok(()),
            false => Err("a memory has changed".into()),
        }
    }

    /// The weights after the sample that is learned from, and every state of the random numbers on the way.
    fn learned(&self) -> (Weights, Vec<u32>) {
        let mut model = BitTrue::new(&self.case.network);
        model.load(&self.case.weights);
        let mut rng = Xorshift::from_state(self.random);
        let mut record = Record::new(&self.case.network);
        let outcome = model.run(&self.case.samples[0], Mode::Learn, &mut rng, &mut record);
        assert!(outcome.learned, "{}: nothing is learned", self.name);
        let mut states = vec![self.random];
        let mut walk = Xorshift::from_state(self.random);
        while walk.state() != rng.state() {
            states.push(walk.advance());
        }
        (model.weights(), states)
    }

    /// A sample is inferred, one learned from, two taken by turns where they can be, and all is read back.
    fn whole(&self, engine: &mut Engine, weights: &Weights, random: u32) -> Result<(), String> {
        let (network, plan) = (&self.case.network, engine.plan().clone());
        let mut model = BitTrue::new(network);
        model.load(weights);
        let mut rng = Xorshift::from_state(random);
        let mut record = Record::new(network);
        let [first, second, third] = &self.case.samples[..] else {
            panic!("three samples");
        };
        for (sample, mode) in [(second, Mode::Infer), (third, Mode::Learn)] {
            record.clear();
            let outcome = model.run(sample, mode, &mut rng, &mut record);
            let cost = plan.predict(&record.trace, true);
            let purpose = match mode {
                Mode::Learn => Purpose::Learn(&sample.target),
                _ => Purpose::Infer,
            };
            engine
                .run(sample, purpose, cost.cycles, None)
                .map_err(said)?;
            let want = expected(&plan, &model, &record, &outcome, cost).words();
            if engine.words() != want {
                return Err(format!("{mode:?}: {:x?}, not {want:x?}", engine.words()));
            }
        }
        if plan.shape.interleaves() {
            let samples: [&Sample; 2] = [first, third];
            let parts = samples.map(|sample| Part::run(network, &mut model, &mut rng, sample));
            let cost = plan.predict_pair(parts.each_ref().map(|part| &part.record.trace), true);
            engine
                .run_pair(samples, cost.cycles, &mut vec![])
                .map_err(said)?;
            let want = Part::expected(&parts, cost).words();
            if engine.words() != want {
                return Err(format!("pair: {:x?}, not {want:x?}", engine.words()));
            }
        }
        match read(engine)? == (model.weights(), rng.state()) {
            true => Ok(()),
            false => Err("other weights or random numbers are learned".into()),
        }
    }
}

/// Whether each weight is that of one or of the other.
fn mixed(weights: &Weights, old: &Weights, new: &Weights) -> bool {
    let mut pairs = weights.pairs(old).zip(weights.pairs(new));
    pairs.all(|((_, word, old), (_, _, new))| word == old || word == new)
}

fn said(error: RunError) -> String {
    error.to_string()
}

fn read(engine: &mut Engine) -> Result<(Weights, u32), String> {
    let weights = engine.read_weights().map_err(said)?;
    Ok((weights, engine.read_random().map_err(said)?))
}

/// Lanes and head each have a layer, that of the lanes on three tiles. Two sweeps a phase run every section of the
/// schedule within few cycles.
const PLAIN: &str = "layers = [3, 5, 2]\n\
    dynamics = { max_sweeps_free = 2, max_sweeps_nudged = 2 }\n";
/// A layer that is in the lanes and meets the head as well.
const SKIP: &str = "layers = [3, 3, 3, 2]\nblocks = [[0, 1], [1, 2], [2, 3], [1, 3]]\n\
    dynamics = { k = 1, max_sweeps_free = 2, max_sweeps_nudged = 2 }\n";
const SELF: &str = "layers = [3, 4, 2]\nblocks = [[0, 1], [1, 1], [1, 2]]\n\
    dynamics = { k = 1, max_sweeps_free = 2, max_sweeps_nudged = 2 }\n";
const SPIKING: &str = "layers = [3, 4, 2]\nneuron = \"spiking\"\nspiking.steps = 6\n";

const EVERY: [Work; 4] = [Work::Load, Work::Infer, Work::Train, Work::Read];

fn check(name: &'static str, file: &str, pipeline: Pipeline, works: &[Work]) {
    let bench = Bench::new(name, file, pipeline, |_| ());
    let mut wrong = vec![];
    for &work in works {
        let (found, instants) = bench.resets(work, 1);
        println!(
            "{name} {work:?}: {} of {instants} instants wrong",
            found.len()
        );
        wrong.extend(found);
    }
    assert!(
        wrong.is_empty(),
        "{} wrong, first: {}",
        wrong.len(),
        wrong[0]
    );
}

#[test]
fn short_hardware() {
    check("short", PLAIN, Pipeline::Short, &EVERY);
}

#[test]
fn short_hardware_with_a_layer_in_both_places() {
    check("skip", SKIP, Pipeline::Short, &EVERY);
}

#[test]
fn short_hardware_with_a_self_connected_layer() {
    check("self", SELF, Pipeline::Short, &EVERY);
}

#[test]
fn spiking_hardware() {
    check("spiking", SPIKING, Pipeline::Short, &EVERY);
}

#[test]
#[ignore = "more of the same"]
fn deep_hardware() {
    check("deep", PLAIN, Pipeline::Deep, &EVERY);
}

#[test]
fn deep_hardware_with_a_layer_in_both_places() {
    check("deep-skip", SKIP, Pipeline::Deep, &EVERY);
}

#[test]
fn deep_hardware_with_a_self_connected_layer() {
    check("deep-self", SELF, Pipeline::Deep, &EVERY);
}

#[test]
fn hardware_that_takes_two_samples_by_turns() {
    let file = format!("{SKIP}engine.interleave = true\n");
    check(
        "by-turns",
        &file,
        Pipeline::Deep,
        &[Work::Infer, Work::Pair],
    );
}

#[test]
#[ignore = "more of the same"]
fn hardware_that_takes_turns_does_all_else() {
    let file = format!("{SKIP}engine.interleave = true\n");
    check("by-turns", &file, Pipeline::Deep, &EVERY);
}

/// Without the wait for the line, or without the tokens that clear the accumulators, a reset leaves something.
#[test]
fn what_a_reset_leaves_is_noticed() {
    let no_wait: fn(&mut String) = |text| change(text, "held = reset | waits;", "held = reset;");
    let no_clear: fn(&mut String) = |text| {
        let at = text.find("module eqprop_core_port").unwrap();
        let reset = at + text[at..].find("op = Op_LearnP;").unwrap();
        text.replace_range(reset.., &text[reset..].replacen("Op_LearnP", "Op_Nop", 1));
    };
    for (alter, work) in [(no_wait, Work::Read), (no_clear, Work::Infer)] {
        let bench = Bench::new("short", PLAIN, Pipeline::Short, alter);
        assert!(!bench.resets(work, 3).0.is_empty(), "{work:?}");
    }
}

fn change(text: &mut String, from: &str, to: &str) {
    assert_eq!(text.matches(from).count(), 1, "{from}");
    *text = text.replace(from, to);
}

/// The command of a bank's write is cut after three words, then sent whole.
#[test]
fn a_write_that_a_reset_cut_can_be_sent_again() {
    for pipeline in [Pipeline::Short, Pipeline::Deep] {
        let bench = Bench::new("plain", PLAIN, pipeline, |_| ());
        let mut model = bench.hardware.model(0);
        model.reset_for(1);
        let write = vec![0x0102_0002, 0, 0x100, 0x200];
        let job = Job {
            commands: &[&write],
            // Two cycles for the header, two for the address, one for the first value.
            max_cycles: u64::from(bench.hardware.shape.recovery()) + 5,
            ..Job::default()
        };
        let cut = model.run(&job, &mut vec![], &mut vec![]);
        assert!(
            matches!(cut, Err(RunError::Timeout { words_taken: 3, .. })),
            "{cut:?}"
        );
        model.reset_for(1);
        let read = vec![0x0202_0002, 0];
        assert_eq!(
            send(&mut model, &[write, read]),
            [status::DONE, 0x100, 0x200]
        );
    }
}

/// The first word is taken as long after a reset as the plan says, and none before.
#[test]
fn the_core_recovers_from_a_reset_in_the_cycles_that_the_plan_says() {
    for pipeline in [Pipeline::Short, Pipeline::Deep] {
        let bench = Bench::new("plain", PLAIN, pipeline, |_| ());
        let mut model = bench.hardware.model(1);
        for length in [1, 3, 200] {
            assert_eq!(model.reset_for(length), 0);
            let job = Job {
                commands: &[&[0x0902_0000]],
                responses: 1,
                max_cycles: 1_000,
                ..Job::default()
            };
            let run = model.run(&job, &mut vec![], &mut vec![]).unwrap();
            assert_eq!(run.accepted, [u64::from(bench.hardware.shape.recovery())]);
        }
    }
}

/// Spaces that are not listed and addresses that a listed one does not have: nothing is written, nothing read.
#[test]
fn places_that_there_are_not_are_refused() {
    for pipeline in [Pipeline::Short, Pipeline::Deep] {
        let bench = Bench::new("plain", PLAIN, pipeline, |_| ());
        let (shape, mut engine) = (&bench.hardware.shape, bench.engine());
        let before = read(&mut engine).unwrap();
        let write = |space: u32, address: usize, count: usize| {
            let header = Command::Write.header(space, count);
            [vec![header, address as u32], vec![0x0123; count]].concat()
        };
        let ask = |space: u32, address: usize, count: usize| {
            vec![Command::Read.header(space, count), address as u32]
        };
        let [registers, program, bank, bias] =
            [Space::Registers, Space::Program, Space::Bank, Space::Bias].map(|space| space as u32);
        let ends = [
            (registers, Register::ALL.len()),
            (program, shape.program_words),
            (bank, shape.bank_words),
            (bias, shape.bias_words),
        ];
        let mut refused = vec![];
        for space in [4, 9, 255] {
            for count in [1, 3] {
                refused.extend([write(space, 0, count), ask(space, 0, count)]);
            }
        }
        for (space, end) in ends {
            for address in [end, end + 1, 1 << 10, 1 << 15, 1 << 16, 1 << 31] {
                refused.extend([write(space, address, 1), write(space, address, 2)]);
            }
        }
        for (space, end) in [(registers, identity::WORDS), (program, 0), ends[2], ends[3]] {
            for address in [end, end + 1, 1 << 16, 1 << 31] {
                refused.extend([ask(space, address, 1), ask(space, address, 5)]);
            }
        }
        for command in &refused {
            let answer = send(engine.model(), std::slice::from_ref(command));
            assert_eq!(answer, [status::OUTSIDE], "{command:x?}");
        }
        assert_eq!(read(&mut engine).unwrap(), before);
        bench.whole(&mut engine, &before.0, before.1).unwrap();

        // What runs past the end ends there.
        let lanes = shape.lanes;
        let last = ask(bank, shape.bank_words - 1, 3 * lanes);
        assert_eq!(send(engine.model(), &[last]).len(), lanes);
        assert_eq!(
            send(engine.model(), &[ask(registers, 0, 9)]).len(),
            identity::WORDS
        );
        assert_eq!(send(engine.model(), &[ask(registers, 0, 1)]), [MAGIC]);
        let (end, words) = (shape.bias_words, [7, 8, 9]);
        let header = Command::Write.header(bias, words.len());
        let past = [&[header, end as u32 - 1], &words[..]].concat();
        let answers = send(
            engine.model(),
            &[past, ask(bias, end - 1, 1), ask(bias, 0, 1)],
        );
        assert_eq!(answers[..2], [status::OUTSIDE, 7]);
        assert!(end == 1 || ![8, 9].contains(&answers[2]));
        // And what is whole is done.
        let whole = write(bank, shape.bank_words - 1, lanes);
        assert_eq!(
            send(engine.model(), &[whole, write(bias, end - 1, 1)]),
            [status::DONE; 2]
        );
    }
}

/// The core behind the names of AXI4-Stream, whose reset is low; the shim holds it from one to three cycles.
#[test]
fn the_stream_of_the_wrapper_takes_no_word_in_reset() {
    const WRAPPED: &str = "module wrapped(input wire clock, input wire reset, input wire s_valid, output wire s_ready,\n\
        input wire [31:0] s_data, input wire s_last, output wire m_valid, input wire m_ready,\n\
        output wire [31:0] m_data, output wire m_last, output wire busy);\n\
        wire [2:0] phase; wire unused = &{1'b0, phase};\n\
        eqprop_axis axis(.aclk(clock), .aresetn(!reset), .s_axis_tvalid(s_valid), .s_axis_tready(s_ready),\n\
        .s_axis_tdata(s_data), .s_axis_tlast(s_last), .m_axis_tvalid(m_valid), .m_axis_tready(m_ready),\n\
        .m_axis_tdata(m_data), .m_axis_tlast(m_last), .busy(busy), .phase(phase));\nendmodule\n";
    const AXIS: &str = include_str!("../../../host/src/integration/eqprop_axis.v");
    let bench = Bench::new("plain", PLAIN, Pipeline::Short, |_| ());
    let design = hdl::design::core(&bench.hardware.plan).unwrap();
    let source = ModelSource {
        top: "wrapped".into(),
        files: vec![
            ("wrapped.v".into(), WRAPPED.into()),
            ("eqprop_axis.v".into(), AXIS.into()),
            (format!("{}.v", design.top), design.text),
            (format!("{}.vlt", design.top), design.lint_waivers),
        ],
        ports: CorePorts::plain(),
        probes: vec![],
    };
    let options = BuildOptions {
        // The wrapper leaves the probes open.
        waivers: vec!["PINMISSING".into()],
        ..quick()
    };
    let library = build(&source, &options, &cache()).unwrap_or_else(|error| panic!("{error}"));
    let mut model = library.instance();
    for length in [1, 2, 3] {
        assert_eq!(send(&mut model, &[vec![0x0200_0001, 0]]), [MAGIC]);
        assert_eq!(model.reset_for(length), 0);
    }
}
