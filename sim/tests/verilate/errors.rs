//! What a user reads when something fails.

use crate::common::{echo, job, model, quick, shared_cache};
use sim::verilate::*;

/// The error of a build that has to fail.
fn refused(source: &ModelSource) -> VerilateError {
    match build(source, &quick(), &shared_cache()) {
        Ok(_) => panic!("this must not build"),
        Err(error) => error,
    }
}

/// The error of a run that has to fail, and the words that came before.
fn failed(core: &mut Model, job: &Job) -> (RunError, Vec<u32>) {
    let (mut words, mut events) = (Vec::new(), Vec::new());
    let error = core.run(job, &mut words, &mut events).unwrap_err();
    (error, words)
}

#[test]
fn verilator_is_quoted() {
    let error = refused(&echo(&[("assign busy = full;", "assign busy = missing;")])).to_string();
    assert!(error.contains("Verilator refused `echo`"), "{error}");
    assert!(error.contains("src/echo.v:17"), "{error}");
    assert!(error.contains("missing"), "{error}");
    assert!(error.contains("command: verilator --cc"), "{error}");
}

#[test]
fn a_warning_fails_unless_it_is_waived() {
    let source = echo(&[("held + 32'd1", "held + 33'd1")]);
    let error = refused(&source).to_string();
    assert!(error.contains("%Warning-WIDTH"), "{error}");
    let waived = BuildOptions {
        waivers: vec!["WIDTH".into()],
        ..quick()
    };
    build(&source, &waived, &shared_cache()).unwrap();

    let mut scoped = source;
    let waiver = "`verilator_config\nlint_off -rule WIDTH -file \"*echo.v\"\n";
    scoped.files.push(("waivers.vlt".into(), waiver.into()));
    build(&scoped, &quick(), &shared_cache()).unwrap();
}

#[test]
fn ports_are_checked_before_the_compiler_sees_them() {
    let mut absent = echo(&[]);
    absent.probes[0].kind = "kind".into();
    let mut input = echo(&[]);
    input.ports.busy = "s_last".into();
    let mut narrow = echo(&[]);
    narrow.ports.m_data = "probe_address".into();
    let mut wide = echo(&[]);
    wide.probes[0].kind = "probe_value".into();
    let texts = [absent, input, narrow, wide].map(|source| refused(&source).to_string());
    insta::assert_snapshot!(texts.join("\n\n"));
}

#[test]
fn names_that_need_escaping_are_refused() {
    let mut port = echo(&[]);
    port.ports.busy = "core$busy".into();
    let mut file = echo(&[]);
    file.files[0].0 = "../echo.v".into();
    let texts = [port, file].map(|source| refused(&source).to_string());
    insta::assert_snapshot!(texts.join("\n\n"));
}

#[test]
fn a_core_that_does_not_answer_says_how_far_it_came() {
    let mut core = model(&[]);
    core.step(3);
    let short = Job {
        max_cycles: 13,
        ..job()
    };
    let (error, words) = failed(&mut core, &short);
    assert_eq!(words, [11, 21]);
    insta::assert_snapshot!(error);
}

#[test]
fn an_empty_command_is_refused() {
    let commands: [&[u32]; 2] = [&[1], &[]];
    let empty = Job {
        commands: &commands,
        ..job()
    };
    let (error, _) = failed(&mut model(&[]), &empty);
    assert_eq!(error, RunError::EmptyCommand { index: 1 });
}

#[test]
fn a_core_that_ends_the_simulation_does_not_end_the_program() {
    let mut core = model(&[("count <= 3;", "count <= 3; if (number == 1) $finish;")]);
    let (error, words) = failed(&mut core, &job());
    assert_eq!(words, [11]);
    let text = error.to_string();
    assert!(text.contains("stopped at cycle 5: src/echo.v:"), "{text}");
    assert!(text.contains("Verilog $finish"), "{text}");
    core.reset();
    assert_eq!(failed(&mut core, &job()).0, error, "it stays stopped");
}

#[test]
fn a_failed_build_leaves_no_entry() {
    let folder = tempfile::tempdir().unwrap();
    let source = echo(&[("endmodule", "endmodul")]);
    assert!(build(&source, &quick(), &Cache::new(folder.path())).is_err());
    let left = std::fs::read_dir(folder.path()).unwrap();
    let names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.into_iter().all(|name| name.ends_with(".lock")));
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let cache = Cache::new(file.path().join("cache"));
    let error = build(&echo(&[]), &quick(), &cache)
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("model cache: cannot create"), "{error}");
    assert!(error.contains("Not a directory"), "{error}");
    assert!(
        error.contains("help: the folder must be writable"),
        "{error}"
    );
}

#[test]
fn texts_of_failed_tools() {
    let (top, status) = ("core".to_string(), "exit status: 1".to_string());
    let texts = [
        VerilateError::NoMake,
        VerilateError::NoExec {
            message: "/cache/core.so: failed to map segment from shared object".into(),
        },
        VerilateError::Verilator {
            top: top.clone(),
            status: status.clone(),
            message: "%Error: src/core.v:3:7: syntax error".into(),
            command: "verilator --cc src/core.v".into(),
        },
        VerilateError::Compile {
            top,
            status,
            message: "make: g++: No such file or directory".into(),
            command: "make -f Vmodel.mk".into(),
        },
    ];
    insta::assert_snapshot!(texts.map(|error| error.to_string()).join("\n\n"));
}
