//! Messages that bridges make their tree with (IEEE 802.1D, section 9), behind a header of logical link control.

use super::{Field, put};
use crate::mac::MacAddress;
use crate::time::Duration;

/// Where bridges send them (`br_group_address`).
pub const GROUP: MacAddress = MacAddress([0x01, 0x80, 0xc2, 0, 0, 0]);
/// The header in front: service access points and control (`llc_pdu_un`).
const LLC: [u8; 3] = [0x42, 0x42, 0x03];
/// The type of a message that tells of the root.
const CONFIGURATION: u8 = 0x00;
/// The type of a message that tells of a change.
const TOPOLOGY_CHANGE: u8 = 0x80;
/// Flags of a configuration: the topology changes, and that was heard.
const CHANGES: u8 = 0x01;
const ACKNOWLEDGED: u8 = 0x80;
/// A second, in the unit of times (`STP_HZ`).
const SECOND: u64 = 256;
/// The length of a configuration, and what a reader looks at of it, both without the header in front.
const LENGTH: usize = 35;

/// Which bytes each field stands in, behind the header.
mod field {
    use super::Field;
    pub(super) const KIND: usize = 3;
    pub(super) const FLAGS: usize = 4;
    pub(super) const ROOT: Field = 5..13;
    pub(super) const COST: Field = 13..17;
    pub(super) const BRIDGE: Field = 17..25;
    pub(super) const PORT: Field = 25..27;
    pub(super) const MESSAGE_AGE: Field = 27..29;
    pub(super) const MAX_AGE: Field = 29..31;
    pub(super) const HELLO_TIME: Field = 31..33;
    pub(super) const FORWARD_DELAY: Field = 33..35;
}

/// What a bridge tells of the root (`struct br_config_bpdu`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The topology changes.
    pub topology_change: bool,
    /// It was heard that it does.
    pub topology_change_ack: bool,
    /// The root: its priority and its address.
    pub root: (u16, MacAddress),
    /// What the way to it costs.
    pub cost: u32,
    /// Who tells it.
    pub bridge: (u16, MacAddress),
    /// By which of its ports.
    pub port: u16,
    /// How long ago the root said it.
    pub message_age: Duration,
    /// After how long it counts no more.
    pub max_age: Duration,
    /// How often the root says it.
    pub hello_time: Duration,
    /// How long ports listen, and then learn.
    pub forward_delay: Duration,
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// It tells of the root.
    Configuration(Configuration),
    /// It tells of a change.
    TopologyChange,
}

impl Message {
    /// What lies behind the Ethernet header of a frame. The field for its type is the length of this.
    pub fn payload(&self) -> Vec<u8> {
        let Message::Configuration(said) = self else {
            return [&LLC[..], &[0, 0, 0, TOPOLOGY_CHANGE]].concat();
        };
        let mut bytes = [0; LENGTH];
        bytes[field::KIND] = CONFIGURATION;
        bytes[field::FLAGS] = if said.topology_change { CHANGES } else { 0 }
            | if said.topology_change_ack { ACKNOWLEDGED } else { 0 };
        put(&mut bytes, field::ROOT, written(said.root));
        put(&mut bytes, field::COST, said.cost.to_be_bytes());
        put(&mut bytes, field::BRIDGE, written(said.bridge));
        put(&mut bytes, field::PORT, said.port.to_be_bytes());
        for (place, time) in [
            (field::MESSAGE_AGE, said.message_age),
            (field::MAX_AGE, said.max_age),
            (field::HELLO_TIME, said.hello_time),
            (field::FORWARD_DELAY, said.forward_delay),
        ] {
            put(&mut bytes, place, ticks(time).to_be_bytes());
        }
        [&LLC[..], &bytes].concat()
    }

    /// The message in what lies behind an Ethernet header (`br_stp_rcv`); `None` where it is none.
    pub fn read(payload: &[u8]) -> Option<Message> {
        let bytes = payload.strip_prefix(&LLC)?;
        match bytes.get(..4)? {
            [0, 0, 0, TOPOLOGY_CHANGE] => Some(Message::TopologyChange),
            [0, 0, 0, CONFIGURATION] => {
                let bytes: &[u8; LENGTH] = bytes.first_chunk()?;
                let flags = bytes[field::FLAGS];
                let short = |place: Field| u16::from_be_bytes([bytes[place.start], bytes[place.start + 1]]);
                let cost = bytes[field::COST].try_into().map(u32::from_be_bytes).ok()?;
                Some(Message::Configuration(Configuration {
                    topology_change: flags & CHANGES != 0,
                    topology_change_ack: flags & ACKNOWLEDGED != 0,
                    root: read_id(&bytes[field::ROOT])?,
                    cost,
                    bridge: read_id(&bytes[field::BRIDGE])?,
                    port: short(field::PORT),
                    message_age: time(short(field::MESSAGE_AGE)),
                    max_age: time(short(field::MAX_AGE)),
                    hello_time: time(short(field::HELLO_TIME)),
                    forward_delay: time(short(field::FORWARD_DELAY)),
                }))
            }
            _ => None,
        }
    }
}

/// Whether what lies behind an Ethernet header is meant to be such a message: its header says so.
pub fn is_message(payload: &[u8]) -> bool {
    payload.starts_with(&LLC)
}

fn written((priority, address): (u16, MacAddress)) -> [u8; 8] {
    let [a, b] = priority.to_be_bytes();
    let [c, d, e, f, g, h] = address.0;
    [a, b, c, d, e, f, g, h]
}

fn read_id(bytes: &[u8]) -> Option<(u16, MacAddress)> {
    let (priority, address) = bytes.split_first_chunk()?;
    Some((u16::from_be_bytes(*priority), MacAddress(address.try_into().ok()?)))
}

/// `br_set_ticks`.
fn ticks(time: Duration) -> u16 {
    (u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).saturating_mul(SECOND) / 1_000_000_000) as u16
}

/// `br_get_ticks`, which rounds up to the next jiffy.
fn time(ticks: u16) -> Duration {
    /// Jiffies a second.
    const HZ: u64 = 250;
    Duration::from_millis((u64::from(ticks) * HZ).div_ceil(SECOND) * (1000 / HZ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let said = Configuration {
            topology_change: true,
            topology_change_ack: false,
            root: (0x8000, MacAddress([2, 0, 0, 0, 0, 1])),
            cost: 4,
            bridge: (0x1170, MacAddress([2, 0, 0, 0, 0, 2])),
            port: 0x8001,
            message_age: Duration::from_secs(1),
            max_age: Duration::from_secs(20),
            hello_time: Duration::from_secs(2),
            forward_delay: Duration::from_secs(15),
        };
        for message in [Message::Configuration(said), Message::TopologyChange] {
            assert_eq!(Message::read(&message.payload()), Some(message));
        }
        assert_eq!(Message::Configuration(said).payload().len(), 38);
        assert_eq!(Message::read(&[0x42, 0x42, 3, 0, 0, 0]), None);
        assert_eq!(Message::read(&[0x42, 0x42, 3, 0, 0, 2, 0x80]), None);
    }
}
