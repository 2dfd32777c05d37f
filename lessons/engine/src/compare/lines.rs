//! Which lines of two texts belong together.

/// A row of two texts side by side; or of two sequences of something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row<'a, T: ?Sized = str> {
    /// The same line on both sides.
    Same(&'a T),
    /// Two lines in the same place that are not the same.
    Changed(&'a T, &'a T),
    /// A line that only the left side has.
    Left(&'a T),
    /// A line that only the right side has.
    Right(&'a T),
}

/// Puts the lines of two texts side by side, equal lines next to each other as far as their order allows
/// (a longest common subsequence).
pub fn align<'a>(left: &'a str, right: &'a str) -> Vec<Row<'a>> {
    let (left, right): (Vec<_>, Vec<_>) = (left.lines().collect(), right.lines().collect());
    align_all(&left, &right)
}

/// The same for two sequences of anything.
pub(super) fn align_all<'a, T: PartialEq + ?Sized>(left: &[&'a T], right: &[&'a T]) -> Vec<Row<'a, T>> {
    // What both begin and end with needs no search, and is mostly all.
    let same = |(l, r): &(&&'a T, &&'a T)| l == r;
    let start = left.iter().zip(right).take_while(same).count();
    let (first, left) = left.split_at(start);
    let right = &right[start..];
    let end = left.iter().rev().zip(right.iter().rev()).take_while(same).count();
    let (left, last) = left.split_at(left.len() - end);
    let right = &right[..right.len() - end];

    let common = common_lengths(left, right);
    let mut rows: Vec<Row<'a, T>> = first.iter().map(|both| Row::Same(*both)).collect();
    let (mut l, mut r) = (0, 0);
    let (mut only_left, mut only_right) = (Vec::new(), Vec::new());
    while l < left.len() || r < right.len() {
        let both = l < left.len() && r < right.len();
        if both && left[l] == right[r] {
            pair(&mut rows, &mut only_left, &mut only_right);
            rows.push(Row::Same(left[l]));
            (l, r) = (l + 1, r + 1);
        } else if r == right.len() || (both && common[l + 1][r] >= common[l][r + 1]) {
            only_left.push(left[l]);
            l += 1;
        } else {
            only_right.push(right[r]);
            r += 1;
        }
    }
    pair(&mut rows, &mut only_left, &mut only_right);
    rows.extend(last.iter().map(|both| Row::Same(*both)));
    rows
}

/// Lines between two equal ones: the first of one side stands next to the first of the other.
fn pair<'a, T: ?Sized>(rows: &mut Vec<Row<'a, T>>, left: &mut Vec<&'a T>, right: &mut Vec<&'a T>) {
    let shared = left.len().min(right.len());
    rows.extend(left.iter().zip(right.iter()).map(|(&l, &r)| Row::Changed(l, r)));
    rows.extend(left.drain(..).skip(shared).map(Row::Left));
    rows.extend(right.drain(..).skip(shared).map(Row::Right));
}

/// How many lines the rests of both texts have in common, from each pair of places on.
fn common_lengths<T: PartialEq + ?Sized>(left: &[&T], right: &[&T]) -> Vec<Vec<usize>> {
    let mut lengths = vec![vec![0; right.len() + 1]; left.len() + 1];
    for l in (0..left.len()).rev() {
        for r in (0..right.len()).rev() {
            lengths[l][r] = if left[l] == right[r] {
                lengths[l + 1][r + 1] + 1
            } else {
                lengths[l + 1][r].max(lengths[l][r + 1])
            };
        }
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lines_stand_next_to_each_other() {
        use Row::*;
        assert_eq!(align("a\nb\nc\n", "b\nx\ny"), [Left("a"), Same("b"), Changed("c", "x"), Right("y")]);
        assert_eq!(align("", ""), []);
        assert_eq!(
            align("a\na\nb\nc", "a\nx\na\nc"),
            [Same("a"), Right("x"), Same("a"), Left("b"), Same("c")]
        );
        assert_eq!(align("a\nb\na", "a"), [Same("a"), Left("b"), Left("a")]);
    }
}
