//! The command as a user meets it. One program, so that its tests share the machine: `cargo test -p host --test command cosim::`
//! runs those of `eqprop cosim`.

mod analyse;
mod ask;
mod board;
mod choose;
mod cli;
mod common;
mod cosim;
mod integration;
mod live;
mod own_board;
mod own_data;
mod train;
mod train_data;
