//! A table by the index of a link.

use vethlab_shared::name::IfIndex;

/// Things of one namespace's links, in the order of the links' indexes.
#[derive(Clone, Debug)]
pub(crate) struct ByIndex<T> {
    sorted: Vec<(IfIndex, T)>,
}

impl<T> Default for ByIndex<T> {
    fn default() -> ByIndex<T> {
        ByIndex { sorted: Vec::new() }
    }
}

impl<T> ByIndex<T> {
    /// Where an index is, or where it would be. Indexes are given one by one, so that most are where their number says,
    /// or one place before where loopback is not among them.
    #[inline]
    fn place(&self, index: IfIndex) -> Result<usize, usize> {
        for before in [1, 2] {
            let guess = (index.0 as usize).wrapping_sub(before);
            if self.sorted.get(guess).is_some_and(|(known, _)| *known == index) {
                return Ok(guess);
            }
        }
        self.search(index)
    }

    #[cold]
    fn search(&self, index: IfIndex) -> Result<usize, usize> {
        self.sorted.binary_search_by_key(&index, |(known, _)| *known)
    }

    #[inline]
    pub(crate) fn get(&self, index: &IfIndex) -> Option<&T> {
        self.place(*index).ok().map(|place| &self.sorted[place].1)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, index: &IfIndex) -> Option<&mut T> {
        self.place(*index).ok().map(|place| &mut self.sorted[place].1)
    }

    pub(crate) fn contains_key(&self, index: &IfIndex) -> bool {
        self.place(*index).is_ok()
    }

    /// Puts something in, in the place of what was there.
    pub(crate) fn insert(&mut self, index: IfIndex, value: T) {
        match self.place(index) {
            Ok(place) => self.sorted[place].1 = value,
            Err(place) => self.add(place, index, value),
        }
    }

    fn add(&mut self, place: usize, index: IfIndex, value: T) {
        if self.sorted.len() < 2 {
            // Most namespaces have loopback and one link more.
            self.sorted.reserve_exact(1);
        }
        self.sorted.insert(place, (index, value));
    }

    pub(crate) fn len(&self) -> usize {
        self.sorted.len()
    }

    pub(crate) fn remove(&mut self, index: &IfIndex) -> Option<T> {
        self.place(*index).ok().map(|place| self.sorted.remove(place).1)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &IfIndex> {
        self.sorted.iter().map(|(index, _)| index)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.sorted.iter().map(|(_, value)| value)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.sorted.iter_mut().map(|(_, value)| value)
    }
}

impl<T: Default> ByIndex<T> {
    /// What there is for an index, made where there is nothing.
    #[inline]
    pub(crate) fn get_or_default(&mut self, index: IfIndex) -> &mut T {
        let place = self.place(index).unwrap_or_else(|place| {
            self.add(place, index, T::default());
            place
        });
        &mut self.sorted[place].1
    }
}

#[cfg(test)]
impl<T> FromIterator<(IfIndex, T)> for ByIndex<T> {
    fn from_iter<I: IntoIterator<Item = (IfIndex, T)>>(all: I) -> ByIndex<T> {
        let mut table = ByIndex::default();
        all.into_iter().for_each(|(index, value)| table.insert(index, value));
        table
    }
}

#[cfg(test)]
impl<T> std::ops::Index<&IfIndex> for ByIndex<T> {
    type Output = T;

    fn index(&self, index: &IfIndex) -> &T {
        self.get(index).expect("a link")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_found_whatever_is_missing_before_it() {
        let mut table = ByIndex::default();
        let indexes = [7, 1, 3, 2, 1_000_000, 5].map(IfIndex);
        indexes.iter().for_each(|&index| table.insert(index, index.0));
        assert!(table.keys().is_sorted());
        assert!(indexes.iter().all(|index| table.get(index) == Some(&index.0)));
        assert_eq!(table.remove(&IfIndex(2)), Some(2));
        assert_eq!([2, 4, 0].map(|index| table.get(&IfIndex(index))), [None; 3]);
        assert_eq!(table.get_mut(&IfIndex(3)), Some(&mut 3));
        *table.get_or_default(IfIndex(4)) += 9;
        assert_eq!(table.values().copied().collect::<Vec<_>>(), [1, 3, 9, 5, 7, 1_000_000]);
    }
}
