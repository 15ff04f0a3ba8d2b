//! The example in Python reads weights that we write, settles as we do, and writes what we read.

use std::path::{Path, PathBuf};
use std::process::Command;

use hdl::config::Network;
use sim::exchange::{load, load_reals, save, save_reals, Form, OutOfRange};
use sim::golden::Reals;
use sim::weights::Weights;

/// The Python of `./bootstrap tools`, which has numpy.
fn python() -> PathBuf {
    let tools = std::env::var_os("EQPROP_TOOLS").map(PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let python = (tools.unwrap_or_else(|| root.join("target/tools/venv"))).join("bin/python");
    assert!(
        python.is_file(),
        "{} is missing: run ./bootstrap tools",
        python.display()
    );
    python
}

fn run(arguments: &[&Path], script: &str) -> String {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/weights.py");
    let mut command = Command::new(python());
    match script {
        "" => command.arg(example),
        script => command.args(["-c", script]),
    };
    let output = command.args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "the example failed (numpy or safetensors missing? run ./bootstrap tools):\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_python_example_settles_as_we_do_and_its_weights_are_read() {
    let network = Network::builtin("digits").unwrap();
    let weights = Weights::initial(&network);
    let reals = Reals::of(&weights, network.formats.weight_fraction);
    let folder = tempfile::tempdir().unwrap();
    let [ours, theirs] = ["ours.npz", "theirs.npz"].map(|name| folder.path().join(name));
    save_reals(&ours, &network, &reals, None).unwrap();
    let printed = run(&[&ours, &theirs], "");
    let outputs: Vec<f64> = (printed.split_whitespace())
        .map(|number| number.parse().unwrap())
        .collect();
    let expected = settle(&reals);
    assert_eq!(outputs.len(), expected.len());
    for (theirs, ours) in outputs.iter().zip(&expected) {
        assert!((theirs - ours).abs() < 1e-9, "{outputs:?} {expected:?}");
    }
    let halves = load_reals(&theirs, &network).unwrap();
    assert_eq!(
        halves.blocks[1],
        reals.blocks[1].mapv(|weight| weight / 2.0)
    );
    assert_eq!(halves.biases, reals.biases);
}

/// Output states after 30 sweeps from the digits network's weights, as the example computes them.
fn settle(reals: &Reals) -> Vec<f64> {
    let input = ndarray::Array1::linspace(0.0, 1.0, 64);
    let (first, second) = (&reals.blocks[0], &reals.blocks[1]);
    let mut output = ndarray::Array1::zeros(10);
    for _ in 0..30 {
        let hidden = first.dot(&input) + second.dot(&output) + &reals.biases[0];
        let hidden = hidden.mapv(|drive| drive.clamp(0.0, 1.0));
        output = (second.t().dot(&hidden) + &reals.biases[1]).mapv(|drive| drive.clamp(0.0, 1.0));
    }
    output.to_vec()
}

#[test]
fn python_reads_and_writes_our_safetensors() {
    let network = Network::builtin("xor").unwrap();
    let weights = Weights::initial(&network);
    let folder = tempfile::tempdir().unwrap();
    let [ours, theirs] = ["a.safetensors", "b.safetensors"].map(|name| folder.path().join(name));
    for form in [Form::Raw, Form::Real] {
        save(&ours, &network, &weights, form, None).unwrap();
        let script = "import sys; from safetensors.numpy import load_file, save_file; \
                      save_file(load_file(sys.argv[1]), sys.argv[2])";
        run(&[&ours, &theirs], script);
        let loaded = load(&theirs, &network, OutOfRange::Refuse).unwrap();
        assert_eq!((loaded.weights, loaded.clamped), (weights.clone(), 0));
    }
}

#[test]
fn the_python_of_the_readme_runs() {
    let readme = include_str!("../../README.md");
    let (_, code) = readme.split_once("```python\n").expect("a block of Python");
    let (code, _) = code.split_once("```").expect("its end");
    let network = Network::builtin("digits").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("target/eqprop/digits/weights.npz");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    save(
        &path,
        &network,
        &Weights::initial(&network),
        Form::Real,
        None,
    )
    .unwrap();
    let output = Command::new(python())
        .args(["-c", code])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        printed
            .trim()
            .parse::<usize>()
            .is_ok_and(|digit| digit < 10),
        "{printed}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
