//! `nl`: lines with their numbers.

use crate::call::{Call, Stop, lines, quote};
use crate::options::{self, Options, Value};

const OPTIONS: Options = Options {
    short: "b:d:f:h:i:l:n:ps:v:w:",
    long: &[
        ("header-numbering", Value::Yes, 'h'),
        ("body-numbering", Value::Yes, 'b'),
        ("footer-numbering", Value::Yes, 'f'),
        ("starting-line-number", Value::Yes, 'v'),
        ("line-increment", Value::Yes, 'i'),
        ("no-renumber", Value::No, 'p'),
        ("join-blank-lines", Value::Yes, 'l'),
        ("number-separator", Value::Yes, 's'),
        ("number-width", Value::Yes, 'w'),
        ("number-format", Value::Yes, 'n'),
        ("section-delimiter", Value::Yes, 'd'),
    ],
    refused: "dfhlp",
    ..Options::GNU
};

/// The widest number that is printed.
const WIDEST: usize = 1000;

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let given = options::read_words(call.name, call.arguments, &OPTIONS);
    let mut style = 't';
    let mut format = "rn";
    let (mut value, mut step, mut width) = (1i64, 1i64, 6usize);
    let mut separator = "\t";
    let mut wrong = false;
    for (letter, text) in &given.options {
        let number = |what: &str| {
            text.parse::<i64>().map_err(|_| Stop::Failed(1, format!("invalid {what}: {}", quote(text))))
        };
        match letter {
            'b' => match text.as_str() {
                "a" | "t" | "n" => style = text.chars().next().unwrap_or('t'),
                _ if text.starts_with('p') => return Err(Stop::Refused("nl -b p".to_owned())),
                _ => {
                    call.say(&format!("invalid body numbering style: {}", quote(text)));
                    wrong = true;
                }
            },
            'n' => match text.as_str() {
                "ln" | "rn" | "rz" => format = text,
                _ => {
                    call.say(&format!("invalid line numbering format: {}", quote(text)));
                    wrong = true;
                }
            },
            'v' => value = number("starting line number")?,
            'i' => step = number("line number increment")?,
            's' => separator = text,
            _ => {
                let wide = number("line number field width")?;
                if wide < 1 {
                    let text = format!(
                        "invalid line number field width: {}: Numerical result out of range",
                        quote(text)
                    );
                    return Err(Stop::Failed(1, text));
                }
                width = usize::try_from(wide).unwrap_or(usize::MAX);
            }
        }
    }
    given.check()?;
    if wrong {
        return Err(Stop::Bare(1, "Try 'nl --help' for more information.\n".to_owned()));
    }
    if width > WIDEST {
        return Err(Stop::Refused(format!("nl -w {width}")));
    }
    let (texts, all) = call.read_all(&given.operands)?;
    let blank = " ".repeat(width + separator.len());
    for text in texts {
        for line in lines(&text) {
            if [&b"\\:"[..], b"\\:\\:", b"\\:\\:\\:"].contains(&line) {
                return Err(Stop::Refused("nl \\:".to_owned()));
            }
            call.work(line.len() + width + 8)?;
            let numbered = style == 'a' || style == 't' && !line.is_empty();
            if numbered {
                let number = match format {
                    "ln" => format!("{value:<width$}"),
                    "rz" => format!("{value:0width$}"),
                    _ => format!("{value:width$}"),
                };
                call.put(number.as_bytes())?;
                call.put(separator.as_bytes())?;
                let next = value.checked_add(step);
                value = next.ok_or_else(|| Stop::Failed(1, "line number overflow".to_owned()))?;
            } else {
                call.put(blank.as_bytes())?;
            }
            call.put(line)?;
            call.put(b"\n")?;
        }
    }
    Ok(u8::from(!all))
}
