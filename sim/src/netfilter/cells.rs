//! What rules keep from packet to packet: what they have counted, and what their limits have left.

use super::limit;
use vethlab_shared::netfilter::{Counters, Expression, Match};
use vethlab_shared::time::Instant;

/// What one expression keeps.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell {
    /// Nothing has this cell.
    Free,
    Counter(Counters),
    /// How many nanoseconds of passing are left, and since when.
    Limit {
        tokens: u64,
        since: Instant,
    },
    /// How many packets came since the last one that was taken.
    Nth(u32),
}

/// All cells of a namespace. Rules name them by number, so that a copy of the rules needs none of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cells {
    cells: Vec<Cell>,
    free: Vec<u32>,
}

/// Whether an expression keeps something from packet to packet.
pub(super) fn needs_cell(expression: &Expression) -> bool {
    matches!(
        expression,
        Expression::Counter(_) | Expression::Limit(_) | Expression::Match(Match::StatisticNth { .. })
    )
}

impl Cell {
    /// What an expression keeps at first.
    pub(super) fn new(expression: &Expression, now: Instant) -> Option<Cell> {
        match expression {
            Expression::Counter(counters) => Some(Cell::Counter(*counters)),
            Expression::Limit(of) => Some(Cell::Limit { tokens: limit::most(of), since: now }),
            // The first that is taken is the one of this number (`statistic_mt_check`).
            Expression::Match(Match::StatisticNth { every, packet, .. }) => {
                Some(Cell::Nth(every.saturating_sub(*packet)))
            }
            _ => None,
        }
    }
}

impl Cells {
    pub(super) fn add(&mut self, cell: Cell) -> u32 {
        match self.free.pop() {
            Some(place) => {
                self.cells[place as usize] = cell;
                place
            }
            None => {
                self.cells.push(cell);
                self.cells.len() as u32 - 1
            }
        }
    }

    pub(super) fn free(&mut self, place: u32) {
        if let Some(cell) = self.cells.get_mut(place as usize) {
            *cell = Cell::Free;
            self.free.push(place);
        }
    }

    #[inline]
    pub(super) fn get_mut(&mut self, place: u32) -> Option<&mut Cell> {
        self.cells.get_mut(place as usize)
    }

    /// What was counted there.
    pub(super) fn counters(&self, place: u32) -> Counters {
        match self.cells.get(place as usize) {
            Some(Cell::Counter(counters)) => *counters,
            _ => Counters::default(),
        }
    }

    /// Counts a packet of so many bytes.
    #[inline]
    pub(super) fn count(&mut self, place: u32, bytes: usize) {
        if let Some(Cell::Counter(counters)) = self.cells.get_mut(place as usize) {
            counters.packets += 1;
            counters.bytes += bytes as u64;
        }
    }

    /// How many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        self.cells.len() * size_of::<Cell>() + self.free.len() * size_of::<u32>()
    }
}
