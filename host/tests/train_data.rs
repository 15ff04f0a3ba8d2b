//! What `eqprop train` learns from: files of every format, and data or rates that make no sense.

use std::fs;
use std::process::Command;

use crate::common::{below, refusal, report, stderr, train};
use tempfile::TempDir;

/// 40 samples of four pixels in two classes: bright on the left or on the right.
fn samples() -> Vec<([u8; 4], u8)> {
    let mut random = 7;
    (0..40)
        .map(|index| {
            let mut level =
                |bright: bool| (below(&mut random, 100) + if bright { 150 } else { 0 }) as u8;
            let right = index % 2 == 1;
            (
                [level(!right), level(right), level(!right), level(right)],
                u8::from(right),
            )
        })
        .collect()
}

/// An NPY file of bytes.
fn npy(shape: &str, bytes: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({shape}), }}");
    let length = (10 + header.len() + 1).next_multiple_of(64) - 10;
    let header = format!("{header:<width$}\n", width = length - 1);
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((length as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(bytes);
    file
}

#[test]
fn idx_csv_npy_and_npz_train() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let samples = samples();
    let pixels: Vec<u8> = samples.iter().flat_map(|(pixels, _)| *pixels).collect();
    let labels: Vec<u8> = samples.iter().map(|&(_, label)| label).collect();

    fs::create_dir(at("idx")).unwrap();
    let idx = |dims: &[u32], bytes: &[u8]| {
        let mut file = vec![0, 0, 8, dims.len() as u8];
        file.extend(dims.iter().flat_map(|dim| dim.to_be_bytes()));
        file.extend(bytes);
        file
    };
    fs::write(at("idx/train-images-idx3-ubyte"), idx(&[40, 2, 2], &pixels)).unwrap();
    fs::write(at("idx/train-labels-idx1-ubyte"), idx(&[40], &labels)).unwrap();

    let rows: String = samples
        .iter()
        .map(|([a, b, c, d], label)| format!("{a},{b},{c},{d},{label}\n"))
        .collect();
    fs::write(at("data.csv"), rows).unwrap();

    fs::create_dir(at("npy")).unwrap();
    let (x, y) = (npy("40, 4", &pixels), npy("40,", &labels));
    fs::write(at("npy/x.npy"), &x).unwrap();
    fs::write(at("npy/y.npy"), &y).unwrap();

    let script = "import zipfile; z = zipfile.ZipFile('data.npz', 'w')\n\
                  for name in 'x.npy', 'y.npy': z.write('npy/' + name, name)\nz.close()";
    let zipped = Command::new("python3")
        .args(["-c", script])
        .current_dir(folder.path())
        .status()
        .expect("python3 is one of the project's tools");
    assert!(zipped.success());

    fs::write(
        at("net.toml"),
        "name = \"net\"\nlayers = [4, 6, 2]\ndataset = \"data.csv\"\n",
    )
    .unwrap();
    for data in ["idx", "data.csv", "npy", "data.npz"] {
        let arguments = ["--network", "./net.toml", "--data", data, "--epochs", "12"];
        let report = report(folder.path(), &arguments);
        assert_eq!(report["train_samples"], 32, "{data}");
        assert!(
            report["test_accuracy"].as_f64().unwrap() > 0.8,
            "{data}: {report}"
        );
    }
}

#[test]
fn rates_that_change_nothing_and_classes_without_samples() {
    let folder = TempDir::new().unwrap();
    let network = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    network(
        "frozen.toml",
        "layers = [2, 3, 1]\ndataset = \"xor\"\n[formats]\nstate_fraction = 2\nweight_bits = 3\n\
         [learning]\nrate_shift = 25\n",
    );
    insta::assert_snapshot!(refusal(folder.path(), &["--network", "./frozen.toml"]));
    network("three.toml", "layers = [2, 3, 3]\ndataset = \"two.csv\"\n");
    let rows: String = (0..20)
        .map(|n| format!("{n},{},{}\n", 19 - n, n % 2))
        .collect();
    fs::write(folder.path().join("two.csv"), rows).unwrap();
    let arguments = ["--network", "./three.toml", "--epochs", "1"];
    let output = train(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = "no training sample of class 2: the network cannot learn to answer it";
    assert!(stderr(&output).contains(told), "{}", stderr(&output));
}

/// What data alone decide is told even with `-q`, and with the way out.
#[test]
fn data_that_spoil_training_are_warned_of_whatever_is_asked() {
    let folder = TempDir::new().unwrap();
    let network = |inputs: usize| {
        let text = format!("name = \"net\"\nlayers = [{inputs}, 4, 2]\n[learning]\nepochs = 1\n");
        fs::write(folder.path().join("net.toml"), text).unwrap();
    };
    let told = |rows: String| {
        fs::write(folder.path().join("data.csv"), rows).unwrap();
        let arguments = ["--network", "./net.toml", "--data", "data.csv", "-q"];
        let output = train(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let json = report(folder.path(), &arguments[..4]);
        let count = json["warnings"].as_array().map_or(0, Vec::len);
        (stderr(&output), count)
    };
    let rows = |row: fn(u64) -> String| (0..20).map(row).collect::<String>();
    network(2);
    let (text, count) = told(rows(|n| {
        format!("{},{},{}\n", 30 + n, 20_000 + 977 * n, n % 2)
    }));
    insta::assert_snapshot!(text);
    assert_eq!(count, 1);
    let (text, count) = told(rows(|n| {
        format!("{},{},{}\n", n as f64 / 10.0 - 1.0, 0.5, n % 2)
    }));
    insta::assert_snapshot!(text);
    assert_eq!(count, 1);
    let (text, count) = told(rows(|n| {
        let odd = if n == 7 { 1_000_000_000 } else { n };
        format!("{odd},{},{}\n", 20 - n, n % 2)
    }));
    insta::assert_snapshot!(text);
    assert_eq!(count, 1);
    assert_eq!(
        told(rows(|n| format!("{n},{},{}\n", 19 - n, n % 2))),
        (String::new(), 0)
    );
    // The test part has another range than the training part.
    fs::write(folder.path().join("test.csv"), "2,1,0\n1,3,1\n").unwrap();
    let arguments = [
        "--network",
        "./net.toml",
        "--data",
        "data.csv",
        "--test-data",
        "test.csv",
    ];
    let output = train(folder.path(), &[&arguments[..], &["-q"]].concat());
    assert!(
        stderr(&output).contains("test data: inputs reach 0.158 on the scale of training"),
        "{}",
        stderr(&output)
    );
}
