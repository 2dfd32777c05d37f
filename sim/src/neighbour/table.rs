//! The entries of a namespace.

use super::entry::Neighbour;
use crate::hook::PostRouted;
use std::collections::VecDeque;
use std::net::Ipv4Addr;
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::NeighbourState;

/// What an entry goes by: its link and its address.
type Key = (IfIndex, Ipv4Addr);

/// The neighbour table of a namespace: the entries of all its links (`arp_tbl`), by link and address.
#[derive(Clone, Debug, Default)]
pub(crate) struct NeighbourTable {
    sorted: Vec<(Key, Neighbour)>,
}

impl NeighbourTable {
    /// How many bytes it takes, with the packets that wait.
    pub(crate) fn weight(&self) -> usize {
        let waiting = self.sorted.iter().map(|(_, entry)| entry.waiting_bytes());
        self.sorted.len() * size_of::<(Key, Neighbour)>() + waiting.sum::<usize>()
    }

    #[inline]
    fn find(&self, link: IfIndex, destination: Ipv4Addr) -> Result<usize, usize> {
        self.sorted.binary_search_by_key(&(link, destination), |(key, _)| *key)
    }

    /// All entries, by link and address.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (IfIndex, Ipv4Addr, &Neighbour)> {
        self.sorted.iter().map(|((link, destination), entry)| (*link, *destination, entry))
    }

    /// Whether a packet that waits holds a socket.
    pub(crate) fn hold_sockets(&self) -> bool {
        self.sorted.iter().any(|(_, entry)| entry.holds_socket())
    }

    /// The packets that wait for neighbours.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &PostRouted> {
        self.sorted.iter().flat_map(|(_, entry)| entry.waiting())
    }

    #[inline]
    pub(super) fn get(&self, link: IfIndex, destination: Ipv4Addr) -> Option<&Neighbour> {
        self.find(link, destination).ok().map(|place| &self.sorted[place].1)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, link: IfIndex, destination: Ipv4Addr) -> Option<&mut Neighbour> {
        self.find(link, destination).ok().map(|place| &mut self.sorted[place].1)
    }

    /// Where an entry is now. The place is a hint: others come and go.
    pub(crate) fn place(&self, link: IfIndex, destination: Ipv4Addr) -> Option<u32> {
        self.find(link, destination).ok().and_then(|place| u32::try_from(place).ok())
    }

    /// The entry, if it is where it was.
    #[inline]
    pub(crate) fn at_place(
        &mut self,
        place: u32,
        link: IfIndex,
        destination: Ipv4Addr,
    ) -> Option<&mut Neighbour> {
        let (key, entry) = self.sorted.get_mut(place as usize)?;
        (*key == (link, destination)).then_some(entry)
    }

    pub(super) fn insert(&mut self, link: IfIndex, destination: Ipv4Addr, entry: Neighbour) {
        match self.find(link, destination) {
            Ok(place) => self.sorted[place].1 = entry,
            Err(place) => self.sorted.insert(place, ((link, destination), entry)),
        }
    }

    pub(super) fn remove(&mut self, link: IfIndex, destination: Ipv4Addr) -> Option<Neighbour> {
        self.find(link, destination).ok().map(|place| self.sorted.remove(place).1)
    }

    /// The entries of a link, to alter.
    pub(super) fn on_link_mut(&mut self, link: IfIndex) -> impl Iterator<Item = &mut Neighbour> {
        let here = self.sorted.iter_mut().filter(move |((of, _), _)| *of == link);
        here.map(|(_, entry)| entry)
    }

    /// Takes out the entries of a link (`neigh_flush_dev`); permanent ones too unless told to keep them. Gives
    /// their addresses with the packets that waited.
    pub(super) fn flush_link(
        &mut self,
        link: IfIndex,
        keep_permanent: bool,
    ) -> Vec<(Ipv4Addr, VecDeque<PostRouted>)> {
        let mut gone = Vec::new();
        self.sorted.retain_mut(|((of, destination), entry)| {
            let keep = *of != link || (keep_permanent && entry.is(NeighbourState::PERMANENT));
            if !keep {
                gone.push((*destination, entry.take_waiting()));
            }
            keep
        });
        gone
    }
}
