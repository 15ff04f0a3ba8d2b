//! The cache under threads, processes, kills and corruption.

use crate::common::{echo, job, quick};
use sim::verilate::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Set for a process that [`child_builds`] shall turn into a builder.
const CHILD_CACHE: &str = "EQPROP_TEST_CACHE";

/// Names in a cache folder, lock files left out.
fn names(folder: &Path) -> Vec<String> {
    let found = fs::read_dir(folder).unwrap();
    let names = found.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.ends_with(".lock")).collect()
}

/// Folders that hold a core, not Verilator's run-time library.
fn core_entries(folder: &Path) -> Vec<PathBuf> {
    let paths = names(folder).into_iter().map(|name| folder.join(name));
    paths.filter(|path| path.join("core.so").exists()).collect()
}

fn words(cache: &Cache) -> Vec<u32> {
    let mut words = Vec::new();
    let library = build(&echo(&[]), &quick(), cache).unwrap_or_else(|error| panic!("{error}"));
    library
        .instance()
        .run(&job(), &mut words, &mut Vec::new())
        .unwrap();
    words
}

/// Not a test of its own: what the processes do that other tests start.
#[test]
fn child_builds() {
    if let Some(folder) = std::env::var_os(CHILD_CACHE) {
        words_in_threads(&Cache::new(folder));
    }
}

/// Builds in two threads at once.
fn words_in_threads(cache: &Cache) {
    std::thread::scope(|scope| {
        for thread in [(); 2].map(|()| scope.spawn(|| words(cache))) {
            assert_eq!(thread.join().unwrap(), [11, 21, 31]);
        }
    });
}

/// A call of the fake that only asks who it is.
const ASKED: &str = "[ \"$1\" = --version ] || [ \"$1\" = --getenv ]";

/// Starts a process that builds `echo` in `cache` and finds `path` ahead of its tools.
fn start_child(cache: &Path, path: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "cache::child_builds", "--nocapture"])
        .env(CHILD_CACHE, cache)
        .env("PATH", path)
        .env("EQPROP_TOOLS", "/nowhere")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// A folder whose `verilator` is this shell script, put ahead of PATH.
fn fake_verilator(folder: &Path, script: &str) -> String {
    fake(folder, "verilator", script)
}

/// The same of any program.
fn fake(folder: &Path, name: &str, script: &str) -> String {
    fs::create_dir(folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}

/// Hands the call on to the real Verilator, which is next on PATH.
const REAL: &str = "PATH=${PATH#*:} exec verilator \"$@\"";

#[test]
fn threads_and_processes_share_one_build() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let log = folder.path().join("log");
    let script = format!("{ASKED} || echo build >> {}\n{REAL}", log.display());
    let path = fake_verilator(&folder.path().join("bin"), &script);
    let children = [(); 2].map(|()| start_child(&cache, &path));
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(fs::read_to_string(&log).unwrap(), "build\n");
    assert_eq!(
        names(&cache).len(),
        2,
        "a core and a run-time library: {:?}",
        names(&cache)
    );
}

#[test]
fn a_killed_build_leaves_nothing_that_counts() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let script = format!("{ASKED} || {{ kill -9 $PPID; exit 1; }}\n{REAL}");
    let path = fake_verilator(&folder.path().join("bin"), &script);
    let output = start_child(&cache, &path).wait_with_output().unwrap();
    assert!(!output.status.success());
    assert!(names(&cache).iter().all(|name| name.contains(".building-")));
    assert_eq!(names(&cache).len(), 1);

    assert_eq!(words(&Cache::new(&cache)), [11, 21, 31]);
    assert!(names(&cache)
        .iter()
        .all(|name| !name.contains(".building-")));
}

/// Clang knows no -fno-gnu-unique and refuses it.
#[test]
fn a_compiler_without_the_flag_of_gcc_builds_too() {
    let folder = tempfile::tempdir().unwrap();
    let script = "case \" $* \" in *\" -fno-gnu-unique \"*)\n\
                  echo 'error: unknown argument: -fno-gnu-unique' >&2\nexit 1 ;;\nesac\n\
                  PATH=${PATH#*:} exec g++ \"$@\"";
    let path = fake(&folder.path().join("bin"), "g++", script);
    let output = start_child(&folder.path().join("cache"), &path).wait_with_output();
    let output = output.unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
}

#[test]
fn a_corrupted_entry_is_built_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("a folder with spaces");
    let cache = Cache::new(&folder);
    words(&cache);
    let entry = core_entries(&folder).remove(0);
    let library = entry.join("core.so");
    let whole = fs::read(&library).unwrap();
    // A new file each time: the old one may still be mapped by this process.
    fs::remove_file(&library).unwrap();
    fs::write(&library, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(words(&cache), [11, 21, 31]);
    assert_eq!(fs::read(&library).unwrap().len(), whole.len());

    fs::remove_file(&library).unwrap();
    assert_eq!(words(&cache), [11, 21, 31]);
    fs::write(entry.join("DIGESTS"), "").unwrap();
    assert_eq!(words(&cache), [11, 21, 31]);
}

#[test]
fn a_missing_verilator_is_named_with_the_way_to_install_it() {
    let folder = tempfile::tempdir().unwrap();
    let output = start_child(folder.path(), "/nowhere")
        .wait_with_output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        text.contains("Verilator 5.006 or newer was not found"),
        "{text}"
    );
    assert!(text.contains("help: `./bootstrap tools`"), "{text}");
}
