//! The states of TCP connections as seen in between (`net/netfilter/nf_conntrack_proto_tcp.c`). Whether a segment is in the
//! window is not looked at (as with `nf_conntrack_tcp_be_liberal`).

use super::Tracking;
use super::connection::{Connection, Direction, Protocol, Status};
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::wire::Tcp;
use vethlab_shared::wire::tcp::flag;

pub(crate) use vethlab_shared::netfilter::TcpConntrackState as TcpState;

/// What is kept of a connection (`struct ip_ct_tcp`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct TcpTrack {
    pub(crate) state: TcpState,
    /// What the last segment was, which way it went, and where it ended.
    last: (Segment, Direction, u32),
    /// Somebody has begun to close it in this direction (`IP_CT_TCP_FLAG_CLOSE_INIT`).
    closing: bool,
}

/// What decides about a segment (`enum tcp_bit_set`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Segment {
    Syn,
    SynAck,
    Fin,
    Ack,
    Rst,
    None,
}

/// What a segment leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    To(TcpState),
    /// It may be valid or not: the receiver decides.
    Ignore,
    Invalid,
}

impl Segment {
    fn of(flags: u8) -> Segment {
        match flags {
            _ if flags & flag::RST != 0 => Segment::Rst,
            _ if flags & (flag::SYN | flag::ACK) == flag::SYN | flag::ACK => Segment::SynAck,
            _ if flags & flag::SYN != 0 => Segment::Syn,
            _ if flags & flag::FIN != 0 => Segment::Fin,
            _ if flags & flag::ACK != 0 => Segment::Ack,
            _ => Segment::None,
        }
    }
}

/// The table of transitions (`tcp_conntracks`).
fn next(direction: Direction, segment: Segment, state: TcpState) -> Next {
    use Direction::{Original, Reply};
    use Next::{Ignore, Invalid, To};
    use TcpState::{
        Close, CloseWait, Established, FinWait, LastAck, None, SynRecv, SynSent, SynSent2, TimeWait,
    };
    match (segment, state) {
        (Segment::None, _) | (Segment::Rst | Segment::Fin | Segment::SynAck, None) => Invalid,
        (Segment::Rst, _) => To(Close),
        (Segment::Fin, SynSent | SynSent2) => Invalid,
        (Segment::Fin, SynRecv | Established) => To(FinWait),
        (Segment::Fin, FinWait | CloseWait | LastAck) => To(LastAck),
        (Segment::Fin, TimeWait) => To(TimeWait),
        (Segment::Fin, Close) => To(Close),
        (Segment::Syn, state) => match (direction, state) {
            (Original, None | SynSent | TimeWait | Close) | (Reply, TimeWait) => To(SynSent),
            (_, SynSent2) | (Reply, SynSent) => To(SynSent2),
            (Original, _) => Ignore,
            (Reply, _) => Invalid,
        },
        (Segment::SynAck, state) => match (direction, state) {
            (_, SynSent2) | (Reply, SynSent) | (Original, SynRecv) => To(SynRecv),
            (Original, _) => Invalid,
            (Reply, _) => Ignore,
        },
        (Segment::Ack, state) => match (direction, state) {
            (Original, None | SynRecv | Established) | (Reply, Established) => To(Established),
            (Reply, SynRecv) => To(SynRecv),
            (_, FinWait | CloseWait) => To(CloseWait),
            (_, LastAck | TimeWait) => To(TimeWait),
            (_, Close) => To(Close),
            (Original, SynSent | SynSent2) | (Reply, None) => Invalid,
            (Reply, SynSent | SynSent2) => Ignore,
        },
    }
}

/// For how long a connection in a state is known (`tcp_timeouts`).
fn timeout(state: TcpState) -> Duration {
    Duration::from_secs(match state {
        TcpState::None | TcpState::SynSent | TcpState::SynSent2 => 120,
        TcpState::SynRecv | TcpState::CloseWait => 60,
        TcpState::Established => 432_000,
        TcpState::FinWait | TcpState::TimeWait => 120,
        TcpState::LastAck => 30,
        TcpState::Close => 10,
    })
}

impl TcpTrack {
    /// What is kept of a connection that a segment begins, be it in its middle (`tcp_new`); `None` where none can begin so.
    pub(super) fn new(segment: &[u8]) -> Option<TcpTrack> {
        let flags = Tcp::new(segment)?.flags();
        let begins = next(Direction::Original, Segment::of(flags), TcpState::None);
        let state = TcpState::None;
        (begins != Next::Invalid).then_some(TcpTrack {
            state,
            last: (Segment::None, Direction::Original, 0),
            closing: false,
        })
    }
}

/// Takes a segment into account (`nf_conntrack_tcp_packet`).
pub(super) fn packet(
    connection: &mut Connection,
    direction: Direction,
    segment: &[u8],
    now: Instant,
) -> Tracking {
    let Protocol::Tcp(mut track) = connection.protocol else { return Tracking::Invalid };
    let Some(header) = Tcp::new(segment) else { return Tracking::Invalid };
    let kind = Segment::of(header.flags());
    let old = track.state;
    let ends = header.sequence().wrapping_add(
        header.data().len() as u32
            + u32::from(header.flags() & flag::SYN != 0)
            + u32::from(header.flags() & flag::FIN != 0),
    );
    let (last, last_direction, last_end) = track.last;
    let answers_last = header.acknowledgement() == last_end;
    let state = match next(direction, kind, old) {
        Next::Invalid => return Tracking::Invalid,
        Next::To(TcpState::SynSent)
            if matches!(old, TcpState::TimeWait | TcpState::Close)
                && (track.closing || (last, last_direction) == (Segment::Rst, direction)) =>
        {
            // A closed connection is opened again: as a new one.
            return Tracking::Again;
        }
        Next::Ignore
            if kind == Segment::SynAck
                && last == Segment::Syn
                && last_direction != direction
                && answers_last =>
        {
            TcpState::SynRecv
        }
        Next::To(state)
            if state != TcpState::SynSent || !matches!(old, TcpState::TimeWait | TcpState::Close) =>
        {
            state
        }
        // It may be out of step: the receiver decides.
        Next::To(_) | Next::Ignore => {
            track.last = (kind, direction, ends);
            connection.protocol = Protocol::Tcp(track);
            return Tracking::Valid;
        }
    };
    track.last = (kind, direction, ends);
    track.closing |= old != state && state == TcpState::FinWait;
    track.state = state;
    connection.protocol = Protocol::Tcp(track);
    if !connection.status.contains(Status::SEEN_REPLY) {
        // What was answered by a reset alone was no connection.
        if kind == Segment::Rst {
            return Tracking::Over;
        }
    } else if matches!(old, TcpState::SynRecv | TcpState::Established) && state == TcpState::Established {
        connection.status |= Status::ASSURED;
    }
    connection.expires = now + timeout(state);
    Tracking::Valid
}
