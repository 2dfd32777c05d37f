//! The links of one namespace.

use super::Link;
use crate::by_index::ByIndex;
use crate::name_index::NameIndex;
use vethlab_shared::name::{IfIndex, LinkName};

/// So many links are looked at one by one for a name; where there are more, an index finds it.
const FEW: usize = 16;

/// The links of one namespace, in the order of their indexes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    all: ByIndex<Link>,
    /// The indexes by name, where there are or were many links.
    names: Option<Box<NameIndex>>,
    /// How many links there were so far.
    registered: u32,
}

impl Links {
    #[inline]
    pub(crate) fn get(&self, index: &IfIndex) -> Option<&Link> {
        self.all.get(index)
    }

    /// The link, to alter all but its name and its index.
    pub(crate) fn get_mut(&mut self, index: &IfIndex) -> Option<&mut Link> {
        self.all.get_mut(index)
    }

    pub(crate) fn contains_key(&self, index: &IfIndex) -> bool {
        self.all.contains_key(index)
    }

    /// Puts a link in, in the place of one with this index.
    pub(crate) fn insert(&mut self, index: IfIndex, mut link: Link) {
        self.remove(&index);
        link.registered = self.registered;
        self.registered += 1;
        if let Some(names) = &mut self.names {
            names.insert(link.name.as_str(), index.0);
        }
        self.all.insert(index, link);
        if self.names.is_none() && self.all.len() > FEW {
            let names = self.names.insert(Box::default());
            self.all.values().for_each(|link| names.insert(link.name.as_str(), link.index.0));
        }
    }

    pub(crate) fn remove(&mut self, index: &IfIndex) -> Option<Link> {
        let old = self.all.remove(index)?;
        if let Some(names) = &mut self.names {
            names.remove(old.name.as_str(), index.0);
        }
        Some(old)
    }

    /// The link of this name.
    pub(crate) fn named(&self, name: &LinkName) -> Option<&Link> {
        let Some(names) = &self.names else { return self.all.values().find(|link| link.name == *name) };
        let has_name = |index| self.get(&IfIndex(index)).is_some_and(|link| link.name == *name);
        names.find(name.as_str(), has_name).and_then(|index| self.get(&IfIndex(index)))
    }

    /// Gives a link another name, which no other has.
    pub(crate) fn rename(&mut self, index: IfIndex, name: &LinkName) {
        let Some(link) = self.all.get_mut(&index) else { return };
        let old = std::mem::replace(&mut link.name, name.clone());
        if let Some(names) = &mut self.names {
            names.remove(old.as_str(), index.0);
            names.insert(name.as_str(), index.0);
        }
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &IfIndex> {
        self.all.keys()
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Link> {
        self.all.values()
    }

    /// All of them, to alter all but their names and indexes.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Link> {
        self.all.values_mut()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::Device;
    use vethlab_shared::mac::MacAddress;

    #[test]
    fn a_link_is_found_by_its_name_whatever_was_renamed_or_removed() {
        let name = |number: u32| format!("v{number}").parse::<LinkName>().expect("a name");
        let link = |number| Link::ethernet(IfIndex(number), name(number), Device::Loopback, MacAddress::ZERO);
        let mut links = Links::default();
        let find = |links: &Links, number| links.named(&name(number)).map(|link| link.index.0);
        for number in (1..60).map(|number| number * 7 % 60) {
            links.insert(IfIndex(number), link(number));
            assert_eq!(find(&links, number), Some(number));
        }
        links.rename(IfIndex(5), &name(100));
        assert_eq!([5, 100].map(|number| find(&links, number)), [None, Some(5)]);
        links.remove(&IfIndex(5));
        links.insert(IfIndex(6), Link { index: IfIndex(6), ..link(5) });
        assert_eq!([5, 6, 100].map(|number| find(&links, number)), [Some(6), None, None]);
        (1..60).filter(|index| index % 9 != 0).for_each(|index| drop(links.remove(&IfIndex(index))));
        let left = [9, 18, 27, 36, 45, 54];
        assert_eq!(left.map(|number| find(&links, number)), left.map(Some));
    }
}
