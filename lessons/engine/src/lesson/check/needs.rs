//! Which checks need which: a graph, walked without recursion, each check and each need once.

use super::Check;
use std::collections::BTreeMap;

/// For each check the places of those that it needs, in the order in which it names them. Names that no check has are
/// left out.
pub(crate) fn places(checks: &[Check]) -> Vec<Vec<usize>> {
    let id = |(place, check): (usize, &'_ Check)| Some((check.grading.id.clone()?, place));
    let known: BTreeMap<String, usize> = checks.iter().enumerate().filter_map(id).collect();
    let places_of =
        |check: &Check| check.grading.needs.iter().filter_map(|need| known.get(need).copied()).collect();
    checks.iter().map(places_of).collect()
}

/// A check that in the end needs itself, and the one of its needs that leads back; `None` where there is none.
pub(in crate::lesson) fn circle(checks: &[Check]) -> Option<(&Check, &str)> {
    let needs = places(checks);
    let circle = circle_among(&needs)?;
    // The message names the first check of the circle.
    let first = (0..circle.len()).min_by_key(|&number| circle[number])?;
    let need = &checks[circle[(first + 1) % circle.len()]];
    Some((&checks[circle[first]], need.grading.id.as_deref()?))
}

/// The places along a circle, each behind one that needs it.
fn circle_among(needs: &[Vec<usize>]) -> Option<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        OnTheWay,
        Done,
    }
    let mut states = vec![State::New; needs.len()];
    for start in 0..needs.len() {
        if states[start] != State::New {
            continue;
        }
        states[start] = State::OnTheWay;
        // The way from the start to here, and how many needs of each were looked at.
        let mut way = vec![(start, 0)];
        while let Some((place, looked_at)) = way.last_mut() {
            let Some(&next) = needs[*place].get(*looked_at) else {
                states[*place] = State::Done;
                way.pop();
                continue;
            };
            *looked_at += 1;
            match states[next] {
                State::New => {
                    states[next] = State::OnTheWay;
                    way.push((next, 0));
                }
                State::OnTheWay => {
                    let circle = way.into_iter().map(|(place, _)| place);
                    return Some(circle.skip_while(|place| *place != next).collect());
                }
                State::Done => {}
            }
        }
    }
    None
}

/// Which checks may be looked at, as it becomes known which of them hold.
pub(crate) struct Ready {
    /// How many needs of each are not known to hold.
    missing: Vec<usize>,
    /// For each the places of those that need it, as often as they name it.
    needed_by: Vec<Vec<usize>>,
    /// Those that may be looked at now.
    now: Vec<usize>,
}

impl Ready {
    /// Where nothing is known yet: those that need nothing.
    pub(crate) fn new(needs: &[Vec<usize>]) -> Ready {
        let mut needed_by = vec![Vec::new(); needs.len()];
        for (place, needs) in needs.iter().enumerate() {
            for need in needs {
                needed_by[*need].push(place);
            }
        }
        let missing: Vec<usize> = needs.iter().map(Vec::len).collect();
        let now = (0..needs.len()).filter(|&place| missing[place] == 0).collect();
        Ready { missing, needed_by, now }
    }

    /// Those that may be looked at now, in their order; none twice.
    pub(crate) fn take(&mut self) -> Vec<usize> {
        let mut now = std::mem::take(&mut self.now);
        now.sort_unstable();
        now
    }

    /// The check at this place holds.
    pub(crate) fn holds(&mut self, place: usize) {
        for &other in &self.needed_by[place] {
            self.missing[other] -= 1;
            if self.missing[other] == 0 {
                self.now.push(other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_found_wherever_it_begins() {
        for (needs, circle) in [
            (vec![vec![1], vec![2], vec![]], None),
            (vec![vec![0]], Some(vec![0])),
            (vec![vec![1], vec![2], vec![1]], Some(vec![1, 2])),
            (vec![vec![], vec![0, 2], vec![3, 0], vec![1]], Some(vec![1, 2, 3])),
            (vec![vec![1, 1, 2], vec![2], vec![]], None),
        ] {
            assert_eq!(circle_among(&needs), circle, "{needs:?}");
        }
    }

    /// A long chain, and layers of which each needs all of the next: no walk of all ways, and none on the stack.
    #[test]
    fn many_needs_are_walked_once() {
        const COUNT: usize = 200_000;
        let mut chain: Vec<Vec<usize>> = (0..COUNT).map(|place| vec![place + 1]).collect();
        chain.push(Vec::new());
        assert_eq!(circle_among(&chain), None);
        let mut ready = Ready::new(&chain);
        for place in (0..=COUNT).rev() {
            assert_eq!(ready.take(), [place]);
            ready.holds(place);
        }
        chain[COUNT].push(0);
        assert_eq!(circle_among(&chain).map(|circle| circle.len()), Some(COUNT + 1));
        let layers: Vec<Vec<usize>> = (0..300)
            .map(|place| (10 * (place / 10 + 1)..10 * (place / 10 + 2)).filter(|next| *next < 300).collect())
            .collect();
        assert_eq!(circle_among(&layers), None);
    }

    #[test]
    fn a_need_that_stands_twice_counts_twice_and_holds_once() {
        let mut ready = Ready::new(&[vec![], vec![0, 0]]);
        assert_eq!(ready.take(), [0]);
        ready.holds(0);
        assert_eq!((ready.take(), ready.take()), (vec![1], Vec::new()));
    }
}
