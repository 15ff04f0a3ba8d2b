//! Data as a user has them, through the command: the README's five minutes, `--label-column`, and files that
//! promise more than there is.

// The rest of it is for tests of training.
#[allow(dead_code)]
mod common;

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::{below, stderr};
use tempfile::TempDir;

fn eqprop(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eqprop"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .output()
        .expect("the binary starts")
}

/// 60 flowers of three kinds that differ in one measure each.
fn flowers() -> Vec<([u64; 4], &'static str)> {
    let mut random = 7;
    let flower = |index: usize| {
        let mut measures = [0; 4].map(|_: u64| below(&mut random, 40));
        measures[index % 3] += 50;
        (measures, ["setosa", "versicolor", "virginica"][index % 3])
    };
    (0..60).map(flower).collect()
}

/// The block of this language that follows the README's heading.
fn block<'a>(heading: &str, language: &str) -> &'a str {
    let readme = include_str!("../../README.md");
    let (_, section) = readme.split_once(heading).expect("the heading");
    let (_, block) = section
        .split_once(&format!("```{language}\n"))
        .expect("a block");
    block.split_once("```").expect("its end").0
}

#[test]
fn the_five_minutes_of_the_readme_run() {
    let heading = "## Your own data in five minutes\n";
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("flowers.toml"), block(heading, "toml")).unwrap();
    let header = block(heading, "text").lines().next().unwrap();
    let mut text = format!("{header}\n");
    for (measures, kind) in flowers() {
        let [a, b, c, d] = measures.map(|measure| measure as f64 / 100.0);
        writeln!(text, "{a},{b},{c},{d},{kind}").unwrap();
    }
    fs::write(folder.path().join("flowers.csv"), text).unwrap();
    let mut said = Vec::new();
    for line in block(heading, "sh").lines() {
        let line = line.split(" #").next().unwrap();
        let arguments: Vec<&str> = line.split_whitespace().skip(1).collect();
        let output = eqprop(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{line}\n{}", stderr(&output));
        said.push(stderr(&output));
    }
    let numbered =
        "labels are words, numbered in sorted order: setosa = 0, versicolor = 1, virginica = 2";
    assert!(
        said[0].contains(numbered) && said[1].contains(numbered),
        "{said:?}"
    );
}

#[test]
fn check_tells_of_labels_and_refuses_what_is_in_doubt() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "net.toml",
        "layers = [3, 4, 10]\ndataset = \"kaggle.csv\"\n",
    );
    write("kaggle.csv", "7,0,12,0\n1,9,255,0\n2,0,3,0\n");
    write("one.csv", "0,0,1,4\n0,1,1,4\n");
    let check = |options: &[&str], code| {
        let arguments = [&["check", "--network", "./net.toml"], options].concat();
        let output = eqprop(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        stderr(&output)
    };
    let texts = [
        check(&[], 2),
        check(&["--label-column", "first"], 0),
        check(&["--label-column", "pixels"], 2),
        check(&["--data", "one.csv"], 0),
        check(&["--data", "none.csv"], 2),
    ];
    insta::assert_snapshot!(texts.join("\n----\n"));
}

/// Headers that promise much, in files of a few bytes, with 600 MB of address space.
#[test]
fn promises_of_a_file_take_no_memory() {
    let folder = TempDir::new().unwrap();
    let npy = |shape: &str| {
        let head = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}}}\n");
        [
            b"\x93NUMPY\x01\x00",
            &(head.len() as u16).to_le_bytes()[..],
            head.as_bytes(),
        ]
        .concat()
    };
    let files: [(&str, Vec<u8>); 4] = [
        (
            "a_images-idx3-ubyte",
            [
                &[0, 0, 8, 3],
                &[0, 16, 0, 0][..],
                &[0, 0, 0, 28],
                &[0, 0, 0, 28],
            ]
            .concat(),
        ),
        ("table.npy", npy("(1048576, 785)")),
        ("wide.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\x7f{".to_vec()),
        ("open.csv", b"1,\"2".to_vec()),
    ];
    fs::write(
        folder.path().join("a_labels-idx1-ubyte"),
        [0, 0, 8, 1, 0, 16, 0, 0],
    )
    .unwrap();
    fs::write(folder.path().join("net.toml"), "layers = [784, 4, 10]\n").unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
        let output = Command::new("sh")
            .args([
                "-c",
                "ulimit -v 600000; exec \"$0\" check --network ./net.toml --data \"$1\"",
            ])
            .args([env!("CARGO_BIN_EXE_eqprop"), name])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {}", stderr(&output));
    }
}

/// Scripts and commands without arguments say how they are called.
#[test]
fn without_arguments_comes_the_usage() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for script in ["host/examples/client.py", "sim/examples/weights.py"] {
        for arguments in [
            &[][..],
            &["no", "such", "file", "7", "at", "all"]
                [..2 + 4 * usize::from(script.contains("client"))],
        ] {
            let output = Command::new("python3")
                .arg(root.join(script))
                .args(arguments)
                .output()
                .unwrap();
            let said = stderr(&output);
            assert_eq!(output.status.code(), Some(1), "{script}: {said}");
            assert!(
                said.contains("python3 ") && !said.contains("Traceback"),
                "{script}: {said}"
            );
        }
    }
    let output = Command::new("python3")
        .arg(root.join("sim/examples/mlp.py"))
        .arg("many")
        .output()
        .unwrap();
    assert!(
        stderr(&output).contains("mlp.py [SEEDS]"),
        "{}",
        stderr(&output)
    );
    let output = eqprop(&root, &["wave"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("Usage: eqprop wave"),
        "{}",
        stderr(&output)
    );
    let output = eqprop(&root, &["wave", "no-such-folder"]);
    assert_eq!(
        stderr(&output).matches("os error 2").count(),
        1,
        "{}",
        stderr(&output)
    );
}
