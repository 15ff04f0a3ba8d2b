//! The generated half of the C++ side: `bind.h` maps the shim's names to the ports of one core.

use super::error::VerilateError;
use super::header::{Direction, Ports};
use super::source::ModelSource;

pub const MODEL_MK: &str = include_str!("model.mk");
pub const RUNTIME_CPP: &str = include_str!("runtime.cpp");
pub const COMMON_H: &str = include_str!("common.h");
pub const SHIM_CPP: &str = include_str!("shim.cpp");
pub const BARE_CPP: &str = include_str!("bare.cpp");

/// This file: in a cache key it stands for the `bind.h` that it writes.
pub const BIND_RS: &str = include_str!("shim.rs");

/// Text of `bind.h`: a macro for each port and a function that visits every probe whose valid is high.
pub fn bind(model: &ModelSource, ports: &Ports) -> Result<String, VerilateError> {
    let mut text = String::from(
        "// Names of the ports of one core, for shim.cpp and bare.cpp.\n\
         #pragma once\n#include \"Vmodel.h\"\n#include \"Vmodel___024root.h\"\n\n#include <cstdint>\n\n",
    );
    for (macro_name, port) in model.ports.all() {
        let direction = match macro_name {
            "S_READY" | "M_VALID" | "M_DATA" | "M_LAST" | "BUSY" => Direction::Output,
            _ => Direction::Input,
        };
        let bits = if macro_name.ends_with("DATA") { 32 } else { 1 };
        ports.expect(port, direction, bits..=bits)?;
        text += &format!("#define {macro_name}(model) (model).{port}\n");
    }
    text += "\n// Two's complement of the given width to 64 bits.\n\
             template <int Bits> inline int64_t extend(uint64_t value) {\n    \
             return static_cast<int64_t>(value << (64 - Bits)) >> (64 - Bits);\n}\n\n\
             template <class Log> inline void each_probe(const Vmodel& model, Log log) {\n    \
             // The members of Vmodel are references to these.\n    const Vmodel___024root& core = *model.rootp;\n";
    for probe in &model.probes {
        ports.expect(&probe.valid, Direction::Output, 1..=1)?;
        ports.expect(&probe.kind, Direction::Output, 1..=8)?;
        ports.expect(&probe.address, Direction::Output, 1..=32)?;
        let width = ports.expect(&probe.value, Direction::Output, 1..=64)?.bits;
        let value = if probe.signed {
            format!("extend<{width}>(core.{})", probe.value)
        } else {
            format!("static_cast<int64_t>(core.{})", probe.value)
        };
        text += &format!(
            "    if (core.{}) log({}, core.{}, core.{}, {value});\n",
            probe.valid, probe.id, probe.kind, probe.address
        );
    }
    Ok(text + "}\n")
}
