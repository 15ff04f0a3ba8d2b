//! Damaged frames, noise, stalled and dying hosts: no wrong weight, no hang, exact counters.

use super::client::{Client, Hardware};
use super::training::{case, train, trained};
use hdl::arch::program::{Code, Instruction};
use hdl::arch::protocol::{counter, Frame, Refusal, Request, FLAG};
use hdl::arch::registers::{flag, status, Command, Space};
use hdl::arch::stream::{self, Purpose, Response};
use hdl::arch::{Link, Plan};
use hdl::board::Board;
use hdl::config::Pipeline;
use sim::bittrue::Xorshift;
use sim::board::Line;

fn bytes(_: &Plan, _: &Board) -> Line {
    Line::Bytes
}

fn small() -> Hardware {
    let case = case("[6, 5, 3]", 0);
    Hardware::new(Plan::new(&case.network, 2).unwrap(), "icebreaker", bytes)
}

/// The same with a deep pipeline, whose link has registers behind its memories.
fn deep() -> Hardware {
    let mut network = case("[6, 5, 3]", 0).network;
    network.engine.pipeline = Some(Pipeline::Deep);
    Hardware::new(Plan::new(&network, 2).unwrap(), "colorlight-i5", bytes)
}

/// A session on a fresh board, loaded.
fn session(hardware: &Hardware) -> Client {
    let mut client = hardware.client();
    client.hello(7);
    client.load(&hardware.plan, &case("[6, 5, 3]", 0).weights);
    client
}

#[test]
fn every_byte_of_every_frame_may_be_lost_doubled_or_changed_both_ways() {
    let (small, deep) = (small(), deep());
    let case = case("[6, 5, 3]", 20);
    let mut damaged = 0;
    for (seed, rate, hardware) in [
        (1, 200, &small),
        (2, 655, &deep),
        (3, 1000, &small),
        (4, 1000, &deep),
    ] {
        let mut client = hardware.client();
        client.damage(seed, rate);
        client.hello(seed as u8);
        train(&mut client, &hardware.plan, &case);
        println!("seed {seed}, {rate}/65536: {:?}", client.trouble);
        damaged += client.trouble.damaged;
    }
    assert!(damaged > 50, "{damaged}");
}

#[test]
fn the_pins_survive_damaged_bytes_and_noise_too() {
    let case = case("[6, 5, 3]", 6);
    let plan = Plan::new(&case.network, 2).unwrap();
    let hardware = Hardware::new(plan, "icebreaker", Line::pins);
    let mut client = hardware.client();
    // A line that is torn, a break, a byte without a stop bit: noise of the past.
    for bits in [0x0F0, 0x000, 0x001, 0x2AA, 0x07E] {
        client.board.send_bits(bits);
    }
    client.listen(20_000);
    client.hello(200);
    client.damage(4, 400);
    train(&mut client, &hardware.plan, &case);
    assert!(client.trouble.damaged > 3, "{:?}", client.trouble);
}

#[test]
fn a_training_frame_that_comes_again_is_learned_from_once() {
    let hardware = small();
    let mut client = session(&hardware);
    let case = case("[6, 5, 3]", 3);
    let learn = |n: usize| {
        let sample = &case.samples[n];
        stream::sample(&sample.input, Purpose::Learn(&sample.target), true)
    };
    // The numbers that follow those of the session's own frames.
    let first = client.next_number();
    let frame = |n: usize| Frame::request(first.wrapping_add(n as u8), Request::Core, learn(n));
    let mut answers = vec![];
    for sent in [&[0, 0, 0][..], &[0, 1, 0, 1, 2], &[2, 1, 0, 2]] {
        for &n in sent {
            client.send(frame(n).encode());
        }
        answers.extend(client.listen(60_000));
    }
    assert_eq!(answers.len(), 12);
    for (n, times) in [6, 3, 3].into_iter().enumerate() {
        let number = frame(n).sequence;
        let kept: Vec<_> = answers.iter().filter(|a| a.sequence == number).collect();
        assert_eq!(kept.len(), times);
        assert!(kept.iter().all(|answer| *answer == kept[0]));
        assert!(Response::parse(&kept[0].words).is_some());
    }
    client.skip(3);
    let (weights, random, _) = trained(&case);
    assert_eq!(client.read(&hardware.plan), (weights, random));
    assert_eq!(client.counters()[counter::SAMPLES], 3);
}

#[test]
fn a_frame_out_of_turn_is_refused_once_and_changes_nothing() {
    let hardware = small();
    let mut client = session(&hardware);
    let case = case("[6, 5, 3]", 1);
    let sample = &case.samples[0];
    let learn = stream::sample(&sample.input, Purpose::Learn(&sample.target), true);
    let expected = client.next_number();
    for ahead in [1, 2, 100, 200] {
        let number = expected.wrapping_add(ahead);
        client.send(Frame::request(number, Request::Core, learn.clone()).encode());
    }
    let again = Frame {
        sequence: expected,
        kind: Refusal::Again as u8,
        words: vec![],
    };
    assert_eq!(client.listen(40_000), [again]);
    assert_eq!(client.read(&hardware.plan).0, case.weights);
    assert_eq!(client.counters()[counter::SAMPLES], 0);
}

#[test]
fn a_host_that_dies_in_a_frame_leaves_only_whole_frames_behind() {
    let hardware = small();
    let mut client = session(&hardware);
    let case = case("[6, 5, 3]", 2);
    let first = client.next_number();
    for n in 0..2 {
        let sample = &case.samples[n];
        let learn = stream::sample(&sample.input, Purpose::Learn(&sample.target), true);
        let mut line = Frame::request(first.wrapping_add(n as u8), Request::Core, learn).encode();
        if n == 1 {
            line.truncate(line.len() / 2);
        }
        client.send(line);
    }
    // A new host knows nothing of all this; half a frame is the one damaged.
    let counters = client.hello(99).counters;
    assert_eq!(counters[counter::CRC_ERRORS], 1);
    assert_eq!(counters[counter::SAMPLES], 1);
    let mut one = case;
    one.samples.truncate(1);
    let (weights, random, _) = trained(&one);
    assert_eq!(client.read(&hardware.plan), (weights, random));
    // It begins anew.
    train(&mut client, &hardware.plan, &one);
}

#[test]
fn commands_that_break_off_or_run_on_are_refused_and_the_core_goes_on() {
    let hardware = small();
    let mut client = session(&hardware);
    let case = case("[6, 5, 3]", 2);
    let sample = &case.samples[0];
    let whole = stream::sample(&sample.input, Purpose::Learn(&sample.target), true);
    let mut longer = whole.clone();
    longer.extend([1, 2, 3]);
    let bank = |count: usize, words: &[u32]| {
        let mut command = vec![Command::Write.header(Space::Bank as u32, count), 0];
        command.extend(words);
        command
    };
    let unloaded = client.read(&hardware.plan).0.blocks[0][(0, 0)] as u16;
    let malformed = vec![
        whole[..1].to_vec(),
        whole[..3].to_vec(),
        whole[..whole.len() - 1].to_vec(),
        longer,
        vec![Command::Sample.header(flag::ANSWER, 0), 5],
        vec![Command::Write.header(Space::Registers as u32, 1)],
        vec![Command::Write.header(Space::Registers as u32, 2), 0, 1],
        bank(4, &[u32::from(unloaded)]),
        bank(1, &[u32::from(unloaded), 9, 9]),
        vec![Command::Read.header(Space::Bank as u32, 0), 0],
        vec![Command::Read.header(Space::Bank as u32, 3), 0, 7, 7],
        vec![Command::Write.header(Space::Bank as u32, 0xFFFF)],
    ];
    let requests = malformed.iter().map(|words| (Request::Core, words.clone()));
    for (answer, command) in client.batch(requests.collect()).iter().zip(&malformed) {
        assert_eq!(answer, &[status::MALFORMED], "{command:x?}");
    }
    let unknown = client.batch(vec![(Request::Core, vec![0x7700_0000, 1, 2])]);
    assert_eq!(unknown, [[status::UNKNOWN_COMMAND]]);
    assert_eq!(client.counters()[counter::SAMPLES], 0);
    train(&mut client, &hardware.plan, &case);
}

#[test]
fn refusals_say_what_is_wrong() {
    // Banks that an answer has no room for.
    let plan = Plan::new(&case("[60, 5, 3]", 0).network, 2).unwrap();
    assert!(plan.shape.bank_words * 2 > 127);
    let hardware = Hardware::new(plan, "icebreaker", bytes);
    assert_eq!(hardware.link.answer_words(), 127);
    let mut client = hardware.client();
    // Nothing but a hello is taken first.
    client.send(Frame::request(0, Request::Counters, vec![]).encode());
    let closed = client.listen(4_000);
    assert_eq!(closed[0].kind, Refusal::Closed as u8);
    client.hello(0);
    let long = Command::Read.header(Space::Bank as u32, 60_000);
    for (number, kind, words, refusal) in [
        (1, 77, vec![1, 2], Refusal::Unknown),
        (2, Request::Core as u8, vec![], Refusal::Unknown),
        (3, Request::Core as u8, vec![long, 0], Refusal::TooLong),
    ] {
        let frame = Frame {
            sequence: number,
            kind,
            words,
        };
        client.send(frame.encode());
        let answer = client.listen(6_000_000 / if number == 3 { 1 } else { 1000 });
        let expected = Frame {
            sequence: number,
            kind: refusal as u8,
            words: vec![],
        };
        assert_eq!(answer, [expected]);
    }
    // The buffers give back what they were given.
    let link = &hardware.link;
    let most = link
        .answer_words()
        .min((link.receive_bytes - Link::receive_bytes_of(0) - 1) / 4);
    let pattern: Vec<u32> = (0..most as u32)
        .map(|i| i.wrapping_mul(0x7E7D_0101))
        .collect();
    let echo = client.ask(4, Request::Echo, pattern.clone());
    assert_eq!(echo.words, pattern);
}

#[test]
fn a_reset_frees_a_core_that_runs_wild() {
    for hardware in [small(), deep()] {
        frees(&hardware);
    }
}

fn frees(hardware: &Hardware) {
    let mut client = session(hardware);
    let case = case("[6, 5, 3]", 2);
    // A segment without the pass that would walk over it never ends.
    let words = hardware.plan.program.len();
    let mut endless = vec![Command::Write.header(Space::Program as u32, words), 0];
    endless.extend(std::iter::repeat_n(
        (Code::Segment as u32) << Instruction::CODE_SHIFT,
        words,
    ));
    client.batch(vec![(Request::Core, endless)]);
    let sample = stream::sample(&case.samples[0].input, Purpose::Infer, true);
    let number = client.next_number();
    client.send(Frame::request(number, Request::Core, sample).encode());
    assert_eq!(client.listen(100_000), []);
    let answer = client.ask(55, Request::Reset, vec![]);
    assert_eq!(answer.kind, Request::Reset.answer());
    client.resume(56);
    train(&mut client, &hardware.plan, &case);
}

#[test]
fn noise_never_ends_the_service() {
    let hardware = small();
    let mut client = session(&hardware);
    let mut rng = Xorshift::seed(9);
    let before = client.counters()[counter::CRC_ERRORS];
    for _ in 0..200 {
        let length = usize::from(rng.draw() % 300);
        let noise = (0..length).map(|_| match rng.draw() % 40 {
            0 => FLAG,
            _ => rng.draw() as u8,
        });
        client.send(noise.collect());
        client.listen(5_000);
    }
    client.send(vec![FLAG]);
    while client.board.queued() > 0 {
        client.listen(5_000);
    }
    let now = client.counters()[counter::CRC_ERRORS];
    assert_eq!(now - before, client.trouble.damaged);
    assert!(client.trouble.damaged > 200, "{:?}", client.trouble);
    assert_eq!(client.read(&hardware.plan).0, case("[6, 5, 3]", 0).weights);
}
