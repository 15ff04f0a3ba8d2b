//! Where Verilated models are kept from run to run, whatever the folder that a command runs in.

use std::env;
use std::path::{Path, PathBuf};

use sim::verilate::Cache;

/// `$XDG_CACHE_HOME/eqprop`, else `~/.cache/eqprop`; without a home, `cache` inside `out`.
pub fn models(out: &Path) -> Cache {
    let folder = |name: &str| {
        let value = env::var_os(name).map(PathBuf::from);
        value.filter(|path| path.is_absolute())
    };
    let directory = folder("XDG_CACHE_HOME")
        .or_else(|| Some(folder("HOME")?.join(".cache")))
        .map_or_else(|| out.join("cache"), |cache| cache.join("eqprop"));
    Cache::new(directory)
}
