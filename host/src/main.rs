//! The `eqprop` command.

fn main() {}
