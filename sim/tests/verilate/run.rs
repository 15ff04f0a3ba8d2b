//! Jobs: words, cycles, events, instances.

use crate::common::{echo, job, model, quick, shared_cache};
use sim::verilate::*;

/// Words, events and report of one job.
fn run(model: &mut Model, job: &Job) -> (Vec<u32>, Vec<ProbeEvent>, RunReport) {
    let (mut words, mut events) = (Vec::new(), Vec::new());
    let report = model.run(job, &mut words, &mut events).unwrap();
    (words, events, report)
}

#[test]
fn a_job_takes_the_cycles_and_logs_the_events_that_the_verilog_says() {
    let mut core = model(&[]);
    let (words, events, report) = run(&mut core, &job());
    assert_eq!(words, [11, 21, 31]);
    // A word is taken, works in three cycles, is answered in the next; the core is then free again.
    let event = |cycle, kind, address, value| ProbeEvent {
        cycle,
        value,
        address,
        probe: 7,
        kind,
    };
    assert_eq!(
        events,
        [
            event(0, 0, 0, -10),
            event(5, 1, 1, -20),
            event(10, 1, 2, -30)
        ]
    );
    assert_eq!(
        report,
        RunReport {
            cycles: 15,
            busy_cycles: 12,
            accepted: vec![5, 10],
            answered: vec![9, 14],
        }
    );
    assert_eq!(core.cycle(), 15);

    // State and cycles go on from run to run, and begin anew after a reset.
    let (_, events, _) = run(&mut core, &job());
    assert_eq!((events[0].cycle, events[0].address), (15, 3));
    core.step(7);
    core.reset();
    let (_, events, _) = run(&mut core, &job());
    assert_eq!((events[0].cycle, events[0].address), (0, 0));
}

#[test]
fn pressure_changes_the_cycles_and_nothing_else() {
    let mut core = model(&[]);
    let (words, events, report) = run(&mut core, &job());
    let plain: Vec<_> = events.iter().map(|e| (e.address, e.value)).collect();
    let mut cycles = Vec::new();
    for seed in 0..20 {
        for (valid_gap, ready_gap) in [(128, 128), (0, 200), (200, 0), (255, 255)] {
            let pressure = Some(Pressure {
                seed,
                valid_gap,
                ready_gap,
            });
            let pressed = Job { pressure, ..job() };
            core.reset();
            let first = run(&mut core, &pressed);
            assert_eq!(first.0, words);
            let values: Vec<_> = first.1.iter().map(|e| (e.address, e.value)).collect();
            assert_eq!(values, plain);
            assert!(first.2.cycles >= report.cycles);
            cycles.push(first.2.cycles);
            core.reset();
            assert_eq!(run(&mut core, &pressed), first, "equal seeds, equal runs");
        }
    }
    cycles.sort();
    cycles.dedup();
    assert!(cycles.len() > 20, "the gaps hardly vary: {cycles:?}");
}

#[test]
fn only_an_observed_run_hands_events_back() {
    let mut core = model(&[]);
    let unobserved = Job {
        observe: false,
        ..job()
    };
    let (words, events, report) = run(&mut core, &unobserved);
    assert_eq!((words.len(), events.len(), report.cycles), (3, 0, 15));

    // A probe that is high without a handshake is seen while the core runs freely.
    let mut core = model(&[("probe_valid = s_valid && s_ready", "probe_valid = !busy")]);
    let mut events = Vec::new();
    core.step_observed(3, &mut events);
    let cycles: Vec<u64> = events.iter().map(|e| e.cycle).collect();
    assert_eq!(cycles, [0, 1, 2]);
}

#[test]
fn instances_are_independent_and_move_between_threads() {
    let library = build(&echo(&[]), &quick(), &shared_cache()).unwrap();
    let (mut a, mut b) = (library.instance(), library.instance());
    drop(library);
    run(&mut a, &job());
    let (_, events, _) = run(&mut b, &job());
    assert_eq!((events[0].cycle, events[0].address), (0, 0));
    let threads = [a, b].map(|mut core| std::thread::spawn(move || run(&mut core, &job()).1[0]));
    let firsts = threads.map(|thread| thread.join().unwrap());
    assert_eq!(firsts.map(|e| (e.cycle, e.address)), [(15, 3), (15, 3)]);
}

#[test]
fn models_of_equal_names_do_not_mix() {
    let mut one = model(&[]);
    let mut two = model(&[("held + 32'd1", "held + 32'd2")]);
    assert_eq!(run(&mut two, &job()).0, [12, 22, 32]);
    assert_eq!(run(&mut one, &job()).0, [11, 21, 31]);
}

#[test]
fn noise_shows_a_register_that_nothing_sets() {
    let source = echo(&[("held + 32'd1", "held + salt")]);
    let library = build(&source, &quick(), &shared_cache()).unwrap();
    let words = |mut core: Model| run(&mut core, &job()).0;
    assert_eq!(words(library.instance()), [10, 20, 30]);
    let noisy = words(library.instance_with_noise(1));
    assert_ne!(noisy, [10, 20, 30]);
    assert_eq!(words(library.instance_with_noise(1)), noisy);
    assert_ne!(words(library.instance_with_noise(2)), noisy);

    let library = build(&echo(&[]), &quick(), &shared_cache()).unwrap();
    assert_eq!(words(library.instance_with_noise(1)), [11, 21, 31]);
}

#[test]
fn a_job_without_responses_ends_when_its_words_are_taken() {
    let mut core = model(&[]);
    let silent = Job {
        responses: 0,
        ..job()
    };
    let (words, events, report) = run(&mut core, &silent);
    assert_eq!((words, events.len(), report.cycles), (vec![11, 21], 3, 11));
}

#[test]
fn the_bare_program_of_the_bench_does_the_same_run() {
    let both = bench::compare(&echo(&[]), &quick(), &job(), 1, &shared_cache()).unwrap();
    assert_eq!((both.cycles, both.events), (15, 3));
    assert!(both.bare > 0.0 && both.unobserved > 0.0 && both.observed > 0.0);
}
