//! The Verilator binding against real models: `cargo test -p sim --test verilate`.

mod cache;
mod common;
mod errors;
mod run;
mod trace;
