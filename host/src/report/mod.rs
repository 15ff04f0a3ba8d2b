//! What people look at: plots (SVG and PNG) and plain-text tables.

pub mod analysis;
mod axis;
pub mod explore;
pub mod page;
mod png;
pub mod raster;
pub mod samples;
pub mod settling;
pub mod svg;
pub mod table;
mod timeline;
pub mod training;
