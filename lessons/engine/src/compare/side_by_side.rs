//! A difference for people: two columns.

use super::{Difference, Entry, Row, align};

/// Narrower than this a column is of no use, however narrow the terminal.
const NARROWEST_COLUMN: usize = 20;

/// A difference as two columns with these names, `width` characters wide in all. Between the columns stands
/// `|` where the lines are not the same, `<` or `>` where only one side has a line.
pub fn side_by_side(difference: &Difference, names: [&str; 2], width: usize) -> String {
    let column = column_width(width);
    let [left, right] = [&difference.left, &difference.right].map(|side| side.as_ref().map(text_of));
    let mut table = format!("{}: $ {}\n", difference.number, difference.command());
    let mut row = |left: &str, mark: char, right: &str| put_row(&mut table, column, [left, right], mark);
    row(names[0], ' ', names[1]);
    let missing = "(did not run)";
    for line in align(left.as_deref().unwrap_or(missing), right.as_deref().unwrap_or(missing)) {
        match line {
            Row::Same(both) => row(both, ' ', both),
            Row::Changed(left, right) => row(left, '|', right),
            Row::Left(left) => row(left, '<', ""),
            Row::Right(right) => row("", '>', right),
        }
    }
    table
}

/// How wide each of two columns is in a table that is so wide in all.
pub(super) fn column_width(width: usize) -> usize {
    (width.saturating_sub(3) / 2).max(NARROWEST_COLUMN)
}

/// All that a command did as lines: what it printed, then its exit status.
fn text_of(entry: &Entry) -> String {
    let mut text = String::new();
    for stream in [&entry.stdout, &entry.stderr] {
        text.push_str(stream);
        if !stream.is_empty() && !stream.ends_with('\n') {
            text.push_str(" (no newline)\n");
        }
    }
    text.push_str(&format!("exit status {}\n", entry.status));
    text
}

/// One row; a cell that is too long goes on below.
pub(super) fn put_row(table: &mut String, column: usize, cells: [&str; 2], mark: char) {
    let [left, right] = cells.map(|cell| cut(cell, column));
    for place in 0..left.len().max(right.len()) {
        let [left, right] = [&left, &right].map(|cell| cell.get(place).map_or("", String::as_str));
        let line = format!("{left:column$} {mark} {right}");
        table.push_str(line.trim_end());
        table.push('\n');
    }
}

/// The text in parts of at most `width` characters, at least one part.
fn cut(text: &str, width: usize) -> Vec<String> {
    let characters: Vec<char> = text.replace('\t', "    ").chars().collect();
    if characters.is_empty() {
        return vec![String::new()];
    }
    characters.chunks(width).map(|part| part.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_columns_with_a_mark_between() {
        let entry = |stdout: &str, status| Entry {
            command: "x".to_owned(),
            status,
            stdout: stdout.to_owned(),
            ..Entry::default()
        };
        let difference = Difference {
            number: 3,
            left: Some(entry("same\nthis line is longer than the column\n", 0)),
            right: Some(entry("same\nshort\n", 1)),
        };
        let expected = "\
3: $ x
sim                    real
same                   same
this line is longer  | short
than the column      |
exit status 0        | exit status 1
";
        assert_eq!(side_by_side(&difference, ["sim", "real"], 43), expected);
    }
}
