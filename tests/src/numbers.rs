//! The numbers of TCP connections, counted from the first that was seen.

use std::net::Ipv4Addr;

/// Both ends of a segment: from whom and to whom.
pub type Ends = [(Ipv4Addr, u16); 2];

/// The first sequence number of each direction of the connections that cross a link.
#[derive(Default)]
pub struct FirstNumbers(Vec<(Ends, u32)>);

impl FirstNumbers {
    /// Keeps the first number of a segment's direction: that of the last SYN, or the first that was seen.
    pub fn note(&mut self, ends: Ends, number: u32, begins: bool) {
        match self.0.iter_mut().find(|(known, _)| *known == ends) {
            Some((_, first)) if begins => *first = number,
            Some(_) => {}
            None => self.0.push((ends, number)),
        }
    }

    /// A number, counted from there; as it is where nothing of that direction was seen.
    pub fn relative(&self, ends: Ends, number: u32) -> u32 {
        let first = self.0.iter().find(|(known, _)| *known == ends).map(|(_, first)| *first);
        first.map_or(number, |first| number.wrapping_sub(first))
    }
}
