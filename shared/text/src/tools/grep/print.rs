//! What is printed of a text.

use super::matcher::Matcher;
use crate::call::{Call, Stop, lines};

/// Which names of files are printed, instead of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    With,
    Without,
}

/// How lines are printed.
#[derive(Debug, Default)]
pub(super) struct Printer {
    pub(super) after: Option<usize>,
    pub(super) before: Option<usize>,
    pub(super) counted: bool,
    pub(super) inverted: bool,
    pub(super) list: Option<List>,
    pub(super) most: Option<usize>,
    /// Whether the name of the file stands before each line.
    pub(super) named: bool,
    pub(super) numbers: bool,
    pub(super) only: bool,
    pub(super) quiet: bool,
    /// Whether a text with a byte 0 is text.
    pub(super) text: bool,
    /// Whether a group of lines was printed.
    any: bool,
}

impl Printer {
    /// Looks through a text. Whether lines were found.
    pub(super) fn file(
        &mut self,
        call: &mut Call<'_>,
        matcher: &mut Matcher,
        name: &str,
        text: &[u8],
    ) -> Result<bool, Stop> {
        let binary = !self.text && text.contains(&0);
        let hushed = self.quiet || self.counted || self.list.is_some();
        let most = match self.most {
            Some(0) => return Ok(false),
            _ if !self.counted && (self.quiet || self.list.is_some() || binary) => 1,
            most => most.unwrap_or(usize::MAX),
        };
        // There, a byte 0 ends a line, too.
        let split: Vec<u8>;
        let text = if binary {
            split = text.iter().map(|byte| if *byte == 0 { b'\n' } else { *byte }).collect();
            &split
        } else {
            text
        };
        let lines: Vec<&[u8]> = lines(text).collect();
        let shows = !(hushed || binary);
        let mut found = 0;
        // The first line that was not printed, and up to where context is.
        let (mut printed, mut wanted) = (0, 0);
        let mut last = None;
        for (at, line) in lines.iter().enumerate() {
            if matcher.is_match(call, line)? == self.inverted {
                continue;
            }
            found += 1;
            if shows {
                self.show_context(call, name, &lines, printed..wanted.min(at).max(printed))?;
                printed = printed.max(wanted.min(at));
                let first = at.saturating_sub(self.before.unwrap_or(0)).max(printed);
                let context = self.before.is_some() || self.after.is_some();
                if context && self.any && (last.is_none() || first > printed) {
                    call.put(b"--\n")?;
                }
                self.show_context(call, name, &lines, first..at)?;
                self.show_selected(call, matcher, name, at, line)?;
                self.any = true;
                printed = at + 1;
                wanted = printed.saturating_add(self.after.unwrap_or(0)).min(lines.len());
            }
            self.any |= binary;
            last = Some(at);
            if found >= most {
                break;
            }
        }
        if shows {
            self.show_context(call, name, &lines, printed..wanted.max(printed))?;
        }
        self.conclude(call, name, found, binary && !hushed)
    }

    /// Prints what is printed of a text as a whole.
    fn conclude(&self, call: &mut Call<'_>, name: &str, found: usize, binary: bool) -> Result<bool, Stop> {
        if self.quiet {
            return Ok(found > 0);
        }
        if self.counted {
            let before = if self.named { format!("{name}:") } else { String::new() };
            if self.list.is_none() {
                call.put(format!("{before}{found}\n").as_bytes())?;
            }
        }
        if let Some(list) = self.list
            && (list == List::With) == (found > 0)
        {
            call.put(format!("{name}\n").as_bytes())?;
        }
        if binary && found > 0 && !(self.only && self.inverted) {
            call.say(&format!("{name}: binary file matches"));
        }
        Ok(found > 0)
    }

    fn prefix(&self, call: &mut Call<'_>, name: &str, at: usize, sign: &str) -> Result<(), Stop> {
        if self.named {
            call.put(format!("{name}{sign}").as_bytes())?;
        }
        if self.numbers {
            call.put(format!("{}{sign}", at + 1).as_bytes())?;
        }
        Ok(())
    }

    fn show_context(
        &self,
        call: &mut Call<'_>,
        name: &str,
        lines: &[&[u8]],
        range: std::ops::Range<usize>,
    ) -> Result<(), Stop> {
        for at in range {
            if self.only {
                continue;
            }
            self.prefix(call, name, at, "-")?;
            call.put(lines[at])?;
            call.put(b"\n")?;
        }
        Ok(())
    }

    fn show_selected(
        &self,
        call: &mut Call<'_>,
        matcher: &mut Matcher,
        name: &str,
        at: usize,
        line: &[u8],
    ) -> Result<(), Stop> {
        if !self.only {
            self.prefix(call, name, at, ":")?;
            call.put(line)?;
            return call.put(b"\n");
        }
        if self.inverted {
            return Ok(());
        }
        let mut from = 0;
        while let Some((begin, end)) = matcher.find(call, line, from)? {
            if end > begin {
                self.prefix(call, name, at, ":")?;
                call.put(&line[begin..end])?;
                call.put(b"\n")?;
                from = end;
            } else {
                from = end + 1;
            }
        }
        Ok(())
    }
}
