//! Connections that are over, and are remembered for a while (`struct tcp_timewait_sock`, `tcp_timewait_state_process`).

use super::control::{Control, Ends};
use super::input::Arrived;
use super::output::Segment;
use super::sequence::{after, before};
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::view::SocketState as State;
use vethlab_shared::wire::tcp::{Options, flag};

/// How long they are remembered (`TCP_TIMEWAIT_LEN`).
const TIME: Duration = Duration::from_secs(60);
/// How far the first number of a connection that follows lies behind the last of this one.
const BEHIND: u32 = 65_535 + 2;

/// A connection that is over.
#[derive(Clone, Debug)]
pub(crate) struct TimeWait {
    pub(crate) ends: Ends,
    /// `TIME_WAIT`, or `FIN_WAIT2` where the other end has not finished yet.
    pub(crate) state: State,
    pub(crate) until: Instant,
    expected: u32,
    next: u32,
    window: u32,
    scale: u8,
    /// The other end's last time stamp, and what is added to the time for own ones.
    timestamps: Option<(u32, u32)>,
    /// Whether another socket may be bound to its port (`tw_reuse`).
    pub(crate) reuse_address: bool,
    pub(crate) reuse_port: bool,
}

/// What a segment means for a connection that is over (`enum tcp_tw_status`).
#[derive(Debug)]
pub(crate) enum AfterTimeWait {
    /// Nothing (`TCP_TW_SUCCESS`).
    Ignored,
    /// It ends the waiting.
    Forget,
    /// It is answered (`TCP_TW_ACK`).
    Answer(Box<Segment>),
    /// It is answered by a reset (`TCP_TW_RST`).
    Reset,
    /// It asks for a new connection, whose first number is this one (`TCP_TW_SYN`).
    NewConnection(u32),
}

impl TimeWait {
    /// What is left of a connection (`tcp_time_wait`).
    pub(crate) fn of(control: &Control, state: State, now: Instant) -> TimeWait {
        TimeWait {
            ends: control.ends,
            state,
            until: now + TIME,
            expected: control.expected,
            next: control.next,
            window: control.receive_window,
            scale: control.agreed.receive_scale,
            timestamps: control
                .agreed
                .timestamps
                .then_some((control.timestamp_recent, control.timestamp_offset)),
            reuse_address: false,
            reuse_port: false,
        }
    }

    /// `tcp_v4_timewait_ack`.
    fn answer(&self, now: Instant) -> AfterTimeWait {
        let own = |offset: u32| super::milliseconds(now).wrapping_add(offset);
        let timestamps = self.timestamps.map(|(recent, offset)| (own(offset), recent));
        AfterTimeWait::Answer(Box::new(Segment {
            sequence: self.next,
            acknowledgement: self.expected,
            flags: flag::ACK,
            window: (self.window >> self.scale) as u16,
            options: Options { timestamps, ..Options::default() },
            data: Vec::new(),
            size: None,
        }))
    }

    fn keep_timestamp(&mut self, segment: &Arrived<'_>) {
        if let (Some((recent, _)), Some((theirs, _))) = (&mut self.timestamps, segment.options.timestamps) {
            *recent = theirs;
        }
    }

    /// Takes in a segment of a connection that is over.
    pub(crate) fn receive(&mut self, segment: &Arrived<'_>, now: Instant) -> AfterTimeWait {
        let stamps = self.timestamps.zip(segment.options.timestamps);
        let is_old =
            stamps.is_some_and(|((recent, _), (theirs, _))| recent.wrapping_sub(theirs).cast_signed() > 1);
        let end = segment.end();
        if self.state == State::FinWait2 {
            let outside = before(end, self.expected)
                || after(segment.sequence, self.expected.wrapping_add(self.window));
            if is_old || outside {
                return if segment.has(flag::RST) { AfterTimeWait::Ignored } else { self.answer(now) };
            }
            if segment.has(flag::RST) {
                return AfterTimeWait::Forget;
            }
            if segment.has(flag::SYN) && !before(segment.sequence, self.expected) {
                return AfterTimeWait::Reset;
            }
            if !segment.has(flag::ACK) || !after(end, self.expected) || end == segment.sequence {
                return AfterTimeWait::Ignored;
            }
            if !segment.has(flag::FIN) || end != self.expected.wrapping_add(1) {
                return AfterTimeWait::Reset;
            }
            (self.state, self.expected, self.until) = (State::TimeWait, end, now + TIME);
            self.keep_timestamp(segment);
            return self.answer(now);
        }
        let is_plain = segment.sequence == end || segment.has(flag::RST);
        if !is_old && segment.sequence == self.expected && is_plain {
            if segment.has(flag::RST) {
                return AfterTimeWait::Forget;
            }
            self.until = now + TIME;
            self.keep_timestamp(segment);
            return AfterTimeWait::Ignored;
        }
        let is_newer = after(segment.sequence, self.expected)
            || stamps.is_some_and(|((recent, _), (theirs, _))| before(recent, theirs));
        if segment.has(flag::SYN) && !segment.has(flag::RST | flag::ACK) && !is_old && is_newer {
            let first = self.next.wrapping_add(BEHIND);
            return AfterTimeWait::NewConnection(if first == 0 { 1 } else { first });
        }
        if segment.has(flag::RST) {
            return AfterTimeWait::Ignored;
        }
        if is_old || segment.has(flag::ACK) {
            self.until = now + TIME;
        }
        self.answer(now)
    }
}
