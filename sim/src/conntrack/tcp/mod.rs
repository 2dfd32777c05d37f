//! The states of TCP connections as seen in between (`net/netfilter/nf_conntrack_proto_tcp.c`).

mod window;

use super::Noted;
use super::connection::{Connection, Direction, Protocol, Status, seconds};
use super::{Arrival, Tracking};
use crate::sysctl::{Conntrack, Sysctls};
use vethlab_shared::time::Duration;
use vethlab_shared::wire::Tcp;
use vethlab_shared::wire::tcp::flag;
use window::{Found, Seen, Seens};

pub(crate) use vethlab_shared::netfilter::TcpConntrackState as TcpState;

/// What is kept of a connection (`struct ip_ct_tcp`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct TcpTrack {
    pub(crate) state: TcpState,
    /// What was seen of each side.
    seen: Seens,
    last: Last,
    /// How often the last acknowledgement came again.
    retransmissions: u8,
    /// Both sides have begun it at once (`IP_CT_TCP_SIMULTANEOUS_OPEN`).
    simultaneous: bool,
}

/// The last segment, as far as it was noted (`last_*`).
#[derive(Clone, Copy, Debug)]
struct Last {
    kind: Segment,
    direction: Direction,
    sequence: u32,
    acknowledgement: u32,
    end: u32,
    window: u16,
    /// What a SYN that was passed over said of itself (`last_wscale`, `last_flags`).
    options: Seen,
    /// That SYN may be answered by a challenge (`IP_CT_EXP_CHALLENGE_ACK`; RFC 5961).
    challenge: bool,
}

/// A segment, with what is asked of it often.
#[derive(Clone, Copy)]
struct Looked<'a> {
    header: Tcp<'a>,
    kind: Segment,
    /// The number behind its last byte (`segment_seq_plus_len`).
    end: u32,
}

impl<'a> Looked<'a> {
    /// `None` for one that is cut short, and where its flags exclude each other (`tcp_error`).
    fn at(segment: &'a [u8]) -> Option<Looked<'a>> {
        let header = Tcp::new(segment)?;
        let flags = header.flags();
        let ends_or_begins = u32::from(flags & flag::SYN != 0) + u32::from(flags & flag::FIN != 0);
        let end = header.sequence().wrapping_add(header.data().len() as u32 + ends_or_begins);
        // `tcp_valid_flags`; PSH, ECE and CWR may always be set.
        let valid = match flags & (flag::FIN | flag::SYN | flag::RST | flag::ACK) {
            flag::SYN => true,
            kind if kind == flag::SYN | flag::ACK || kind == flag::RST || kind == flag::RST | flag::ACK => {
                flags & flag::URG == 0
            }
            kind => kind == flag::ACK || kind == flag::FIN | flag::ACK,
        };
        valid.then_some(Looked { header, kind: Segment::of(flags), end })
    }

    fn has(&self, flags: u8) -> bool {
        self.header.flags() & flags != 0
    }
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

/// The setting that says for how long a connection in a state is known (`tcp_timeouts`).
fn timeout_setting(state: TcpState) -> Conntrack {
    match state {
        // `TCP_CONNTRACK_NONE` is no state that a connection stays in.
        TcpState::None | TcpState::SynSent | TcpState::SynSent2 => Conntrack::TcpSynSent,
        TcpState::SynRecv => Conntrack::TcpSynRecv,
        TcpState::Established => Conntrack::TcpEstablished,
        TcpState::FinWait => Conntrack::TcpFinWait,
        TcpState::CloseWait => Conntrack::TcpCloseWait,
        TcpState::LastAck => Conntrack::TcpLastAck,
        TcpState::TimeWait => Conntrack::TcpTimeWait,
        TcpState::Close => Conntrack::TcpClose,
    }
}

impl TcpTrack {
    /// What is kept of a connection that a segment begins, be it in its middle (`tcp_new`); `None` where none can begin so.
    pub(super) fn new(segment: &[u8], settings: &Sysctls) -> Option<TcpTrack> {
        let segment = Looked::at(segment)?;
        let seen = match next(Direction::Original, segment.kind, TcpState::None) {
            Next::To(TcpState::SynSent) => Seens::of_syn(&segment),
            Next::To(_) if settings.conntrack(Conntrack::TcpLoose) != 0 => Seens::of_middle(&segment),
            Next::To(_) | Next::Ignore | Next::Invalid => return None,
        };
        Some(TcpTrack {
            state: TcpState::None,
            seen,
            last: Last {
                kind: Segment::None,
                direction: Direction::Original,
                sequence: 0,
                acknowledgement: 0,
                end: 0,
                window: 0,
                options: Seen::default(),
                challenge: false,
            },
            retransmissions: 0,
            simultaneous: false,
        })
    }

    /// Whether this segment was answered or repeated by a SYN that was passed over.
    fn answers_ignored_syn(&self, segment: &Looked<'_>, direction: Direction) -> bool {
        segment.kind == Segment::SynAck
            && self.last.kind == Segment::Syn
            && self.last.direction != direction
            && segment.header.acknowledgement() == self.last.end
    }

    /// Whether a SYN may open it again: it was closed, or reset from the same side.
    fn may_reopen(&self, direction: Direction) -> bool {
        self.seen.closing() || (self.last.kind, self.last.direction) == (Segment::Rst, direction)
    }

    /// Notes a segment that may be out of step: the receiver decides about it.
    fn pass_over(&mut self, segment: &Looked<'_>, direction: Direction) {
        let header = segment.header;
        self.last.kind = segment.kind;
        self.last.direction = direction;
        self.last.sequence = header.sequence();
        self.last.end = segment.end;
        self.last.window = header.window();
        match (segment.kind, direction) {
            (Segment::Syn, Direction::Original) => {
                self.last.options = Seen::default();
                self.last.options.take_options(header);
                self.simultaneous = false;
                self.last.challenge = self.state == TcpState::LastAck;
            }
            (Segment::Ack, Direction::Reply) if self.state == TcpState::SynSent => {
                self.last.acknowledgement = header.acknowledgement();
            }
            _ => {}
        }
    }

    /// Gets in step by a SYN that was passed over and its answer.
    fn get_in_step(&mut self, direction: Direction) {
        let Last { end, window, options, .. } = self.last;
        self.last.challenge = false;
        self.seen.get_in_step(direction, &Seen::after_syn(end, window, options));
    }

    /// What a reset leads to.
    fn reset(&self, segment: &Looked<'_>, direction: Direction, status: Status, settings: &Sysctls) -> Reset {
        let sequence = segment.header.sequence();
        // It may be of a later connection already (`tcp_can_early_drop`).
        if matches!(
            self.state,
            TcpState::FinWait
                | TcpState::LastAck
                | TcpState::TimeWait
                | TcpState::Close
                | TcpState::CloseWait
        ) {
            return Reset::To(TcpState::Close);
        }
        let mut state = TcpState::Close;
        // `nf_conntrack_tcp_established`.
        let established = self.state == TcpState::Established && status.contains(Status::ASSURED);
        let expected = self.seen.of(direction.opposite()).last_acknowledged();
        if let Some(expected) = expected.filter(|_| self.last.kind != Segment::Syn) {
            if sequence == 0 && !established {
                return Reset::InWindow(state);
            }
            let before = window::before(sequence, expected);
            if before && settings.conntrack(Conntrack::TcpIgnoreInvalidRst) == 0 {
                return Reset::Invalid;
            }
            let follows = self.last.kind == Segment::Ack
                && self.last.direction == direction
                && sequence == self.last.end;
            if !established || sequence == expected || follows {
                return Reset::InWindow(state);
            }
            // The other side may challenge it (RFC 5961), and the connection go on.
            state = self.state;
        }
        let of_syn = status.contains(Status::SEEN_REPLY) && self.last.kind == Segment::Syn;
        let of_ack = !status.contains(Status::ASSURED) && self.last.kind == Segment::Ack;
        let answers = (of_syn || of_ack) && segment.header.acknowledgement() == self.last.end;
        let of_challenge = self.state == TcpState::SynSent
            && (self.last.kind, self.last.direction) == (Segment::Ack, Direction::Reply)
            && sequence == self.last.acknowledgement;
        if answers || of_challenge { Reset::To(state) } else { Reset::InWindow(state) }
    }

    /// For how long it is known, in a new state (the end of `nf_conntrack_tcp_packet`).
    fn timeout(&self, kind: Segment, settings: &Sysctls) -> i32 {
        let of = |setting| settings.conntrack(setting);
        let own = of(timeout_setting(self.state));
        let (retransmitted, unacknowledged) =
            (of(Conntrack::TcpMaxRetrans), of(Conntrack::TcpUnacknowledged));
        let repeated = i32::from(self.retransmissions) >= of(Conntrack::TcpRetransmissions);
        if repeated && own > retransmitted {
            retransmitted
        } else if kind == Segment::Rst {
            of(Conntrack::TcpClose)
        } else if self.seen.unacknowledged() && own > unacknowledged {
            unacknowledged
        } else if self.last.window == 0 && own > retransmitted {
            retransmitted
        } else {
            own
        }
    }
}

/// What becomes of a reset.
enum Reset {
    Invalid,
    /// Whether it is in the window is not looked at.
    To(TcpState),
    InWindow(TcpState),
}

/// Takes a segment into account (`nf_conntrack_tcp_packet`).
pub(super) fn packet(connection: &mut Connection, segment: &[u8], arrival: &Arrival<'_>) -> Tracking {
    let Arrival { direction, settings, .. } = *arrival;
    let Protocol::Tcp(track) = &mut connection.protocol else { return Tracking::Invalid };
    let Some(segment) = Looked::at(segment) else { return Tracking::Invalid };
    let kind = segment.kind;
    let mut old = track.state;
    let mut look_at_window = true;
    let state = match next(direction, kind, old) {
        Next::Invalid => return Tracking::Invalid,
        Next::To(TcpState::SynSent) if matches!(old, TcpState::TimeWait | TcpState::Close) => {
            if track.may_reopen(direction) {
                return Tracking::Again;
            }
            track.pass_over(&segment, direction);
            return Tracking::Valid;
        }
        Next::Ignore if track.answers_ignored_syn(&segment, direction) => {
            track.get_in_step(direction);
            old = TcpState::SynSent;
            TcpState::SynRecv
        }
        Next::Ignore => {
            track.pass_over(&segment, direction);
            return Tracking::Valid;
        }
        Next::To(TcpState::TimeWait)
            if old == TcpState::LastAck
                && kind == Segment::Ack
                && track.last.direction != direction
                && track.last.kind == Segment::Syn
                && track.last.challenge =>
        {
            track.last.challenge = false;
            return Tracking::Valid;
        }
        Next::To(TcpState::SynSent2) => {
            track.simultaneous = true;
            TcpState::SynSent2
        }
        Next::To(TcpState::SynRecv)
            if (direction, kind) == (Direction::Reply, Segment::Ack) && track.simultaneous =>
        {
            TcpState::Established
        }
        Next::To(TcpState::Close) if kind == Segment::Rst => {
            match track.reset(&segment, direction, connection.status, settings) {
                Reset::Invalid => return Tracking::Invalid,
                Reset::InWindow(state) => state,
                Reset::To(state) => {
                    look_at_window = false;
                    state
                }
            }
        }
        Next::To(state) => state,
    };
    if look_at_window {
        let liberal = settings.conntrack(Conntrack::TcpBeLiberal) != 0;
        match window::look(track, &segment, direction, liberal) {
            Found::Ignored => return Tracking::Valid,
            Found::Invalid => {
                handle_invalid(connection, kind, arrival);
                return Tracking::Invalid;
            }
            Found::Inside => {}
        }
    }
    (track.last.kind, track.last.direction) = (kind, direction);
    track.state = state;
    if old != state && state == TcpState::FinWait {
        track.seen.close(direction);
    }
    let mut timeout = track.timeout(kind, settings);
    if old != state {
        connection.note(Noted::PROTOINFO);
    }
    if !connection.status.contains(Status::SEEN_REPLY) {
        // What was answered by a reset alone was no connection.
        if kind == Segment::Rst {
            connection.count(arrival);
            return Tracking::Over;
        }
        // Who tries again does not keep it known for longer.
        if kind == Segment::Syn && old == TcpState::SynSent {
            return Tracking::Valid;
        }
        if state == TcpState::Established {
            timeout = timeout.min(settings.conntrack(Conntrack::TcpUnacknowledged));
        }
    } else if matches!(old, TcpState::SynRecv | TcpState::Established) && state == TcpState::Established {
        connection.assure();
    }
    connection.refresh(arrival, timeout);
    Tracking::Valid
}

/// A connection whose end is out of the window is not to be known for days (`nf_tcp_handle_invalid`).
fn handle_invalid(connection: &mut Connection, kind: Segment, arrival: &Arrival<'_>) {
    /// What ends sooner is left alone.
    const SOON: Duration = Duration::from_secs(120);
    let Protocol::Tcp(track) = &mut connection.protocol else { return };
    let ends = |kind| matches!(kind, Segment::Rst | Segment::Fin);
    if !connection.status.contains(Status::ASSURED) || !ends(kind) {
        return;
    }
    if track.last.direction != arrival.direction && ends(track.last.kind) {
        let shorter = arrival.now + seconds(arrival.settings.conntrack(Conntrack::TcpUnacknowledged));
        if connection.expires.since(arrival.now) >= SOON && connection.expires > shorter {
            connection.expires = shorter;
        }
    } else {
        (track.last.kind, track.last.direction) = (kind, arrival.direction);
    }
}
