//! `train --live`: a page on this machine that draws a run as it goes. `server` serves it; this file says what it shows.
//!
//! The page is made of what stands in its `main`, drawn here and sent whole: a browser only puts it in place.

mod server;

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use miette::Diagnostic;
use sim::checkpoint::Parameters;
use sim::train::{Measure, Trainer};
use thiserror::Error;

use super::{plots, Settings};
use crate::error::Failure;
use crate::output::Printer;
use crate::report::page::chart::{Chart, Scale, Series};
use crate::report::page::page;
use crate::report::svg::escape;
use crate::report::table::grouped;
use crate::report::training::{Curve, Histogram, TrainingData};
use server::Server;

/// Nobody reads faster.
const BETWEEN: Duration = Duration::from_millis(250);
/// Puts what the server sends in its place, and tells when nothing comes any more.
const SCRIPT: &str = include_str!("page.js");

/// The page of one run.
pub struct Live {
    server: Server,
    shown: Option<Instant>,
    weights: Vec<Histogram>,
    /// What it shows now, without what it says of the run's state.
    body: String,
}

impl Live {
    /// Serves the page of a run of `network` at `port`, 0 for one that is free.
    ///
    /// # Errors
    /// The port is taken or not allowed.
    pub fn open(port: u16, network: &str) -> Result<Live, Failure> {
        let title = format!("{network}: training");
        let whole = move |main: &str| {
            let main = format!("<main>{main}</main>\n<p class=\"fail\" hidden></p>\n");
            page(&title, &main, SCRIPT)
        };
        let server = Server::new(port, whole).map_err(|source| NoPort { port, source })?;
        server.send(state("the run begins …"), false);
        Ok(Live {
            server,
            shown: None,
            weights: vec![],
            body: String::new(),
        })
    }

    /// Where the page is.
    pub fn address(&self) -> String {
        format!("http://{}/", self.server.address)
    }

    /// Shows the weights from the next [`show`](Self::show) on, which does not wait then.
    pub fn weights(&mut self, settings: &Settings, parameters: &Parameters) {
        self.weights = plots::weights(settings, parameters);
        self.shown = None;
    }

    /// Shows where the run stands, `done` of `all` samples, unless it did a moment ago.
    pub fn show(&mut self, settings: &Settings, trainer: &Trainer, done: u64, all: u64) {
        if done < all && self.shown.is_some_and(|shown| shown.elapsed() < BETWEEN) {
            return;
        }
        self.shown = Some(Instant::now());
        let data = plots::so_far(settings, trainer, self.weights.clone());
        self.body = format!(
            "<p class=\"lead\">{}</p>\n<progress max=\"{all}\" value=\"{done}\"></progress>\n{}{}",
            escape(&data.subtitle),
            numbers(settings, trainer, done, all),
            figures(&data),
        );
        self.server.send(state("learning") + &self.body, false);
    }

    /// Shows how the run ended.
    pub fn end(&self, text: &str) {
        self.server.send(state(text) + &self.body, true);
    }

    /// Waits until a page has shown the end.
    pub fn wait(&self, printer: &Printer) {
        if !self.server.is_seen() {
            printer.note(&format!("{} shows the run; Ctrl-C leaves", self.address()));
            self.server.wait();
        }
    }
}

fn state(text: &str) -> String {
    format!("<p class=\"state\">{}</p>\n", escape(text))
}

/// What the run has come to, in numbers: the epoch under way if there is one, else the last.
fn numbers(settings: &Settings, trainer: &Trainer, done: u64, all: u64) -> String {
    let history = &trainer.position().history;
    let under_way = trainer.under_way().map(|(_, report)| report);
    let measure = Measure::of(&settings.train);
    let now = under_way.as_ref().or(history.last());
    let epochs = settings.resolved.network.learning.epochs;
    let mut tiles = vec![];
    if let Some(now) = now {
        tiles.push(("epoch", format!("{} of {epochs}", now.epoch)));
    }
    tiles.push(("samples", format!("{} of {}", grouped(done), grouped(all))));
    let pace = trainer.samples_per_second() as u64;
    tiles.push(("samples a second", grouped(pace)));
    if let Some(last) = history.last() {
        tiles.push((last.held_name(), measure.text(last.held_measure())));
    }
    if let Some(best) = sim::train::best(history) {
        let best = &history[best];
        let text = format!("{} ({})", measure.text(best.held_measure()), best.epoch);
        tiles.push(("best (epoch)", text));
    }
    if let Some(now) = now {
        tiles.push(("training", measure.text(now.train_measure())));
        let share = format!("{:.1} %", 100.0 * now.not_learned_share);
        tiles.push(("not learned from", share));
        tiles.push(match now.spikes_per_sample {
            None => ("sweeps a sample", format!("{:.1}", now.sweeps_per_sample)),
            Some(spikes) => ("spikes a sample", format!("{spikes:.0}")),
        });
        if let Some(saturations) = now.saturations {
            tiles.push(("saturations", grouped(saturations)));
        }
    }
    let tile = |(name, value): (&str, String)| {
        format!(
            "<div><dt>{}</dt><dd>{}</dd></div>",
            escape(name),
            escape(&value)
        )
    };
    let tiles: String = tiles.into_iter().map(tile).collect();
    format!("<dl class=\"tiles\">{tiles}</dl>\n")
}

fn figures(data: &TrainingData) -> String {
    let epochs = |curves: &[Curve]| -> Vec<_> {
        let line = |curve: &Curve| (curve.label.clone(), curve.points.clone());
        curves.iter().map(line).collect()
    };
    let weights = data.weights.iter().map(|h| (h.label.clone(), h.steps()));
    let figures: String = [
        (&*data.quality.title, "epoch", epochs(&data.quality.curves)),
        ("mean cost", "epoch", epochs(&data.loss)),
        (&*data.effort.title, "epoch", epochs(&data.effort.curves)),
        ("weights of a block, %", "value", weights.collect()),
    ]
    .into_iter()
    .map(|(title, x, lines)| lines_over(title, x, lines))
    .collect();
    format!("<div class=\"figures\">\n{figures}</div>\n")
}

/// A figure of named lines.
fn lines_over(title: &str, x: &'static str, lines: Vec<(String, Vec<(f64, f64)>)>) -> String {
    let series = lines.into_iter().enumerate();
    Chart {
        title: title.to_owned(),
        x: (Scale::Linear, x),
        y: (Scale::Linear, ""),
        hold: vec![],
        series: series
            .map(|(index, (name, points))| Series::new(name, index, points).line())
            .collect(),
    }
    .figure()
}

#[derive(Debug, Error, Diagnostic)]
#[error(
    "--live cannot serve its page at port {port} of {}: {source}",
    Ipv4Addr::LOCALHOST
)]
#[diagnostic(
    code(eqprop::train::live),
    help("give another port with --live=PORT; --live=0 takes one that is free")
)]
struct NoPort {
    port: u16,
    source: std::io::Error,
}
