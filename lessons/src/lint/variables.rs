//! Rules for what is drawn from a seed.

use super::place::fence;
use super::report::Notes;
use super::rule::Rule;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use vethlab_engine::lesson::markdown::{Content, Piece};
use vethlab_engine::lesson::outline::Outline;
use vethlab_engine::lesson::variables::Kind;
use vethlab_shared::family::Family;

/// Looks at a file in the editions that are tried.
pub(super) fn check(editions: &[Outline], notes: &mut Notes<'_>) {
    let Some(outline) = editions.first() else { return };
    for (name, _) in outline.variables.kinds() {
        if !is_used(name, outline) {
            let line = outline.lines.get(name).copied().unwrap_or(0);
            let fix = format!("Write '{{{name}}}' where its value belongs, or take the line out");
            notes.add(Rule::Unused, line, format_args!("the variable '{name}' is never used"), fix);
        }
    }
    if editions.len() > 1 {
        varies(editions, notes);
        draws_each_word(editions, notes);
    }
    fixed_addresses(outline, notes);
    numbered_hosts(outline, notes);
}

fn is_used(name: &str, outline: &Outline) -> bool {
    let is_case =
        |piece: &Piece| fence(piece).is_some_and(|f| case(f.info).is_some_and(|case| case.0 == name));
    let is_subnet = |kind: &Kind| matches!(kind, Kind::Host { subnet } if subnet == name);
    let named = |text: &str| text.contains(&format!("{{{name}}}")) || text.contains(&format!("{{{name}."));
    outline.variables.kinds().any(|(_, kind)| is_subnet(kind))
        || outline.written.iter().any(|piece| is_case(piece) || named(text(piece)))
}

fn text(piece: &Piece) -> &str {
    match &piece.content {
        Content::Heading(text) | Content::Prose(text) | Content::Fence { body: text, .. } => text,
    }
}

/// The variable and the word of a case block.
fn case(info: &str) -> Option<(&str, &str)> {
    match info.split_whitespace().collect::<Vec<_>>()[..] {
        ["vethlab", "case", variable, word, ..] => Some((variable, word)),
        _ => None,
    }
}

fn varies(editions: &[Outline], notes: &mut Notes<'_>) {
    let Some(first) = editions.first() else { return };
    let words = |outline: &Outline| -> Vec<Option<String>> {
        let cases = outline.written.iter().filter_map(|piece| case(fence(piece)?.info));
        cases.map(|(variable, _)| outline.word(variable).map(str::to_owned)).collect()
    };
    let same = |other: &Outline| other.drawn == first.drawn && words(other) == words(first);
    if let (Some(line), true) = (first.lines.values().min(), editions.iter().all(same)) {
        let problem = format!("it declares variables, but all of {} seeds give the same", editions.len());
        notes.add(
            Rule::NeverVaries,
            *line,
            problem,
            "Draw something that is used from a larger range, or take [variables] out",
        );
    }
}

fn draws_each_word(editions: &[Outline], notes: &mut Notes<'_>) {
    for piece in editions.iter().take(1).flat_map(|outline| &outline.written) {
        let Some((variable, word)) = fence(piece).and_then(|fence| case(fence.info)) else { continue };
        if !editions.iter().any(|outline| outline.word(variable) == Some(word)) {
            let problem = format!("none of {} seeds draws this case, so it was not tried", editions.len());
            notes.add(Rule::NotDrawn, piece.line, problem, "Try more of them: --seeds 400");
        }
    }
}

/// Addresses that are written out may not be ones that can be drawn: for some student the two would meet.
fn fixed_addresses(outline: &Outline, notes: &mut Notes<'_>) {
    for (line, text) in acting_lines(outline) {
        for (address, length) in addresses(text) {
            for (name, kind) in outline.variables.kinds() {
                let Kind::Subnet { range, length: drawn } = kind else { continue };
                // A prefix that is wider than what is drawn holds it on purpose.
                if range.contains(address) && length >= *drawn {
                    let problem = format!(
                        "{address} lies in {range}, which '{name}' is drawn from: for some seed the two meet"
                    );
                    let fix = format!(
                        "Write an address of '{name}', such as '{{{name}.9}}', or one that is not in {range}"
                    );
                    notes.add(Rule::Collision, line, problem, fix);
                }
            }
        }
    }
}

/// Hosts are drawn from the upper half of their subnet: one that is numbered by hand belongs in the lower half.
fn numbered_hosts(outline: &Outline, notes: &mut Notes<'_>) {
    let kinds: Vec<(&str, &Kind)> = outline.variables.kinds().collect();
    for (host, kind) in &kinds {
        let Kind::Host { subnet } = kind else { continue };
        let length = kinds.iter().find_map(|(name, kind)| match kind {
            Kind::Subnet { length, .. } if name == subnet => Some(*length),
            _ => None,
        });
        let Some(half) = length.and_then(|length| 1_u32.checked_shl(31 - u32::from(length.min(31)))) else {
            continue;
        };
        for (line, text) in outline.written.iter().flat_map(numbered_lines) {
            let begin = format!("{{{subnet}.");
            let numbers = text.split(&begin).skip(1).filter_map(|rest| rest.split_once('}'));
            for number in numbers.filter_map(|(number, _)| number.parse::<u32>().ok()).filter(|n| *n >= half)
            {
                let problem =
                    format!("'{{{subnet}.{number}}}' can be the address that is drawn for '{host}'");
                let fix = format!("Number your own from 1 to {}", half - 1);
                notes.add(Rule::Collision, line, problem, fix);
            }
        }
    }
}

/// The lines of the blocks that do something or look at something.
fn acting_lines(outline: &Outline) -> impl Iterator<Item = (usize, &str)> {
    let acts =
        |piece: &&Piece| fence(piece).is_some_and(|f| f.acts() && !["prose", "hint"].contains(&f.kind()));
    outline.written.iter().filter(acts).flat_map(numbered_lines)
}

fn numbered_lines(piece: &Piece) -> impl Iterator<Item = (usize, &str)> {
    let first = piece.line + usize::from(fence(piece).is_some());
    (first..).zip(text(piece).lines())
}

/// The addresses that are written out in a line, each with its prefix length, 32 where it has none.
fn addresses(line: &str) -> BTreeSet<(Ipv4Addr, u8)> {
    let read = |word: &str| {
        let word = word.trim_matches(['.', '/']);
        let (address, length) = word.split_once('/').unwrap_or((word, "32"));
        Some((address.parse().ok()?, length.parse().ok().filter(|length| *length <= Family::Inet.bits())?))
    };
    line.split(|c: char| !c.is_ascii_digit() && c != '.' && c != '/').filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_a_line() {
        let found: Vec<String> =
            addresses("ip addr add 10.0.0.1/24 dev a; ping 10.2.3.4. {lan.1} 1.2.3 1.2.3.4/99")
                .into_iter()
                .map(|(address, length)| format!("{address}/{length}"))
                .collect();
        assert_eq!(found, ["10.0.0.1/24", "10.2.3.4/32"]);
    }

    #[test]
    fn a_case_names_a_variable_and_a_word() {
        assert_eq!(case("vethlab case fault link"), Some(("fault", "link")));
        assert_eq!(case("vethlab case fault"), None);
        assert_eq!(case("vethlab check"), None);
    }
}
