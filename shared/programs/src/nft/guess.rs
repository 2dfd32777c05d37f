//! What a name may have been meant to be (`misspell.c`).

/// How many letters differ (`string_distance`). The tool compares each letter with the one behind, and its rows overlap by one
/// place; what it guesses depends on both.
fn distance(one: &[u8], other: &[u8]) -> usize {
    let (height, width) = (one.len(), other.len());
    let letter = |name: &[u8], place: usize| name.get(place).copied().unwrap_or_default();
    let at = |row: usize, column: usize| row * width + column;
    let mut table = vec![0; (height + 1) * (width + 1)];
    for row in 0..=height {
        table[at(row, 0)] = row;
    }
    for column in 0..=width {
        table[at(0, column)] = column;
    }
    for row in 1..=height {
        for column in 1..=width {
            let cost = usize::from(letter(one, row) != letter(other, column));
            let deleted = table[at(row - 1, column)] + 1;
            let inserted = table[at(row, column - 1)] + 1;
            let altered = table[at(row - 1, column - 1)] + cost;
            let mut least = deleted.min(inserted).min(altered);
            if row > 1
                && column > 1
                && letter(one, row) == letter(other, column - 1)
                && letter(one, row - 1) == letter(other, column)
            {
                least = least.min(table[at(row - 2, column - 2)] + cost);
            }
            table[at(row, column)] = least;
        }
    }
    table[at(height, width)]
}

/// The nearest of some names (`string_misspell_update`), as its place among them; `None` where none is near.
pub(super) fn nearest<'a>(names: impl Iterator<Item = &'a str>, meant: &str) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for (place, name) in names.enumerate() {
        let (longer, shorter) = (name.len().max(meant.len()), name.len().min(meant.len()));
        if longer <= 1 {
            continue;
        }
        let limit = match longer - shorter {
            0 | 1 => longer.div_ceil(3),
            _ => (longer + 2).div_ceil(3),
        };
        let found = distance(name.as_bytes(), meant.as_bytes());
        if found <= limit && best.is_none_or(|(least, _)| found < least) {
            best = Some((found, place));
        }
    }
    best.map(|(_, place)| place)
}
