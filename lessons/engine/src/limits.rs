//! How much each kind of work may use, unless an option says otherwise.

use vethlab_shared::budget::Limits;
use vethlab_shared::time::Duration;

const DAY: u64 = 24 * 60 * 60;

/// An answer that is graded, its setup included. One takes some thousand steps, and many are run one after another.
pub const ANSWER: Limits = Limits { work: 500_000, time: Duration::from_secs(DAY), memory: 64 << 20 };

/// A check that looks at the network that an answer has left.
pub const CHECK: Limits = Limits { work: 200_000, time: Duration::from_secs(DAY), memory: 32 << 20 };

/// A command that a person types, or that stands in a script: it may take its time, and a person can stop it. What it makes
/// to be kept, what is kept of the commands before it, and the moments that one can go back to come to 512 MiB together.
pub const COMMAND: Limits =
    Limits { work: 50_000_000, time: Duration::from_secs(3650 * DAY), memory: 192 << 20 };

/// How much the work of one session or one run may use. The options `--max-work`, `--max-time` and `--max-memory` set both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// A command.
    pub command: Limits,
    /// An answer that is graded, and a setup.
    pub answer: Limits,
}

impl Default for Allowed {
    fn default() -> Allowed {
        Allowed { command: COMMAND, answer: ANSWER }
    }
}
