//! A tiny core and a cache that all tests share (and that survives from run to run).

use sim::verilate::*;

/// `echo.v` with its ports, some text replaced.
pub fn echo(replacements: &[(&str, &str)]) -> ModelSource {
    let mut text = include_str!("echo.v").to_string();
    for (from, to) in replacements {
        assert!(text.contains(from), "echo.v has no `{from}`");
        text = text.replace(from, to);
    }
    let name = String::from;
    ModelSource {
        top: name("echo"),
        files: vec![(name("echo.v"), text)],
        ports: CorePorts::plain(),
        probes: vec![ProbePorts {
            id: 7,
            valid: name("probe_valid"),
            kind: name("probe_kind"),
            address: name("probe_address"),
            value: name("probe_value"),
            signed: true,
        }],
    }
}

pub fn quick() -> BuildOptions {
    BuildOptions {
        profile: Profile::Quick,
        ..BuildOptions::default()
    }
}

pub fn shared_cache() -> Cache {
    Cache::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/verilate"))
}

/// A model of `echo` with these replacements, from the shared cache.
pub fn model(replacements: &[(&str, &str)]) -> Model {
    build(&echo(replacements), &quick(), &shared_cache())
        .unwrap_or_else(|error| panic!("{error}"))
        .instance()
}

pub const COMMANDS: [&[u32]; 2] = [&[10, 20], &[30]];

/// Both commands, with room to answer under any pressure of the tests.
pub fn job() -> Job<'static> {
    Job {
        commands: &COMMANDS,
        responses: 2,
        max_cycles: 10_000,
        observe: true,
        ..Job::default()
    }
}
