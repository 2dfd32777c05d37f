//! What those who write packs need besides the linter: a pack to begin with, and a copy for students.

mod copy;
mod hand_out;
mod template;

pub use copy::{Copied, Copy, hand_out_pack};
pub use hand_out::{HandOut, hand_out};
pub use template::{Contents, InvalidName, new_pack};
