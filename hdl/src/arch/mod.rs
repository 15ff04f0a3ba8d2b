//! The plan: how a network maps to hardware. Everything that RTL, models, host and reports need to
//! know about lanes, memories, schedule and cycles stands here once.

pub mod cells;
mod compile;
pub mod estimate;
pub mod learning;
pub mod link;
pub mod memory;
pub mod pipeline;
mod plan;
pub mod program;
pub mod protocol;
pub mod registers;
mod response;
pub mod schedule;
mod shape;
pub mod spiking;
pub mod stream;
mod widths;

pub use link::Link;
pub use memory::{BlockPlan, LayerPlan};
pub use plan::{random_seed, Plan, PlanError};
pub use shape::Shape;
