//! The words that move a person through time.

use vethlab_programs::{Page, TIME};
use vethlab_shared::time::Instant;
use vethlab_shared::words;

/// What a person wants of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// So many events on.
    Forward(usize),
    /// So many events back.
    Back(usize),
    /// On to the next frame on a wire.
    NextFrame,
    /// Back to the last frame on a wire.
    LastFrame,
    /// Run this command and stop at its first event.
    Walk(String),
    /// To the present.
    Continue,
    /// To the first event of the last command that led to any.
    Start,
    /// To the last event of all.
    End,
    /// To the event of this number.
    Event(u64),
    /// To the last event that is not later.
    Time(Instant),
    /// List the events of the last command, or of all.
    Timeline { all: bool },
    /// Take commands back.
    Undo(usize),
    /// Do them again.
    Redo(usize),
    /// Say how a word is used.
    Help(&'static str),
}

/// How a word is used.
pub(super) fn usage(word: &str) -> String {
    TIME.iter().find(|page| page.command == word).map_or_else(String::new, Page::text)
}

/// What a line wants of time; `None` where it is an ordinary command.
pub(super) fn parse(line: &str) -> Option<Result<Wish, String>> {
    let line = words::trim(line);
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let known = TIME.iter().find(|page| page.command == word)?.command;
    let words: Vec<&str> = rest.split_whitespace().collect();
    Some(match (word, &words[..]) {
        (_, ["--help" | "-h"]) => Ok(Wish::Help(known)),
        ("step", []) => Ok(Wish::Forward(1)),
        ("step", ["frame"]) => Ok(Wish::NextFrame),
        ("step", ["back"]) => Ok(Wish::Back(1)),
        ("step", ["back", "frame"]) => Ok(Wish::LastFrame),
        ("step", ["back", number]) => count(number).map(Wish::Back),
        ("step", ["back", ..]) => Err("step back takes a number of steps, or 'frame'".to_owned()),
        ("step", ["frame", ..]) => {
            Err("step frame takes no other word; 'step back frame' goes to the frame before".to_owned())
        }
        ("step", [number]) if number.starts_with(|c: char| c.is_ascii_digit()) => {
            count(number).map(Wish::Forward)
        }
        ("step", [number]) if number.strip_prefix('-').is_some_and(|steps| count(steps).is_ok()) => {
            Err(format!("'{number}' is not a number of steps; 'step back {}' goes back", &number[1..]))
        }
        ("step", _) => match words::split(rest).unwrap_or_default().first() {
            Some(name) if !can_be_typed(name) => {
                Err(format!("'{name}' is no program, and no number of steps ('step --help' helps)"))
            }
            _ => Ok(Wish::Walk(words::trim(rest).to_owned())),
        },
        ("continue", []) => Ok(Wish::Continue),
        ("goto", ["start"]) => Ok(Wish::Start),
        ("goto", ["end"]) => Ok(Wish::End),
        ("goto", [place]) => place_of(place),
        ("goto", _) => Err("goto needs one event or time: 'goto 12', 'goto 1.5s', 'goto start'".to_owned()),
        ("timeline", []) => Ok(Wish::Timeline { all: false }),
        ("timeline", ["all"]) => Ok(Wish::Timeline { all: true }),
        ("undo", []) => Ok(Wish::Undo(1)),
        ("undo", [number]) => count(number).map(Wish::Undo),
        ("redo", []) => Ok(Wish::Redo(1)),
        ("redo", [number]) => count(number).map(Wish::Redo),
        (_, extra) => Err(format!("{word} does not take '{}'; 'help' shows what it takes", extra.join(" "))),
    })
}

/// Whether a line may begin with this word.
pub fn can_be_typed(name: &str) -> bool {
    name == "exit"
        || vethlab_programs::table().iter().any(|program| program.name == name)
        || TIME.iter().any(|page| page.command == name)
}

fn count(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|&number| number > 0)
        .ok_or_else(|| format!("'{text}' is not a number of steps: 1 or more"))
}

/// An event's number, or a time with its unit: `1.5s`, `20ms`, `7us`. Seconds can also be told by their point: `0.002`.
fn place_of(text: &str) -> Result<Wish, String> {
    if let Ok(number) = text.parse() {
        return Ok(Wish::Event(number));
    }
    let units = [("ms", 1e6), ("us", 1e3), ("ns", 1.0), ("s", 1e9)];
    let (digits, scale) = units
        .iter()
        .find_map(|&(unit, scale)| Some((text.strip_suffix(unit)?, scale)))
        .unwrap_or((text, 1e9));
    match digits.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => {
            Ok(Wish::Time(Instant::from_nanos((value * scale).round() as u64)))
        }
        _ => Err(format!("'{text}' is neither an event nor a time: 'goto 12', 'goto 1.5s', 'goto 20ms'")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_understood() {
        for (line, wish) in [
            ("step", Wish::Forward(1)),
            (" step 12 ", Wish::Forward(12)),
            ("step back 3", Wish::Back(3)),
            ("step ping -c 1 10.0.0.1", Wish::Walk("ping -c 1 10.0.0.1".to_owned())),
            ("goto 7", Wish::Event(7)),
            ("goto 1.5s", Wish::Time(Instant::from_nanos(1_500_000_000))),
            ("goto 0.002", Wish::Time(Instant::from_nanos(2_000_000))),
            ("goto 20ms", Wish::Time(Instant::from_nanos(20_000_000))),
            ("timeline all", Wish::Timeline { all: true }),
            ("undo 2", Wish::Undo(2)),
        ] {
            assert_eq!(parse(line), Some(Ok(wish)), "{line}");
        }
        assert_eq!(parse("ip link"), None);
        assert_eq!(parse("undo --help"), Some(Ok(Wish::Help("undo"))));
        for line in ["step foo", "step -3", "step frame back", "step back back 2", "step 'no such' x"] {
            assert!(matches!(parse(line), Some(Err(_))), "{line}");
        }
        for line in ["step 0", "goto", "goto soon", "goto -1s", "undo all", "continue now", "timeline 3"] {
            assert!(matches!(parse(line), Some(Err(_))), "{line}");
        }
    }
}
