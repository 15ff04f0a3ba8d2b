//! Boards from files, from the command line.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use crate::common::{object, refused};

#[test]
fn a_board_of_ones_own_is_written_checked_and_generated_for() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let new = ["board", "new", "mine", "--from", "colorlight-i5"];
    assert_eq!(object(path, &new)["file"], "mine.toml");
    let text = fs::read_to_string(path.join("mine.toml")).unwrap();
    let text = text.replace("LFE5U-25F-6", "LFE5U-45F-7");
    fs::write(path.join("mine.toml"), text).unwrap();

    // In place of the file's board, and as a network's own, wherever the command runs.
    let on = ["--network", "digits", "--board", "./mine.toml"];
    let checked = object(path, &[&["check"], &on[..]].concat());
    assert_eq!(checked["board"], "mine");
    let fits = checked["plan"]["boards"]
        .as_array()
        .unwrap()
        .last()
        .unwrap();
    assert_eq!(
        (&fits["board"], &fits["block_rams_available"]),
        (&json!("mine"), &json!(108))
    );
    fs::create_dir(path.join("nets")).unwrap();
    let network = "layers = [4, 3, 2]\ndataset = \"random\"\n[engine]\nboard = \"../mine.toml\"\npipeline = \"short\"\n";
    fs::write(path.join("nets/net.toml"), network).unwrap();
    let manifest = |arguments: &[&str]| -> serde_json::Value {
        object(path, &[&["generate", "--out", "out"], arguments].concat());
        let text = fs::read_to_string(path.join("out/manifest.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    // The pipeline that the network's file chooses stays; else it is the board's.
    let short = manifest(&["--network", "nets/net.toml"]);
    assert_eq!(short["shape"]["pipeline"], "short");
    assert_eq!(manifest(&on)["shape"]["pipeline"], "deep");
    assert_eq!(
        fs::read(path.join("out/mine.lpf")).unwrap(),
        fs::read(path.join("mine.lpf")).unwrap()
    );
}

#[test]
fn boards_that_cannot_be_are_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    insta::assert_snapshot!(refused(path, &["board", "new", "icebreaker"]));
    insta::assert_snapshot!(refused(path, &["board", "new", "mine", "--from", "arty"]));
    object(path, &["board", "new", "mine"]);
    insta::assert_snapshot!(refused(path, &["board", "new", "mine"]));
    let refusal = |command| {
        refused(
            path,
            &[command, "--network", "xor", "--board", "./mine.toml"],
        )
    };
    let change = |from: &str, to: &str| {
        for file in ["mine.toml", "mine.pcf"] {
            let text = fs::read_to_string(path.join(file)).unwrap();
            fs::write(path.join(file), text.replace(from, to)).unwrap();
        }
    };
    change("lanes = 2", "lanes = 5");
    insta::assert_snapshot!(refusal("check"));
    change("lanes = 5", "lanes = 2");
    // Of the package only nextpnr knows the pins.
    change("tx = \"9\"", "tx = \"99\"");
    change("uart_tx 9", "uart_tx 99");
    let on = ["--network", "xor", "--board", "./mine.toml"];
    assert_eq!(
        object(path, &[&["check"], &on[..]].concat())["board"],
        "mine"
    );
    insta::assert_snapshot!(refusal("build"));
}
