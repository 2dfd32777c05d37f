//! The links of one namespace.

use super::Link;
use vethlab_shared::name::IfIndex;

/// The links of one namespace, in the order of their indexes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    sorted: Vec<Link>,
}

impl Links {
    /// Where a link is, or where it would be. Indexes are given one by one, so that a link mostly is where its index
    /// says.
    fn place(&self, index: IfIndex) -> Result<usize, usize> {
        let guess = (index.0 as usize).wrapping_sub(1);
        if self.sorted.get(guess).is_some_and(|link| link.index == index) {
            return Ok(guess);
        }
        self.sorted.binary_search_by_key(&index, |link| link.index)
    }

    pub(crate) fn get(&self, index: &IfIndex) -> Option<&Link> {
        self.place(*index).ok().map(|place| &self.sorted[place])
    }

    pub(crate) fn get_mut(&mut self, index: &IfIndex) -> Option<&mut Link> {
        self.place(*index).ok().map(|place| &mut self.sorted[place])
    }

    pub(crate) fn contains_key(&self, index: &IfIndex) -> bool {
        self.place(*index).is_ok()
    }

    /// Puts a link in, in the place of one with this index.
    pub(crate) fn insert(&mut self, index: IfIndex, link: Link) {
        match self.place(index) {
            Ok(place) => self.sorted[place] = link,
            Err(place) => self.sorted.insert(place, link),
        }
    }

    pub(crate) fn remove(&mut self, index: &IfIndex) -> Option<Link> {
        self.place(*index).ok().map(|place| self.sorted.remove(place))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &IfIndex> {
        self.sorted.iter().map(|link| &link.index)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Link> {
        self.sorted.iter()
    }

    #[cfg(test)]
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Link> {
        self.sorted.iter_mut()
    }
}

#[cfg(test)]
impl FromIterator<(IfIndex, Link)> for Links {
    fn from_iter<T: IntoIterator<Item = (IfIndex, Link)>>(links: T) -> Links {
        let mut all = Links::default();
        links.into_iter().for_each(|(index, link)| all.insert(index, link));
        all
    }
}

#[cfg(test)]
impl std::ops::Index<&IfIndex> for Links {
    type Output = Link;

    fn index(&self, index: &IfIndex) -> &Link {
        self.get(index).expect("a link")
    }
}
