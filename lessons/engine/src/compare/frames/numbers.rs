//! The numbers of TCP: what is drawn at random for a connection, told from what is not.

use std::collections::BTreeMap;
use std::net::SocketAddrV4;
use vethlab_shared::wire::tcp::{Options, flag};
use vethlab_shared::wire::{Frame, Tcp};

/// How many directions of connections are remembered.
const MOST: usize = 1 << 16;

/// The first number of each direction of a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    first: BTreeMap<(SocketAddrV4, SocketAddrV4), u32>,
}

/// The numbers of one segment, counted from the first of their direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Relative {
    pub(super) sequence: u32,
    /// Where it acknowledges.
    pub(super) acknowledgement: Option<u32>,
    /// What the numbers of selective acknowledgements are counted from.
    back: u32,
}

impl Numbers {
    /// The numbers of the segment that a frame carries, if it carries one.
    pub(super) fn of(&mut self, frame: &[u8]) -> Option<Relative> {
        let packet = Frame::new(frame)?.ipv4()?;
        let segment =
            Tcp::new(packet.payload()).filter(|_| packet.protocol() == 6 && !packet.is_fragment())?;
        let from = SocketAddrV4::new(packet.source(), segment.source());
        let to = SocketAddrV4::new(packet.destination(), segment.destination());
        if self.first.len() > MOST {
            self.first.clear();
        }
        if segment.flags() & flag::SYN != 0 {
            self.first.insert((from, to), segment.sequence());
        }
        let first = *self.first.entry((from, to)).or_insert(segment.sequence());
        let acknowledges = segment.flags() & flag::ACK != 0;
        let back = match self.first.get(&(to, from)) {
            Some(back) => *back,
            None => segment.acknowledgement(),
        };
        Some(Relative {
            sequence: segment.sequence().wrapping_sub(first),
            acknowledgement: acknowledges.then(|| segment.acknowledgement().wrapping_sub(back)),
            back,
        })
    }
}

impl Relative {
    /// An option of the segment as it is compared: of time stamps whether one is echoed, of selective acknowledgements the
    /// numbers counted from the first.
    pub(super) fn option(&self, segment: &[u8], shown: &str) -> String {
        let Some(options) = Tcp::new(segment).map(Options::of) else { return shown.to_owned() };
        match (shown.split(' ').next(), options.timestamps) {
            (Some("8"), Some((_, 0))) => "8 (a time stamp)".to_owned(),
            (Some("8"), Some(_)) => "8 (a time stamp, and the echo of one)".to_owned(),
            (Some("5"), _) => {
                let relative = |number: u32| number.wrapping_sub(self.back);
                let block = |&(first, end): &(u32, u32)| format!("{}-{}", relative(first), relative(end));
                format!("5 (SACK {})", options.sack.iter().map(block).collect::<Vec<_>>().join(" "))
            }
            _ => shown.to_owned(),
        }
    }
}
