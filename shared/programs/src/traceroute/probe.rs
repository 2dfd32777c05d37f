//! One probe, what came of it, and how that is shown.

use std::net::IpAddr;
use vethlab_shared::socket::SocketId;
use vethlab_shared::time::Instant;

/// A probe.
#[derive(Clone, Debug, Default)]
pub(super) struct Probe {
    /// Nothing more is waited for.
    pub(super) done: bool,
    /// It went as far as any will: to the target, or to one who says that there is no way.
    pub(super) last: bool,
    pub(super) sent: Option<Instant>,
    pub(super) answered: Option<Instant>,
    /// Who answered.
    pub(super) by: Option<IpAddr>,
    /// The time to live that the answer came with.
    pub(super) back: Option<u8>,
    /// What is to be said about it: `!H`.
    pub(super) remark: String,
    /// Its own socket, where it has one.
    pub(super) socket: Option<SocketId>,
    /// Its port, or its sequence number; none while it is not under way.
    pub(super) sequence: Option<u16>,
}

impl Probe {
    /// How long the answer took, in seconds, where that is more than no time.
    pub(super) fn took(&self) -> Option<f64> {
        let (sent, answered) = (self.sent?, self.answered?);
        Some(answered.since(sent).as_secs_f64()).filter(|seconds| *seconds > 0.0)
    }
}

/// How many hops an answer came, by the time to live that it came with: those that begin are 64, 128 and 255
/// (`ttl2hops`).
pub(super) fn hops_back(ttl: u8) -> i32 {
    let ttl = i32::from(ttl);
    let beginning = match ttl {
        ..=64 => 65,
        65..=128 => 129,
        _ => 256,
    };
    beginning - ttl
}

/// What an ICMP error says about a probe (`parse_icmp_res`): `None` where the probe is only on its way.
pub(super) fn remark(kind: u8, code: u8, info: u32) -> Option<String> {
    const TIME_EXCEEDED: u8 = 11;
    const DESTINATION_UNREACHABLE: u8 = 3;
    let text = match (kind, code) {
        (TIME_EXCEEDED, 0) => return None,
        (DESTINATION_UNREACHABLE, 0 | 6 | 8 | 11) => "!N",
        (DESTINATION_UNREACHABLE, 1 | 7 | 12) => "!H",
        (DESTINATION_UNREACHABLE, 2) => "!P",
        (DESTINATION_UNREACHABLE, 3) => "",
        (DESTINATION_UNREACHABLE, 4) => return Some(format!("!F-{info}")),
        (DESTINATION_UNREACHABLE, 5) => "!S",
        (DESTINATION_UNREACHABLE, 9 | 10 | 13) => "!X",
        (DESTINATION_UNREACHABLE, 14) => "!V",
        (DESTINATION_UNREACHABLE, 15) => "!C",
        (DESTINATION_UNREACHABLE, code) => return Some(format!("!<{code}>")),
        (kind, code) => return Some(format!("!<{kind}-{code}>")),
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_shown_by_letters() {
        assert_eq!(remark(11, 0, 0), None, "on its way");
        let shown = [(3, 0), (3, 1), (3, 2), (3, 3), (3, 4), (3, 13), (3, 40), (11, 1)]
            .map(|(kind, code)| remark(kind, code, 1400).unwrap_or_default());
        assert_eq!(shown, ["!N", "!H", "!P", "", "!F-1400", "!X", "!<40>", "!<11-1>"]);
    }

    #[test]
    fn hops_are_counted_from_the_usual_beginnings() {
        assert_eq!([64, 63, 128, 127, 255, 250].map(hops_back), [1, 2, 1, 2, 1, 6]);
    }
}
