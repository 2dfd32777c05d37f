//! The numbers that a namespace gives to others.

use crate::id::NamespaceId;

/// The numbers that a namespace gave to others (`net->netns_ids`): the lowest that is free, so that they stay dense.
#[derive(Clone, Debug, Default)]
pub(crate) struct PeerIds {
    /// By namespace.
    given: Vec<(NamespaceId, i32)>,
    /// The numbers that came back, the lowest last.
    free: Vec<i32>,
}

impl PeerIds {
    fn place(&self, of: NamespaceId) -> Result<usize, usize> {
        self.given.binary_search_by_key(&of, |&(known, _)| known)
    }

    /// The number of a namespace, where it has one.
    pub(crate) fn get(&self, of: NamespaceId) -> Option<i32> {
        self.place(of).ok().map(|place| self.given[place].1)
    }

    /// The same, giving one where there is none (`peernet2id_alloc`).
    pub(crate) fn assign(&mut self, of: NamespaceId) -> i32 {
        match self.place(of) {
            Ok(place) => self.given[place].1,
            Err(place) => {
                let next = || i32::try_from(self.given.len()).unwrap_or(i32::MAX);
                let number = self.free.pop().unwrap_or_else(next);
                if self.given.is_empty() {
                    // Most namespaces know one other.
                    self.given.reserve_exact(1);
                }
                self.given.insert(place, (of, number));
                number
            }
        }
    }

    /// A namespace has ended: its number is free.
    pub(crate) fn remove(&mut self, of: NamespaceId) {
        if let Ok(place) = self.place(of) {
            let (_, number) = self.given.remove(place);
            let place = self.free.partition_point(|&other| other > number);
            self.free.insert(place, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_number_is_given() {
        let mut ids = PeerIds::default();
        let of = |number| NamespaceId { slot: number, number };
        assert_eq!([7, 3, 5, 3].map(|number| ids.assign(of(number))), [0, 1, 2, 1]);
        ids.remove(of(7));
        ids.remove(of(3));
        ids.remove(of(9));
        assert_eq!([ids.get(of(3)), ids.get(of(5))], [None, Some(2)]);
        assert_eq!([8, 2, 1].map(|number| ids.assign(of(number))), [0, 1, 3]);
    }
}
