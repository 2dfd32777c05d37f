//! The network as a picture: what stands in it, where to draw it, and the forms that it can be drawn in.

mod graph;
mod layout;
mod network;
mod packet;
mod svg;
mod text;

pub use graph::{dot, mermaid};
pub use network::{End, Network};
pub use packet::{Position, Spot, WHOLE_WAY};
pub use svg::svg;
pub use text::{Pen, draw};
