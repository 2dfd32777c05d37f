//! `sleep`, as in coreutils 9.1: the stack's time passes, whatever else happens meanwhile.

use super::getopt::{Getopt, Long, Value};
use super::numbers::strtod;
use super::process::{Poll, Process, Wait};
use super::{Context, Failure, Parsed, refused};
use vethlab_explain::journal::{Effect, Invocation};
use vethlab_shared::error::StackError;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::words::WordList;

const LONGS: &[Long] = &[("help", 'h', Value::No), ("version", 'v', Value::No)];
const HINT: &str = "Try 'sleep --help' for more information.\n";

/// Reads the words behind `sleep`.
pub(super) fn parse(words: &WordList) -> Parsed {
    let invocation = Invocation::new("sleep", words.clone(), Effect::Alters);
    Parsed::new(invocation, time(words).map(|time| Sleep { time, deadline: None }))
}

/// A `sleep`.
#[derive(Clone, Debug)]
struct Sleep {
    /// How long; `None` is for ever.
    time: Option<Duration>,
    /// Until when, once it has begun.
    deadline: Option<Instant>,
}

impl Sleep {
    fn begin(&self, context: &Context<'_>) -> Result<Instant, Failure> {
        // Beyond what a stack counts there is no end to wait for.
        let end = self.time.map(|time| context.stack.now() + time).filter(|end| *end < Instant::FOREVER);
        match end {
            Some(end) => Ok(end),
            None if context.can_be_ended() => Ok(Instant::FOREVER),
            None => {
                let message = "vethlab: 'sleep' for ever would never end here; give it a number of seconds";
                Err(Failure::exit(2, message))
            }
        }
    }
}

impl Process for Sleep {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        let deadline = match self.deadline {
            Some(deadline) => deadline,
            None => *self.deadline.insert(self.begin(context)?),
        };
        let is_over = context.stack.now() >= deadline;
        Ok(if is_over { Poll::Ready(0) } else { Poll::Pending(Wait::until(deadline, Vec::new())) })
    }

    fn cannot_wait(&self, error: StackError) -> Failure {
        refused(error, 1, |errno| format!("sleep: {errno}"))
    }

    fn ends_by_itself(&self) -> bool {
        self.deadline != Some(Instant::FOREVER)
    }
}

/// The sum of the times; `None` is for ever.
fn time(words: &[String]) -> Result<Option<Duration>, Failure> {
    let mut options = Getopt::new("", LONGS, words);
    let wrong = |message: &str| Failure::Exit { message: format!("{message}{HINT}"), status: 1 };
    if let Some(given) = options.next().map_err(|error| wrong(&format!("sleep: {error}\n")))? {
        let name = if given.letter == 'h' { "help" } else { "version" };
        return Err(Failure::NotModelled(format!("sleep --{name}")));
    }
    let operands = options.operands();
    if operands.is_empty() {
        return Err(wrong("sleep: missing operand\n"));
    }
    let (mut seconds, mut complaints) = (0.0, String::new());
    for operand in &operands {
        match interval(operand) {
            Some(interval) => seconds += interval,
            None => complaints += &format!("sleep: invalid time interval ‘{operand}’\n"),
        }
    }
    if !complaints.is_empty() {
        return Err(wrong(&complaints));
    }
    Ok(Duration::try_from_secs_f64(seconds).ok())
}

/// A number of seconds, or of what the letter behind it says.
fn interval(text: &str) -> Option<f64> {
    let (number, rest) = strtod(text);
    let unit = match rest {
        "" if !text.is_empty() => 1.0,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => return None,
    };
    (number >= 0.0 && rest.len() < text.len()).then_some(number * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Option<Duration>, Failure> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        time(&words)
    }

    #[test]
    fn times_are_added() {
        assert_eq!(read("1.5 .5s"), Ok(Some(Duration::from_secs(2))));
        assert_eq!(read("1m"), Ok(Some(Duration::from_secs(60))));
        assert_eq!(read("inf"), Ok(None));
    }

    #[test]
    fn mistakes_read_as_coreutils_writes_them() {
        let message = |text: &str| Failure::Exit { message: format!("{text}\n{HINT}"), status: 1 };
        assert_eq!(read(""), Err(message("sleep: missing operand")));
        assert_eq!(
            read("x 1y"),
            Err(message("sleep: invalid time interval ‘x’\nsleep: invalid time interval ‘1y’"))
        );
        assert_eq!(read("s"), Err(message("sleep: invalid time interval ‘s’")));
        assert_eq!(read("-1"), Err(message("sleep: invalid option -- '1'")));
    }
}
