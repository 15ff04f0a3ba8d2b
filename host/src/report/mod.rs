//! What people look at: plots (SVG and PNG) and plain-text tables.

mod axis;
mod png;
pub mod raster;
pub mod settling;
mod svg;
pub mod table;
pub mod training;
