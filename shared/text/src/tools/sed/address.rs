//! Addresses: which lines a command acts on.

use super::parse::Parser;
use super::script::Address;
use crate::call::{Call, Stop};

impl Parser {
    /// Reads an address that begins with this byte. `None` where it begins none.
    pub(super) fn address(
        &mut self,
        call: &mut Call<'_>,
        first: Option<u8>,
    ) -> Result<Option<Address>, Stop> {
        let Some(byte) = first else { return Ok(None) };
        let address = match byte {
            b'/' | b'\\' => {
                let unterminated = "unterminated address regex";
                let sign = if byte == b'\\' { self.next() } else { Some(byte) };
                let text = match sign {
                    Some(sign) if !matches!(sign, b'\n' | b'\\') => self.delimited(sign, true),
                    _ => None,
                };
                let Some(text) = text else { return Err(self.wrong(unterminated)) };
                let mut fold = false;
                loop {
                    match self.next_nonblank() {
                        Some(b'I') => fold = true,
                        Some(b'M') => return Err(Stop::Refused("sed /.../M".to_owned())),
                        other => {
                            self.back(other);
                            break;
                        }
                    }
                }
                Address::Matches(self.compile(call, &text, fold, 0)?)
            }
            b'0'..=b'9' => {
                let line = self.number(first);
                match self.next_nonblank() {
                    Some(b'~') => {
                        let begin = self.next_nonblank();
                        match self.number(begin) {
                            0 => Address::Line(line),
                            step => Address::Step(line, step),
                        }
                    }
                    other => {
                        self.back(other);
                        Address::Line(line)
                    }
                }
            }
            b'+' | b'~' => {
                let begin = self.next_nonblank();
                let number = self.number(begin);
                if byte == b'+' { Address::Plus(number) } else { Address::Multiple(number) }
            }
            b'$' => Address::Last,
            _ => return Ok(None),
        };
        Ok(Some(address))
    }
}
