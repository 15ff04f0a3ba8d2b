//! The client in Python, written from docs/protocol.md alone.

use super::Running;
use crate::common::eqprop;
use hdl::config::Network;
use sim::bittrue::{BitTrue, Mode, Xorshift};
use sim::data::Dataset;
use sim::exchange::{self, Form, OutOfRange};
use sim::weights::Weights;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Trains digits through the client on a virtual board of these options; its weights must be the model's.
fn trains(samples: usize, options: &[&str]) {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let network = Network::builtin("digits").unwrap();
    let initial = Weights::initial(&network);
    exchange::save(&at("initial.npz"), &network, &initial, Form::Raw, None).unwrap();
    let line = ["generate", "-q", "--network", "digits", "--out", "."];
    let generated = eqprop(folder.path(), &line);
    assert!(generated.status.success());

    let running = Running::start(
        folder.path(),
        &[&["--network", "digits", "--fast"], options].concat(),
    );
    let host = Path::new(env!("CARGO_MANIFEST_DIR"));
    let venv = std::env::var("EQPROP_TOOLS").unwrap_or_else(|_| "target/tools/venv".into());
    let python = host.join("..").join(venv).join("bin/python");
    let count = samples.to_string();
    let output = Command::new(python)
        .arg(host.join("examples/client.py"))
        .args([&running.port, "manifest.json"])
        .arg(host.join("../sim/data/digits.csv.gz"))
        .args([&count, "initial.npz", "learned.npz"])
        .current_dir(folder.path())
        .output()
        .unwrap_or_else(|e| panic!("python does not start ({e}); `./bootstrap test` installs it"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let told = String::from_utf8_lossy(&output.stdout);
    let counted = format!("of {count} answered rightly");
    assert!(told.contains(&counted), "{told}");

    let data = Dataset::load(&network, folder.path(), None).unwrap();
    let mut model = BitTrue::new(&network);
    model.load(&initial);
    let mut rng = Xorshift::seed(network.seed);
    for index in 0..samples {
        let sample = data.sample(index, network.formats.state_fraction);
        model.run(&sample, Mode::Learn, &mut rng, &mut ());
    }
    let learned = exchange::load(&at("learned.npz"), &network, OutOfRange::Refuse).unwrap();
    assert_eq!(learned.weights, model.weights());
    assert_ne!(learned.weights, initial);
}

#[test]
fn the_python_client_trains_digits_as_the_model_does() {
    trains(200, &[]);
}

#[test]
fn the_python_client_survives_a_bad_line() {
    trains(40, &["--noise", "0.01", "--noise-seed", "5"]);
}
