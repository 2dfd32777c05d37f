//! Which frames of two stacks belong to the same command.

use super::{FrameComparison, Passage, Place, Traffic};
use vethlab_shared::socket::Direction;

/// Compares the frames of two stacks one command at a time, as they come.
///
/// A timer asks for a neighbour once more, and it may be due just when a command ends. Such a request counts for
/// the command by whose end both sides have sent it.
#[derive(Clone, Debug, Default)]
pub struct FrameMatch {
    late: [Vec<(Place, Passage)>; 2],
}

impl FrameMatch {
    /// Nothing compared so far.
    pub fn new() -> FrameMatch {
        FrameMatch::default()
    }

    /// Takes the frames of the next command on each side.
    pub fn next(&mut self, left: Traffic, right: Traffic) -> FrameComparison {
        let [mut left, mut right] = self.with_late([left, right]);
        take_late(&mut self.late[0], &mut left, &right);
        take_late(&mut self.late[1], &mut right, &left);
        FrameComparison::of(&left, &right)
    }

    /// Takes the frames after the last command, and what is still open.
    pub fn finish(mut self, left: Traffic, right: Traffic) -> FrameComparison {
        let [left, right] = self.with_late([left, right]);
        FrameComparison::of(&left, &right)
    }

    /// The frames of each side behind those that were late before.
    fn with_late(&mut self, mut sides: [Traffic; 2]) -> [Traffic; 2] {
        for (late, traffic) in self.late.iter_mut().zip(&mut sides) {
            for (place, passage) in late.drain(..).rev() {
                traffic.links.entry(place).or_default().insert(0, passage);
            }
        }
        sides
    }
}

/// Takes out the requests for neighbours that one side has sent beyond all that the other one has.
fn take_late(late: &mut Vec<(Place, Passage)>, side: &mut Traffic, other: &Traffic) {
    for (place, passages) in &mut side.links {
        let others = other.links.get(place).map_or(&[][..], Vec::as_slice);
        for direction in [Direction::Out, Direction::In] {
            let goes = |passage: &Passage| passage.lane() == (direction, true);
            let ours: Vec<usize> = (0..passages.len()).filter(|&at| goes(&passages[at])).collect();
            let theirs: Vec<&Passage> = others.iter().filter(|passage| goes(passage)).collect();
            let begins_the_same = ours.len() > theirs.len()
                && ours.iter().zip(&theirs).all(|(&at, theirs)| passages[at] == **theirs);
            if begins_the_same {
                let beyond = ours[theirs.len()..].iter().rev().map(|&at| passages.remove(at));
                let mut beyond: Vec<_> = beyond.map(|passage| (place.clone(), passage)).collect();
                beyond.reverse();
                late.extend(beyond);
            }
        }
    }
    side.links.retain(|_, passages| !passages.is_empty());
}
