//! Reading many weights back takes a while, which is told, and is done once.

use super::common::Hardware;
use super::golden::built_in;
use hdl::arch::random_seed;
use sim::progress::Progress;
use sim::train::{Backend, HardwareBackend};
use std::cell::RefCell;

/// What was told.
#[derive(Default)]
struct Heard(RefCell<Vec<String>>);

impl Progress for Heard {
    fn start(&self, what: &str, total: u64, unit: &str) {
        self.0.borrow_mut().push(format!("{what}: {total} {unit}"));
    }

    fn reach(&self, done: u64) {
        self.0.borrow_mut().push(done.to_string());
    }

    fn finish(&self) {
        self.0.borrow_mut().push("done".into());
    }
}

#[test]
fn a_long_read_is_told_and_not_repeated() {
    let mut cases = built_in();
    cases.retain(|case| ["xor", "mnist"].contains(&&*case.network.name));
    let hardware = Hardware::of(cases.iter().map(|case| &case.network), 4);
    for (name, told) in [("xor", false), ("mnist", true)] {
        let case = (cases.iter().find(|case| case.network.name == name)).expect("built in");
        let plan = hardware.plan(&case.network);
        let words = plan.map.bank_words * plan.shape.lanes;
        let random = random_seed(case.network.seed);
        let heard = Heard::default();
        let mut backend = HardwareBackend::new(plan, hardware.model(0), &case.weights, random, 100)
            .unwrap_or_else(|error| panic!("{error}"))
            .told(&heard);
        for _ in 0..2 {
            assert_eq!(backend.differences().unwrap(), (0, String::new()));
        }
        let parameters = backend.parameters().unwrap();
        assert!(
            matches!(parameters, sim::checkpoint::Parameters::Raw(read) if read == case.weights)
        );
        let heard = heard.0.take();
        if !told {
            assert_eq!(heard, Vec::<String>::new());
            continue;
        }
        assert_eq!(heard[0], format!("reading weights back: {words} words"));
        assert_eq!(heard[heard.len() - 2..], [words.to_string(), "done".into()]);
        assert!(heard.len() > 10, "{heard:?}");
        assert_eq!(heard.iter().filter(|text| *text == "done").count(), 1);
    }
}
