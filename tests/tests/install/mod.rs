//! What `./bootstrap` does on machines of many kinds, and which Rust the project needs.

mod bootstrap;
mod machine;
mod rust;
