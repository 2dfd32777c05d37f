//! `date`: what time it is on the stack.

use crate::{Context, Failure, Status};
use std::fmt::Write;
use vethlab_shared::time::{Duration, Instant};

const SECONDS_OF_A_DAY: u64 = 86_400;
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// What `date` prints in the C locale.
const USUAL: &str = "%a %b %e %H:%M:%S %Z %Y";

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) year: u64,
    /// From 1.
    pub(crate) month: u64,
    /// From 1.
    pub(crate) day: u64,
    /// The day of the year, from 1.
    number: u64,
}

impl Day {
    /// So many days after 1 January 1970.
    pub(crate) fn after_start(mut days: u64) -> Day {
        let is_leap =
            |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let mut year = 1970;
        while days >= 365 + u64::from(is_leap(year)) {
            days -= 365 + u64::from(is_leap(year));
            year += 1;
        }
        let number = days + 1;
        let february = 28 + u64::from(is_leap(year));
        let mut month = 1;
        for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
            if days < length {
                break;
            }
            days -= length;
            month += 1;
        }
        Day { year, month, day: days + 1, number }
    }
}

/// `date [-u] [+FORMAT]`. A stack's clock began at midnight on 1 January 1970.
pub(crate) fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let mut format = USUAL;
    for word in words {
        match word.as_str() {
            "-u" | "--utc" | "--universal" => {}
            word => match word.strip_prefix('+') {
                Some(wanted) => format = wanted,
                None => return Err(Failure::NotModelled(format!("date {word}"))),
            },
        }
    }
    let since_start = context.stack.now().since(Instant::START);
    let text =
        shown(format, since_start).map_err(|letter| Failure::NotModelled(format!("date +%{letter}")))?;
    context.console.out(&format!("{text}\n"));
    Ok(0)
}

/// The time as `ctime(3)` writes it, without the newline behind.
pub(crate) fn as_ctime(context: &Context<'_>) -> String {
    at(context.stack.now(), "%a %b %e %H:%M:%S %Y")
}

/// A time in a form whose letters are all known.
pub(crate) fn at(time: Instant, form: &'static str) -> String {
    shown(form, time.since(Instant::START)).unwrap_or_default()
}

/// The time in this form; the letter that is not modelled where there is one.
fn shown(format: &str, since_start: Duration) -> Result<String, String> {
    let seconds = since_start.as_secs();
    let days = seconds / SECONDS_OF_A_DAY;
    let Day { year, month, day, number } = Day::after_start(days);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let month_name = MONTHS.get(month as usize - 1).copied().unwrap_or_default();
    let mut text = String::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        let letter = letters.next().map(String::from).unwrap_or_default();
        // Nothing can go wrong where text is written into text.
        let _ = match letter.as_str() {
            "Y" => write!(text, "{year}"),
            "m" => write!(text, "{month:02}"),
            "d" => write!(text, "{day:02}"),
            "e" => write!(text, "{day:2}"),
            "j" => write!(text, "{number:03}"),
            "a" => write!(text, "{}", DAYS[(days % 7) as usize]),
            "b" | "h" => write!(text, "{month_name}"),
            "H" => write!(text, "{hour:02}"),
            "M" => write!(text, "{minute:02}"),
            "S" => write!(text, "{second:02}"),
            "N" => write!(text, "{:09}", since_start.subsec_nanos()),
            "s" => write!(text, "{seconds}"),
            "F" => write!(text, "{year}-{month:02}-{day:02}"),
            "T" => write!(text, "{hour:02}:{minute:02}:{second:02}"),
            "Z" => write!(text, "UTC"),
            "n" => writeln!(text),
            "%" => write!(text, "%"),
            _ => return Err(letter),
        };
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_the_form_of_date() {
        let at = |seconds| shown(USUAL, Duration::from_secs(seconds));
        assert_eq!(at(61).as_deref(), Ok("Thu Jan  1 00:01:01 UTC 1970"));
        assert_eq!(at(951_782_400).as_deref(), Ok("Tue Feb 29 00:00:00 UTC 2000"));
        let form = "%F %T %e %j %s.%N %h%%%n";
        assert_eq!(
            shown(form, Duration::from_millis(86_400_500)).as_deref(),
            Ok("1970-01-02 00:00:00  2 002 86400.500000000 Jan%\n")
        );
        assert_eq!(shown("%q", Duration::ZERO), Err("q".to_owned()));
        assert_eq!(shown("%", Duration::ZERO), Err(String::new()));
    }
}
