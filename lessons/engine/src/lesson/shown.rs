//! Whether the output that a step shows is what its commands print.

use super::{Block, Step};
use crate::compare::{Entry, Normaliser};

/// The first line of a step's `text` blocks that its solution does not print there, if there is one.
///
/// The lines of a block are some of those that were printed, in the same order. Times, and Ethernet addresses that
/// the kernel makes up, may be others.
pub fn untrue_line(step: &Step, entries: &[Entry]) -> Option<String> {
    let texts = entries.iter().flat_map(|entry| [&entry.stdout, &entry.stderr]);
    let printed: Vec<String> = texts.flat_map(|text| text.lines().map(comparable)).collect();
    step.blocks.iter().find_map(|block| {
        let Block::Output(shown) = block else { return None };
        // Each block begins anew: two blocks may show the same line.
        first_missing(shown, &printed).map(str::to_owned)
    })
}

/// Whether all lines of a block are among those that were printed, in the same order.
pub(super) fn is_among<'p>(shown: &str, printed: impl IntoIterator<Item = &'p String>) -> bool {
    first_missing(shown, printed).is_none()
}

/// The first line of a block that was not printed there.
fn first_missing<'t, 'p>(shown: &'t str, printed: impl IntoIterator<Item = &'p String>) -> Option<&'t str> {
    let mut rest = shown.lines().peekable();
    for line in printed {
        rest.next_if(|wanted| comparable(wanted) == *line);
    }
    rest.next()
}

/// A line that was printed, as it can be compared: without what is different in every run: times, made-up addresses, and what `packets` says of a frame
/// besides its way and its kind.
pub(super) fn comparable(line: &str) -> String {
    usual(Normaliser::new().text(line).trim_end())
}

/// With so many spaces before it, a line goes on with the one above it: `packets` puts addresses there. How many there are
/// hangs on the longest name.
const CONTINUED: usize = 20;

/// A line without the number, the time and the identification of a frame, and without the rest of a lifetime.
fn usual(line: &str) -> String {
    if let Some(("", rest)) = line.trim_start().split_once("cache expires ")
        && let Some((seconds, rest)) = rest.split_once("sec")
        && seconds.parse::<u32>().is_ok()
    {
        return format!("    cache expires Nsec{rest}");
    }
    if line.starts_with(&" ".repeat(CONTINUED)) {
        return line.trim_start().to_owned();
    }
    let frame = without_number(line).unwrap_or(line);
    match frame.split_once(" id ") {
        Some((fragment, _)) if fragment.contains("  fragment ") => fragment.to_owned(),
        _ => frame.to_owned(),
    }
}

/// A line of `packets` without what stands before the frame: ` 3  0.000020  host/eth0 > …`.
fn without_number(line: &str) -> Option<&str> {
    let (number, rest) = line.trim_start().split_once("  ")?;
    let (time, frame) = rest.split_once("  ")?;
    (number.parse::<u32>().is_ok() && time.parse::<f64>().is_ok()).then_some(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_looked_for_in_their_order() {
        let entry = Entry { stdout: "one\ntwo\n".into(), stderr: "three\n".into(), ..Entry::default() };
        let untrue = |blocks: &[&str]| {
            let blocks = blocks.iter().map(|text| Block::Output((*text).to_owned())).collect();
            untrue_line(&Step { blocks, ..Step::default() }, std::slice::from_ref(&entry))
        };
        assert_eq!(untrue(&["one\nthree\n", "one\n"]), None);
        assert_eq!(untrue(&["two\none\n"]), Some("one".to_owned()));
        assert_eq!(untrue(&["two \n", "four\n"]), Some("four".to_owned()));
    }

    #[test]
    fn what_differs_in_every_run_does_not_count() {
        for (one, other) in [
            (" 3  0.000020  host/eth0 > red", "12  1.500000  host/eth0 > red"),
            ("    cache expires 597sec mtu 1400", "    cache expires 600sec mtu 1400"),
        ] {
            assert_eq!(comparable(one), comparable(other));
        }
    }
}
