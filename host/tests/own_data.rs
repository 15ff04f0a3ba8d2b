//! Data as a user has them, through the command: the README's five minutes, `--label-column`, and files that
//! promise more than there is.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::{below, eqprop, stderr};
use tempfile::TempDir;

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

/// The blocks of this language in a text.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let begin = format!("```{language}\n");
    let blocks = text.split(begin.as_str()).skip(1);
    let block = |block: &'a str| block.split_once("```").expect("its end").0;
    blocks.map(block).collect()
}

/// Runs every command of the text's shell blocks, each of which must succeed; what they said on standard error.
fn run_commands(folder: &Path, text: &str) -> Vec<String> {
    let lines = blocks(text, "sh").into_iter().flat_map(str::lines);
    let run = |line: &str| {
        let line = line.split(" #").next().unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[0], "eqprop", "{line}");
        let output = eqprop(folder, &words[1..]);
        assert_eq!(output.status.code(), Some(0), "{line}\n{}", stderr(&output));
        stderr(&output)
    };
    lines.map(run).collect()
}

#[test]
fn the_five_minutes_of_the_readme_run() {
    let readme = include_str!("../../README.md");
    let (_, section) = readme
        .split_once("## Your own data in five minutes\n")
        .unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let folder = TempDir::new().unwrap();
    let network = blocks(section, "toml")[0];
    fs::write(folder.path().join("flowers.toml"), network).unwrap();
    let header = blocks(section, "text")[0].lines().next().unwrap();
    let mut text = format!("{header}\n");
    for (measures, kind) in flowers() {
        let [a, b, c, d] = measures.map(|measure| measure as f64 / 100.0);
        writeln!(text, "{a},{b},{c},{d},{kind}").unwrap();
    }
    fs::write(folder.path().join("flowers.csv"), text).unwrap();
    let said = run_commands(folder.path(), section);
    let numbered =
        "labels are words, numbered in sorted order: setosa = 0, versicolor = 1, virginica = 2";
    assert!(
        said[0].contains(numbered) && said[1].contains(numbered),
        "{said:?}"
    );
}

#[test]
fn the_page_from_a_table_to_a_board_runs() {
    let page = include_str!("../../docs/your-data.md");
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("flowers.toml", blocks(page, "toml")[0]);
    let header = blocks(page, "text")[0].lines().next().unwrap();
    let (mut table, mut new) = (format!("{header}\n"), String::new());
    for ([length, width, colour, _], kind) in flowers() {
        let measures = format!("{length},{},{}", width * 30, colour as f64 / 100.0);
        writeln!(table, "{measures},{kind}").unwrap();
        writeln!(new, "{measures}").unwrap();
    }
    write("flowers.csv", &table);
    let (inputs, _) = header.rsplit_once(',').unwrap();
    write("new.csv", &format!("{inputs}\n{new}"));
    run_commands(folder.path(), page);
    let answers = fs::read_to_string(folder.path().join("answers.csv")).unwrap();
    let named = |line: &&str| line.split(',').nth(1).unwrap().to_owned();
    let answers: Vec<String> = answers
        .lines()
        .skip(1)
        .collect::<Vec<_>>()
        .iter()
        .map(named)
        .collect();
    let right = answers
        .iter()
        .zip(flowers())
        .filter(|(answer, (_, kind))| answer == kind)
        .count();
    assert!(right >= 50, "{right} of {}", answers.len());
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
