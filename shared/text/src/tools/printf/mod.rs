//! `printf`, as bash has it built in.
//!
//! `-v NAME` is the shell's: it takes the option away, and gives the variable what is printed.

mod argument;
mod escape;
mod real;

use crate::call::{Call, Stop};
use crate::format::Spec;
use argument::{quoted, signed, unsigned};
use real::real;

const USAGE: &str = "usage: printf [-v var] format [arguments]";

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let mut words = call.arguments;
    match words.first().map(String::as_str) {
        Some("--") => words = &words[1..],
        Some(word) if word.len() > 1 && word.starts_with('-') => {
            if word.starts_with("-v") {
                return Err(Stop::Refused("printf -v".to_owned()));
            }
            let letter: String = word.chars().take(2).collect();
            call.say(&format!("{letter}: invalid option"));
            return Err(Stop::Failed(2, USAGE.to_owned()));
        }
        _ => {}
    }
    let Some((format, arguments)) = words.split_first() else {
        return Err(Stop::Failed(2, USAGE.to_owned()));
    };
    let mut printer = Printer { call, arguments, next: 0, status: 0 };
    loop {
        let before = printer.next;
        if !printer.once(format.as_bytes())? || printer.next >= arguments.len() || printer.next == before {
            return Ok(printer.status);
        }
    }
}

struct Printer<'p, 'c> {
    call: &'p mut Call<'c>,
    arguments: &'p [String],
    next: usize,
    status: u8,
}

impl Printer<'_, '_> {
    /// Prints the format once. `false` where `\c` or a mistake ends it.
    fn once(&mut self, format: &[u8]) -> Result<bool, Stop> {
        let mut at = 0;
        while let Some(byte) = format.get(at) {
            self.call.work(4)?;
            match byte {
                b'\\' => {
                    let (bytes, length) = escape::format(self.call, &format[at..])?;
                    self.call.put(&bytes)?;
                    at += length;
                }
                b'%' if format.get(at + 1) == Some(&b'%') => {
                    self.call.put(b"%")?;
                    at += 2;
                }
                b'%' => match self.conversion(&format[at..])? {
                    Some(length) => at += length,
                    None => return Ok(false),
                },
                byte => {
                    self.call.put(&[*byte])?;
                    at += 1;
                }
            }
        }
        Ok(true)
    }

    fn take(&mut self) -> &str {
        let word = self.arguments.get(self.next).map_or("", String::as_str);
        self.next = (self.next + 1).min(self.arguments.len());
        word
    }

    /// Says what is wrong with an argument.
    fn told<T>(&mut self, (value, wrong): (T, Option<String>)) -> T {
        if let Some(text) = wrong {
            self.call.say(&text);
            // A number that is too large is no failure.
            if !text.starts_with("warning: ") {
                self.status = 1;
            }
        }
        value
    }

    fn number(&mut self) -> i64 {
        let read = signed(self.take());
        self.told(read)
    }

    /// Prints one conversion. How long it is, or `None` where it ends all.
    fn conversion(&mut self, text: &[u8]) -> Result<Option<usize>, Stop> {
        let mut spec = Spec::default();
        let mut at = 1;
        while text.get(at).is_some_and(|byte| spec.flag(*byte)) {
            at += 1;
        }
        if text.get(at) == Some(&b'*') {
            let width = self.number();
            spec.set_width(width);
            at += 1;
        } else {
            spec.width = digits(text, &mut at);
        }
        if text.get(at) == Some(&b'.') {
            at += 1;
            if text.get(at) == Some(&b'*') {
                let precision = self.number();
                spec.precision = usize::try_from(precision).ok();
                at += 1;
            } else {
                let negative = text.get(at) == Some(&b'-');
                at += usize::from(negative);
                let precision = digits(text, &mut at);
                spec.precision = (!negative).then_some(precision);
            }
        }
        while matches!(text.get(at), Some(b'h' | b'l' | b'j' | b't' | b'z' | b'L')) {
            at += 1;
        }
        spec.check()?;
        let Some(letter) = text.get(at).copied() else {
            let shown = String::from_utf8_lossy(text).into_owned();
            return Err(Stop::Failed(1, format!("`{shown}': missing format character")));
        };
        let bytes = match letter {
            b's' => spec.bytes(self.take().as_bytes()),
            b'c' => spec.byte(self.take().bytes().next().unwrap_or(0)),
            b'q' | b'Q' => {
                let word = self.take().to_owned();
                // `%Q` cuts what it quotes, `%q` what it has quoted.
                if letter == b'Q' {
                    let cut = Spec { width: 0, ..spec }.bytes(word.as_bytes());
                    Spec { precision: None, ..spec }.bytes(&quoted(&cut))
                } else {
                    spec.bytes(&quoted(word.as_bytes()))
                }
            }
            b'b' => {
                let word = self.take().to_owned();
                let (bytes, ends) = escape::argument(self.call, word.as_bytes())?;
                if ends {
                    self.call.put(&spec.bytes(&bytes))?;
                    self.status = 0;
                    return Ok(None);
                }
                spec.bytes(&bytes)
            }
            b'd' | b'i' => spec.signed(self.number()),
            b'u' | b'o' | b'x' | b'X' => {
                let read = unsigned(self.take());
                let value = self.told(read);
                spec.unsigned(value, letter)
            }
            b'f' | b'F' | b'e' | b'E' | b'g' | b'G' => {
                let read = real(self.take())?;
                let value = self.told(read);
                spec.float(&value, letter)
            }
            b'a' | b'A' | b'n' | b'(' => {
                return Err(Stop::Refused(format!("printf %{}", char::from(letter))));
            }
            letter => {
                let shown = String::from_utf8_lossy(&[letter]).into_owned();
                return Err(Stop::Failed(1, format!("`{shown}': invalid format character")));
            }
        };
        self.call.put(&bytes)?;
        Ok(Some(at + 1))
    }
}

fn digits(text: &[u8], at: &mut usize) -> usize {
    let mut number = 0usize;
    while let Some(digit) = text.get(*at).filter(|byte| byte.is_ascii_digit()) {
        number = number.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
        *at += 1;
    }
    number
}
