//! Markdown tables.

use super::inline::{Word, words, wrap};
use crate::paint::Paint;

/// The room between two columns.
const GAP: &str = "  ";
/// However little room there is, a column has this much.
const NARROWEST: usize = 12;

/// A table in columns: each as wide as it needs, and the widest narrower where there is not so much room.
pub(super) fn lay_out(markdown: &str, width: usize, paint: Paint) -> String {
    let rows: Vec<Vec<Vec<Word>>> = markdown
        .lines()
        .filter(|line| !is_rule(line))
        .map(|line| cells(line).iter().map(|cell| words(cell, paint)).collect())
        .collect();
    let widths = column_widths(&rows, width);
    let mut table = String::new();
    for (number, row) in rows.into_iter().enumerate() {
        table.push_str(&lay_out_row(row, &widths));
        if number == 0 {
            let lines: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
            table.push_str(&paint.dim(&lines.join(GAP)));
            table.push('\n');
        }
    }
    table
}

/// The line below the head of a table.
fn is_rule(line: &str) -> bool {
    line.contains('-') && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '))
}

/// The cells of a row; `\|` is no border, nor is a bar within code.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim().trim_start_matches('|');
    let line = line.strip_suffix('|').unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut in_code = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let character = match character {
            '|' if !in_code => {
                cells.push(String::new());
                continue;
            }
            '\\' if characters.next_if_eq(&'|').is_some() => '|',
            other => other,
        };
        in_code ^= character == '`';
        if let Some(cell) = cells.last_mut() {
            cell.push(character);
        }
    }
    cells
}

/// What each column needs, taken in one by one where it is widest until the table fits, or until no column can
/// be narrower.
fn column_widths(rows: &[Vec<Vec<Word>>], width: usize) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let (mut widths, mut narrowest) = (vec![0; columns], vec![NARROWEST; columns]);
    for (column, cell) in rows.iter().flat_map(|row| row.iter().enumerate()) {
        widths[column] = on_one_line(cell).max(widths[column]);
        // A word that is wider than the page sticks out.
        let longest = cell.iter().map(|word| word.width).fold(NARROWEST, usize::max).min(width);
        narrowest[column] = longest.max(narrowest[column]);
    }
    let gaps = GAP.len() * columns.saturating_sub(1);
    // None is wider than the page, and where there is no room at all none is wider than it must be.
    let least: usize = widths.iter().zip(&narrowest).map(|(width, narrowest)| *width.min(narrowest)).sum();
    for (wide, narrowest) in widths.iter_mut().zip(&narrowest) {
        let most = if least + gaps >= width { *narrowest } else { width.max(*narrowest) };
        *wide = most.min(*wide);
    }
    while widths.iter().sum::<usize>() + gaps > width {
        let can_shrink = widths.iter_mut().zip(&narrowest).filter(|(width, narrowest)| **width > **narrowest);
        let Some((widest, _)) = can_shrink.max() else { break };
        *widest -= 1;
    }
    widths
}

/// How wide a cell is that is not filled.
fn on_one_line(cell: &[Word]) -> usize {
    cell.iter().map(|word| word.width + 1).sum::<usize>().saturating_sub(1)
}

fn lay_out_row(row: Vec<Vec<Word>>, widths: &[usize]) -> String {
    let cells: Vec<Vec<Word>> = row.into_iter().zip(widths).map(|(cell, &width)| wrap(cell, width)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let mut text = String::new();
    for place in 0..height {
        let mut line = String::new();
        for (cell, &width) in cells.iter().zip(widths) {
            let empty = Word::default();
            let part = cell.get(place).unwrap_or(&empty);
            line.push_str(&part.text);
            line.push_str(&" ".repeat(width.saturating_sub(part.width) + GAP.len()));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_column_is_filled() {
        let markdown = "| word | what it says |\n| --- | --- |\n| `UP` | it is switched on by someone |\n";
        let expected = "\
word  what it says
----  ------------------
`UP`  it is switched on
      by someone
";
        assert_eq!(lay_out(markdown, 24, Paint::PLAIN), expected);
    }

    #[test]
    fn a_word_wider_than_the_page_makes_no_column_wider() {
        let long = "x".repeat(5000);
        let page = lay_out(&format!("| a | b |\n| {long} | c |\n"), 40, Paint::PLAIN);
        assert!(page.lines().next().is_some_and(|head| head.len() < 50), "{page}");
        assert!(page.len() < 6000, "{} bytes", page.len());
    }

    #[test]
    fn long_columns_share_what_room_there_is() {
        let markdown = "| a | b |\n| - | - |\n| one two three four five | six seven eight nine ten |\n";
        let expected = "\
a                b
---------------  --------------
one two three    six seven
four five        eight nine ten
";
        assert_eq!(lay_out(markdown, 31, Paint::PLAIN), expected);
    }

    #[test]
    fn bars_within_code_are_no_borders() {
        assert_eq!(cells("| `a | b` | c \\| d |"), [" `a | b` ", " c | d "]);
    }
}
