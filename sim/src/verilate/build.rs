//! From a [`ModelSource`] to a shared library in the cache: verilator, the shim, make.

use super::cache::{failed, key, Cache};
use super::error::VerilateError;
use super::find::Verilator;
use super::header::Ports;
use super::model::Library;
use super::shim::{bind, BARE_CPP, BIND_RS, COMMON_H, MODEL_MK, RUNTIME_CPP, SHIM_CPP};
use super::source::{BuildOptions, ModelSource, Profile, Trace};
use super::tool;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Verilates `model` and loads it, or loads what an earlier build left in `cache`.
///
/// Unwaived Verilator warnings fail the build. Several threads and processes may ask for the same model:
/// one builds, the others wait for it.
pub fn build(
    model: &ModelSource,
    options: &BuildOptions,
    cache: &Cache,
) -> Result<Library, VerilateError> {
    Library::open(&artifact(model, options, cache, Product::Library)?)
}

/// What is linked around the Verilated core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    /// The shim, to be loaded.
    Library,
    /// The bare C++ main loop that the bench compares with.
    Program,
}

impl Product {
    /// Name of the file that is built.
    fn file(self) -> &'static str {
        match self {
            Product::Library => "core.so",
            Product::Program => "bare",
        }
    }

    /// The C++ file beside `runtime.cpp`.
    fn main(self) -> (&'static str, &'static str) {
        match self {
            Product::Library => ("shim.cpp", SHIM_CPP),
            Product::Program => ("bare.cpp", BARE_CPP),
        }
    }
}

/// The built file, from the cache if it is there.
pub(super) fn artifact(
    model: &ModelSource,
    options: &BuildOptions,
    cache: &Cache,
    product: Product,
) -> Result<PathBuf, VerilateError> {
    model.check(options)?;
    let verilator = Verilator::find()?;
    let version = verilator.to_string();
    let verilate = verilator_arguments(model, options, product);
    let ports = format!("{:?} {:?} {:?}", model.ports, model.probes, options.profile);
    let texts = [
        &version,
        MODEL_MK,
        RUNTIME_CPP,
        COMMON_H,
        product.main().1,
        BIND_RS,
        &ports,
    ];
    let files = model.files.iter().flat_map(|(name, text)| [name, text]);
    let rest = verilate.iter().chain(files).map(String::as_str);
    let key = key(texts.into_iter().chain(rest));
    let entry = cache.entry(&key, |directory| {
        let sources = directory.join("src");
        fs::create_dir(&sources).map_err(failed("create", &sources))?;
        for (name, text) in &model.files {
            write(&sources.join(name), text)?;
        }
        tool::verilate(&verilator, &model.top, directory, &verilate)?;

        let objects = directory.join("obj");
        let header = objects.join("Vmodel.h");
        let header = fs::read_to_string(&header).map_err(failed("read", &header))?;
        let ports = Ports::parse(&model.top, &header);
        write(&objects.join("bind.h"), &bind(model, &ports)?)?;
        write(&objects.join("model.mk"), MODEL_MK)?;
        write(&objects.join("runtime.cpp"), RUNTIME_CPP)?;
        write(&objects.join("common.h"), COMMON_H)?;
        let (name, text) = product.main();
        write(&objects.join(name), text)?;

        let runtime = runtime_objects(model, options, cache, product, &version, &objects)?;
        copy_objects(&runtime, &objects)?;
        let arguments = make_arguments(options, product, product.file());
        tool::make(&model.top, &objects, &arguments)?;
        let built = objects.join(product.file());
        let kept = directory.join(product.file());
        fs::rename(&built, &kept).map_err(failed("rename", &built))?;
        for scratch in [&objects, &sources] {
            fs::remove_dir_all(scratch).map_err(failed("remove", scratch))?;
        }
        Ok(())
    })?;
    Ok(entry.join(product.file()))
}

/// Verilator's command line for `model`.
fn verilator_arguments(
    model: &ModelSource,
    options: &BuildOptions,
    product: Product,
) -> Vec<String> {
    // Registers without a reset start at 0, or at random for `Library::instance_with_noise`: this costs only
    // at creation. X within an expression becomes whatever is fastest, equal from build to build.
    let mut arguments: Vec<String> =
        "--cc --exe -O3 --x-assign fast --x-initial unique --noassert \
         --threads 1 --timescale-override 1ns/1ns --prefix Vmodel -Mdir obj"
            .split_whitespace()
            .map(String::from)
            .collect();
    let mut add = |parts: &[&str]| arguments.extend(parts.iter().map(|p| p.to_string()));
    add(&["-o", product.file(), "--top-module", &model.top]);
    if product == Product::Library {
        add(&["-LDFLAGS", "-shared"]);
    }
    match options.trace {
        Trace::None => {}
        Trace::Vcd => add(&["--trace"]),
        Trace::Fst => add(&["--trace-fst"]),
    }
    for warning in &options.waivers {
        add(&[&format!("-Wno-{warning}")]);
    }
    add(&["-Isrc", "runtime.cpp", product.main().0]);
    // Lint configuration has to come before the sources that it speaks of.
    for extensions in [&[".vlt"][..], &[".v", ".sv"]] {
        for (name, _) in &model.files {
            if extensions.iter().any(|extension| name.ends_with(extension)) {
                add(&[&format!("src/{name}")]);
            }
        }
    }
    arguments
}

/// A condition as the makefile has it.
fn yes(condition: bool) -> &'static str {
    if condition {
        "yes"
    } else {
        "no"
    }
}

/// Command line of make. OPT_SLOW is for code that runs once, OPT_GLOBAL for Verilator's run-time library.
fn make_arguments(options: &BuildOptions, product: Product, target: &str) -> Vec<String> {
    let (fast, global) = match options.profile {
        Profile::Quick => ("-Og", "-Og"),
        Profile::Fast => ("-O3", "-O2"),
    };
    let jobs = std::thread::available_parallelism().map_or(1, |n| n.get());
    vec![
        "-s".into(),
        format!("-j{jobs}"),
        // Verilator's makefile only asks it for spaces, which it refuses; all its paths are relative.
        "CURDIR=.".into(),
        "-f".into(),
        "model.mk".into(),
        format!("LIBRARY={}", yes(product == Product::Library)),
        // Worth their room where many models are made.
        format!("COMMON={}", yes(options.profile == Profile::Quick)),
        format!("OPT_FAST={fast}"),
        "OPT_SLOW=-O0".into(),
        format!("OPT_GLOBAL={global}"),
        target.into(),
    ]
}

/// The object files of Verilator's run-time library, which take longer to compile than a small model: an
/// entry of their own, shared by all models of equal flags. `objects` is the folder of one such model.
fn runtime_objects(
    model: &ModelSource,
    options: &BuildOptions,
    cache: &Cache,
    product: Product,
    version: &str,
    objects: &Path,
) -> Result<PathBuf, VerilateError> {
    let compile = make_arguments(options, product, "runtime");
    let flags = format!("{:?} {:?} {product:?}", options.trace, options.profile);
    let key = key([version, MODEL_MK, RUNTIME_CPP, COMMON_H, &flags]);
    cache.entry(&key, |directory| {
        tool::make(&model.top, objects, &compile)?;
        copy_objects(objects, directory)
    })
}

/// Object files are copied, and are then newer than their sources; of compiled headers, which nothing depends on and
/// which are large, there is one.
fn copy_objects(from: &Path, to: &Path) -> Result<(), VerilateError> {
    for found in fs::read_dir(from).map_err(failed("list", from))? {
        let path = found.map_err(failed("list", from))?.path();
        let name = path.file_name().expect("a listed file has a name");
        match path.extension().and_then(OsStr::to_str) {
            Some("o") => fs::copy(&path, to.join(name)).map(drop),
            // The model that made them has them.
            Some("gch") if !to.join(name).exists() => fs::hard_link(&path, to.join(name)),
            _ => Ok(()),
        }
        .map_err(failed("copy", &path))?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), VerilateError> {
    fs::write(path, text).map_err(failed("write", path))
}
