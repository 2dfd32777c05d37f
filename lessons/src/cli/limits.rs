//! The options that set how much work may use.

use vethlab_engine::limits::Allowed;
use vethlab_shared::budget::Limits;
use vethlab_shared::time::Duration;

/// How much may be used.
#[derive(clap::Args)]
pub(super) struct LimitOptions {
    /// Stop what takes more steps: a call of the network stack, a frame that crosses a wire, a timer. 50000000 for a
    /// command, 500000 for a graded answer unless said
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u64).range(1..))]
    max_work: Option<u64>,
    /// Stop what takes more of the network's time. 315360000 (ten years) for a command, 86400 for a graded answer unless
    /// said
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=MOST_SECONDS))]
    max_time: Option<u64>,
    /// Stop what makes more to be kept: what happens, the frames, and text. 192 for a command, 64 for a graded answer unless
    /// said
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=MOST_MEBIBYTES))]
    max_memory: Option<u64>,
}

/// A hundred years: the clock counts some more.
const MOST_SECONDS: u64 = 100 * 365 * 24 * 60 * 60;

const MOST_MEBIBYTES: u64 = 1 << 20;

impl LimitOptions {
    /// What is allowed.
    pub(super) fn allowed(&self) -> Allowed {
        let Allowed { command, answer } = Allowed::default();
        Allowed { command: self.or(command), answer: self.or(answer) }
    }

    /// What is allowed, where these are the usual limits.
    fn or(&self, usual: Limits) -> Limits {
        Limits {
            work: self.max_work.unwrap_or(usual.work),
            time: self.max_time.map_or(usual.time, Duration::from_secs),
            memory: self.max_memory.map_or(usual.memory, |mebibytes| mebibytes << 20),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LimitOptions;
    use clap::Parser;
    use vethlab_engine::limits::{self, Allowed};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        limits: LimitOptions,
    }

    #[test]
    fn the_help_tells_the_usual_limits() {
        let help = <Line as clap::CommandFactory>::command().render_long_help().to_string();
        for limits in [limits::COMMAND, limits::ANSWER] {
            for number in [limits.work, limits.time.as_secs(), limits.memory >> 20] {
                assert!(help.contains(&number.to_string()), "{number}\n{help}");
            }
        }
    }

    #[test]
    fn an_option_sets_a_limit() {
        let read = |words: &[&str]| Line::parse_from([&["x"], words].concat()).limits.allowed();
        assert_eq!(read(&[]), Allowed::default());
        for each in [|allowed: Allowed| allowed.command, |allowed: Allowed| allowed.answer] {
            assert_eq!(each(read(&["--max-work", "7"])).work, 7);
            assert_eq!(each(read(&["--max-time", "7"])).time.as_secs(), 7);
            assert_eq!(each(read(&["--max-memory", "7"])).memory, 7 << 20);
        }
    }
}
