//! Frames of two stacks for people: two columns.

use super::{FrameComparison, FrameRow, LinkFrames, Passage};
use crate::compare::side_by_side::{column_width, put_row};
use vethlab_shared::socket::Direction;

/// So many characters of a field's value are shown at most.
const LONGEST_VALUE: usize = 48;
/// So many are shown before the place where two long values differ.
const BEFORE_DIFFERENCE: usize = 8;

/// The frames as two columns with these names, `width` characters wide in all, link by link. Between the columns
/// stands `|` where the frames are not the same, with the fields that differ below, and `<` or `>` where only
/// one side has a frame. Below stands how many frames there are. Nothing, where there are none.
pub fn frames_side_by_side(comparison: &FrameComparison, names: [&str; 2], width: usize) -> String {
    let column = column_width(width);
    let mut table = String::new();
    for LinkFrames { link, rows, .. } in &comparison.links {
        put_row(&mut table, column, [&format!("{link}: {}", names[0]), names[1]], ' ');
        for row in rows {
            put_frames(&mut table, column, row);
        }
    }
    if !comparison.links.is_empty() {
        table.push_str(&format!("{}\n", comparison.summary()));
    }
    for (name, missing) in names.iter().zip(&comparison.missing) {
        for reason in missing {
            table.push_str(&format!("On {name}: {reason}.\n"));
        }
    }
    table
}

fn put_frames(table: &mut String, column: usize, row: &FrameRow) {
    let mark = match (&row.left, &row.right) {
        (Some(_), None) => '<',
        (None, Some(_)) => '>',
        _ if row.is_equal() => ' ',
        _ => '|',
    };
    let [left, right] =
        [&row.left, &row.right].map(|side| side.as_ref().map_or(Vec::new(), |it| lines(it, column)));
    for place in 0..left.len().max(right.len()) {
        let [left, right] = [&left, &right].map(|lines| lines.get(place).map_or("", String::as_str));
        put_row(table, column, [left, right], mark);
    }
    if let (Some(left), Some(right)) = (&row.left, &row.right)
        && left.what.split(' ').next() == right.what.split(' ').next()
    {
        for (name, left, right) in left.differing(right) {
            let (left, right) = excerpts(left.unwrap_or("(not there)"), right.unwrap_or("(not there)"));
            put_row(
                table,
                column,
                [&format!("      {name}: {left}"), &format!("      {name}: {right}")],
                '|',
            );
        }
    }
}

/// A frame in words, with its sender and its receiver. It takes one line where that is wide enough, and two otherwise.
fn lines(passage: &Passage, column: usize) -> Vec<String> {
    let way = match passage.direction {
        Direction::Out => "out",
        Direction::In => "in ",
    };
    let Passage { what, whom, .. } = passage;
    let one = format!("{way} {what}  {whom}");
    match one.trim_end() {
        one if one.chars().count() <= column => vec![one.to_owned()],
        _ => vec![format!("{way} {what}"), format!("    {whom}")],
    }
}

/// The parts of two values that show where they differ.
fn excerpts(left: &str, right: &str) -> (String, String) {
    let shared = left.chars().zip(right.chars()).take_while(|(l, r)| l == r).count();
    let long = [left, right].iter().any(|value| value.chars().count() > LONGEST_VALUE);
    let start = if long { shared.saturating_sub(BEFORE_DIFFERENCE) } else { 0 };
    let part = |value: &str| {
        let before = if start > 0 { "…" } else { "" };
        let after = if value.chars().count() > start + LONGEST_VALUE { "…" } else { "" };
        let shown: String = value.chars().skip(start).take(LONGEST_VALUE).collect();
        format!("{before}{shown}{after}")
    };
    (part(left), part(right))
}
