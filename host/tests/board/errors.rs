//! What goes wrong before and during the work is told with its way out.

use super::{board, command, stderr, Running};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The error of a run that must be refused with this code, without machine paths.
fn refusal(folder: &Path, code: i32, arguments: &[&str]) -> String {
    let output = board(folder, &[arguments, &["-q"]].concat());
    assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
    assert!(output.stdout.is_empty());
    stderr(&output)
}

#[test]
fn ports_that_are_none() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("file"), "no port").unwrap();
    let at = |port: &str| refusal(folder.path(), 2, &["info", "--port", port]);
    let mut texts = at("/dev/ttyUSB77");
    texts += &at("file");
    texts += &refusal(folder.path(), 2, &["info", "--virtual", "--noise", "2"]);
    insta::assert_snapshot!(texts);
}

/// The port is a terminal of our own whose permissions are taken away. Nothing is forbidden to root, so there the
/// command runs as nobody, from a folder that nobody may enter.
#[test]
fn a_port_without_permission_is_told() {
    let shared = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let (_ours, port) = terminal();
    shared(Path::new(&port), 0o000);
    let folder = TempDir::new().unwrap();
    let arguments = ["board", "info", "-q", "--port", &port];
    let root = std::fs::OpenOptions::new().read(true).open(&port).is_ok();
    let program = env!("CARGO_BIN_EXE_eqprop");
    let mut command = match root {
        false => Command::new(program),
        true => {
            let copy = folder.path().join("eqprop");
            std::fs::copy(program, &copy).unwrap();
            shared(folder.path(), 0o755);
            shared(&copy, 0o755);
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
            command.arg(copy);
            command
        }
    };
    let output = command.args(arguments).current_dir(folder.path());
    let output = match output.env("NO_COLOR", "1").output() {
        Ok(output) => output,
        Err(error) if root => {
            println!("skipped: root is refused nothing, and setpriv does not start: {error}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    insta::assert_snapshot!(stderr(&output).replace(&port, "/dev/pts/N"));
}

#[test]
fn a_port_in_use_is_told() {
    let folder = TempDir::new().unwrap();
    let running = Running::start(folder.path(), &["--network", "xor", "--fast"]);
    let file = std::fs::File::open(&running.port).unwrap();
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).unwrap();
    let text = refusal(folder.path(), 2, &["info", "--port", &running.port]);
    insta::assert_snapshot!(text.replace(&running.port, "/dev/pts/N"));
}

#[test]
fn a_wrong_rate_and_a_silent_port_are_told_apart() {
    let folder = TempDir::new().unwrap();
    let running = Running::start(folder.path(), &["--network", "xor", "--fast"]);
    let wrong = ["info", "--port", &running.port, "--timeout", "1", "--baud"];
    let text = refusal(folder.path(), 2, &[&wrong[..], &["500000"]].concat());
    // How much garbage comes depends on how often was asked.
    let shown = |text: String| {
        let text = text.replace(&running.port, "/dev/pts/N");
        let words = text.split_inclusive(char::is_whitespace);
        words
            .map(|word| match word.trim().parse::<u32>() {
                Ok(count) if count != 500_000 && count != 1_000_000 => "N ",
                _ => word,
            })
            .collect::<String>()
    };
    let garbage = shown(text);
    // Nobody listens behind a terminal of our own.
    let (_ours, silent) = terminal();
    let text = refusal(
        folder.path(),
        2,
        &["info", "--port", &silent, "--timeout", "1"],
    );
    insta::assert_snapshot!(garbage + &text.replace(&silent, "/dev/pts/M"));
}

/// A pseudo-terminal that nobody serves: our end, and the path of the other.
fn terminal() -> (rustix::fd::OwnedFd, String) {
    use rustix::pty::{grantpt, openpt, ptsname, unlockpt, OpenptFlags};
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let path = ptsname(&ours, vec![]).unwrap().into_string().unwrap();
    (ours, path)
}

#[test]
fn a_board_of_another_configuration_says_which_fields_differ() {
    let folder = TempDir::new().unwrap();
    let running = Running::start(folder.path(), &["--network", "xor", "--fast"]);
    let port = ["--port", running.port.as_str()];
    let large = refusal(
        folder.path(),
        2,
        &[&["train", "--network", "digits"], &port[..]].concat(),
    );
    let text = "layers = [2, 3, 1]\ndataset = \"xor\"\n[formats]\nweight_bits = 8\n";
    std::fs::write(folder.path().join("narrow.toml"), text).unwrap();
    let narrow = refusal(
        folder.path(),
        2,
        &[&["load", "--network", "narrow.toml"], &port[..]].concat(),
    );
    insta::assert_snapshot!(large + &narrow);
}

#[test]
fn a_board_that_is_unplugged_in_the_middle() {
    let folder = TempDir::new().unwrap();
    let mut running = Running::start(folder.path(), &["--network", "xor", "--fast"]);
    let arguments = [
        "train",
        "--network",
        "xor",
        "--port",
        &running.port,
        "--epochs",
        "100000",
    ];
    let mut command = command(folder.path(), &arguments);
    let mut training = command
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(training.stderr.take().unwrap());
    let mut text = String::new();
    while !text.contains("training") {
        assert_ne!(told.read_line(&mut text).unwrap(), 0, "{text}");
    }
    running.child.kill().unwrap();
    text.clear();
    std::io::Read::read_to_string(&mut told, &mut text).unwrap();
    assert_eq!(training.wait().unwrap().code(), Some(1), "{text}");
    let text = text.replace(&running.port, "/dev/pts/N");
    let error = text.split_once("eqprop::board").map_or("", |parts| parts.1);
    assert!(error.starts_with("::unplugged"), "{text}");
    assert!(error.contains("/dev/pts/N is gone"), "{text}");
}

#[test]
fn a_host_that_is_killed_in_a_batch_leaves_a_board_that_works() {
    let folder = TempDir::new().unwrap();
    let running = Running::start(folder.path(), &["--network", "xor", "--fast"]);
    let arguments = [
        "train",
        "--network",
        "xor",
        "--port",
        &running.port,
        "--epochs",
        "100000",
    ];
    for _ in 0..3 {
        let mut command = command(folder.path(), &arguments);
        let mut training = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::new(training.stderr.take().unwrap());
        let mut text = String::new();
        while !text.contains("training") {
            assert_ne!(told.read_line(&mut text).unwrap(), 0, "{text}");
        }
        training.kill().unwrap();
        training.wait().unwrap();
        let arguments = ["test", "--network", "xor", "--port", &running.port];
        let report = super::report(folder.path(), &arguments);
        assert_eq!(
            (&report["mismatches"], &report["answer_mismatches"]),
            (&0.into(), &0.into())
        );
    }
}

#[test]
fn garbage_before_the_hello_is_counted_and_harmless() {
    let folder = TempDir::new().unwrap();
    let running = Running::start(folder.path(), &["--network", "xor", "--fast"]);
    let before = super::report(
        folder.path(),
        &["info", "--port", &running.port, "--network", "xor"],
    );
    let mut port = std::fs::OpenOptions::new()
        .write(true)
        .open(&running.port)
        .unwrap();
    // Ten pieces that are no frames.
    port.write_all(b"\x7eno frame".repeat(10).as_slice())
        .unwrap();
    port.write_all(b"\x7e").unwrap();
    drop(port);
    let after = super::report(
        folder.path(),
        &["info", "--port", &running.port, "--network", "xor"],
    );
    let errors = |report: &serde_json::Value| report["counters"][4].as_u64().unwrap();
    assert_eq!(errors(&after) - errors(&before), 10);
}

#[test]
fn flashing_without_board_or_bitstream() {
    let folder = TempDir::new().unwrap();
    let none = ["flash", "--bitstream", "none.bin"];
    let mut texts = refusal(folder.path(), 2, &none);
    std::fs::write(folder.path().join("top.bin"), "no bitstream").unwrap();
    let sram = [
        "flash",
        "--board",
        "orangecrab",
        "--sram",
        "--bitstream",
        "top.bin",
    ];
    texts += &refusal(folder.path(), 2, &sram);
    // The real programmer, which finds no board.
    texts += &refusal(folder.path(), 2, &["flash", "--bitstream", "top.bin"]);
    insta::assert_snapshot!(texts);
}
