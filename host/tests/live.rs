//! `eqprop train --live`: the page of a run, read as a browser reads it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Stdio};

use crate::common::{command, interrupt, refusal};
use serde_json::Value;
use tempfile::TempDir;

/// A table of two classes and a network for it.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let net = "name = \"net\"\nlayers = [2, 4, 2]\ndataset = \"data.csv\"\n";
    fs::write(folder.path().join("net.toml"), net).unwrap();
    let rows: String = (0..100)
        .map(|n| format!("{},{},{}\n", n % 7 + 3 * (n % 2), n % 5, n % 2))
        .collect();
    fs::write(folder.path().join("data.csv"), rows).unwrap();
    folder
}

/// A run with a page, and where that is: the first note of the run says it.
fn begin(folder: &Path, arguments: &[&str]) -> (Child, BufReader<ChildStderr>, String) {
    let fixed = ["--network", "./net.toml", "--live=0", "--json"];
    let mut run = command(folder, &[&fixed[..], arguments].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(run.stderr.take().unwrap());
    let page = |line: String| {
        let (_, after) = line.split_once("http://")?;
        after.split('/').next().map(str::to_owned)
    };
    let address = (&mut told).lines().map(Result::unwrap).find_map(page);
    (run, told, address.expect("a page is named"))
}

/// What the server answers, as it comes; version 1.0 has no chunks.
fn get(address: &str, path: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
    BufReader::new(stream)
}

/// Everything up to the end of the answer.
fn whole(address: &str, path: &str) -> String {
    let mut text = String::new();
    get(address, path).read_to_string(&mut text).unwrap();
    text
}

/// Points of the lines of one colour in a figure, pixels from left to right.
fn points(figure: &str, colour: usize) -> usize {
    let line = format!("\" fill=\"none\" stroke=\"var(--c{colour})\"");
    let before = figure.split(&line).next().unwrap();
    let (_, points) = before.rsplit_once("points=\"").unwrap();
    points.split(' ').count()
}

#[test]
fn a_page_shows_a_run_to_its_end_also_when_it_is_opened_late() {
    let folder = folder();
    let (run, _told, address) = begin(folder.path(), &["--epochs", "6"]);
    let page = whole(&address, "/");
    assert!(page.contains("<title>net: training</title>") && page.contains("EventSource"));
    // Nothing is fetched from elsewhere.
    assert!(!page.contains("src=") && !page.contains("url(") && !page.contains("@import"));
    // The run may be over by now: it waits for a page to see this.
    let events = whole(&address, "/events");
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    let accuracy = 100.0 * result["test_accuracy"].as_f64().unwrap();
    let (_, last) = events.rsplit_once("event: end\n").unwrap();
    let finished = format!("finished: test accuracy {accuracy:.2} %");
    for text in [&*finished, "<dd>6 of 6</dd>", "<dd>480 of 480</dd>"] {
        assert!(last.contains(text), "{text} is not in\n{last}");
    }
    let figures: Vec<&str> = last.split("<figure>").skip(1).collect();
    assert_eq!(figures.len(), 4);
    assert_eq!([0, 1].map(|curve| points(figures[0], curve)), [6, 6]);
    assert_eq!(points(figures[2], 0), 6);
}

#[test]
fn a_page_follows_a_run_and_says_when_it_is_stopped() {
    let folder = folder();
    let (run, told, address) = begin(folder.path(), &["--epochs", "1000000"]);
    let mut events = get(&address, "/events");
    let mut epochs: Vec<u32> = vec![];
    // Samples of three moments, each with its epoch under way.
    while epochs.len() < 3 || epochs[2] < 2 {
        let mut line = String::new();
        assert!(events.read_line(&mut line).unwrap() > 0);
        if let Some((_, after)) = line.split_once("<dt>epoch</dt><dd>") {
            epochs.push(after.split(' ').next().unwrap().parse().unwrap());
        }
    }
    assert!(epochs.is_sorted(), "{epochs:?}");
    interrupt(&run);
    let mut rest = String::new();
    events.read_to_string(&mut rest).unwrap();
    let (_, last) = rest.rsplit_once("event: end\n").unwrap();
    assert!(last.contains("stopped; the terminal says why"), "{last}");
    let told: Vec<String> = told.lines().map(Result::unwrap).collect();
    assert!(told.iter().any(|line| line.contains("goes on from there")));
    assert_eq!(run.wait_with_output().unwrap().status.code(), Some(130));
}

#[test]
fn panels_of_a_run_of_less_than_an_epoch_are_not_empty() {
    let folder = folder();
    let (run, _told, address) = begin(folder.path(), &["--samples", "40"]);
    let events = whole(&address, "/events");
    let result: Value = serde_json::from_slice(&run.wait_with_output().unwrap().stdout).unwrap();
    let (_, last) = events.rsplit_once("event: end\n").unwrap();
    for figure in last.split("<figure>").skip(1).take(3) {
        // Half an epoch is one point, which is a dot.
        assert_eq!(figure.matches("<circle").count(), 1, "{figure}");
    }
    let plot = result["plots"][0].as_str().unwrap();
    let plot = fs::read_to_string(folder.path().join(plot)).unwrap();
    assert_eq!(plot.matches("<circle").count(), 3);
}

#[test]
fn a_port_in_use_is_refused_before_anything_is_written() {
    let folder = folder();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let live = format!("--live={port}");
    let refused = refusal(folder.path(), &["--network", "./net.toml", &live]);
    insta::assert_snapshot!(refused.replace(&port, "PORT"));
    assert!(!folder.path().join("target/eqprop/net/train.jsonl").exists());
}
