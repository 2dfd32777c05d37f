//! Connections that somebody has asked for, and that have no socket yet (`struct tcp_request_sock`).

use super::control::{Control, Ends, FIRST_TIMEOUT, Settings, advertised_size};
use super::input::Arrived;
use super::output::Segment;
use super::sequence::{after, before};
use super::window::first_window;
use vethlab_shared::event::DropReason;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::view::SocketState as State;
use vethlab_shared::wire::tcp::{Options, TIMESTAMPS_LENGTH, flag};

/// How often the answer is sent again (`net.ipv4.tcp_synack_retries`).
const RETRIES: u8 = 5;

/// A connection that was asked for and answered.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) ends: Ends,
    settings: Settings,
    /// The number of the segment that asked.
    asked_by: u32,
    /// Its options, and its window.
    options: Options,
    window: u16,
    /// When the answer was sent first, and when it is sent again.
    answered_at: Instant,
    pub(crate) again_at: Instant,
    /// How often it was sent again on time.
    pub(crate) timeouts: u8,
    /// The other end has confirmed, but there was no room for the connection.
    confirmed: bool,
}

/// What a segment means for a connection that was asked for (`tcp_check_req`).
#[derive(Debug)]
pub(crate) enum Asked {
    /// It asks again: the answer is sent again.
    Again(Box<Segment>),
    /// It is outside the window: it is answered, and dropped.
    Outside(Box<Segment>, DropReason),
    /// It takes the question back.
    Forget(DropReason),
    /// It is answered by a reset.
    Reset(DropReason),
    /// It is dropped.
    Drop(DropReason),
    /// It confirms.
    Confirms,
}

impl Request {
    /// A connection that this segment asks for (`tcp_conn_request`).
    pub(crate) fn new(ends: Ends, settings: Settings, segment: &Arrived<'_>, now: Instant) -> Request {
        Request {
            ends,
            settings,
            asked_by: segment.sequence,
            options: segment.options.clone(),
            window: segment.window,
            answered_at: now,
            again_at: now + FIRST_TIMEOUT,
            timeouts: 0,
            confirmed: false,
        }
    }

    /// The first window (`tcp_openreq_init_rwin`), and by how many bits later ones are shifted.
    fn own_window(&self) -> (u32, u8) {
        let options = if self.options.timestamps.is_some() { TIMESTAMPS_LENGTH as u32 } else { 0 };
        first_window(advertised_size(self.settings.mtu) - options, self.options.window_scale.is_some())
    }

    fn timestamps(&self, now: Instant) -> Option<(u32, u32)> {
        let own = super::milliseconds(now).wrapping_add(self.settings.timestamp_offset);
        self.options.timestamps.map(|(theirs, _)| (own, theirs))
    }

    /// The answer (`tcp_make_synack`).
    pub(crate) fn answer(&self, now: Instant) -> Segment {
        let (window, scale) = self.own_window();
        Segment {
            sequence: self.settings.first_sequence,
            acknowledgement: self.asked_by.wrapping_add(1),
            flags: flag::SYN | flag::ACK,
            window: window as u16,
            options: Options {
                maximum_segment_size: Some(advertised_size(self.settings.mtu) as u16),
                window_scale: self.options.window_scale.map(|_| scale),
                sack_permitted: self.options.sack_permitted,
                timestamps: self.timestamps(now),
                sack: Vec::new(),
            },
            data: Vec::new(),
            size: None,
        }
    }

    /// The time is up: whether the answer is sent again, or nothing is left to wait for (`reqsk_timer_handler`).
    pub(crate) fn run_timer(&mut self, now: Instant) -> Option<Segment> {
        if self.timeouts >= RETRIES {
            return None;
        }
        self.timeouts += 1;
        self.again_at = now + Duration::from_secs(1 << self.timeouts);
        Some(self.answer(now))
    }

    /// What a segment means (`tcp_check_req`).
    pub(crate) fn check(&self, segment: &Arrived<'_>, now: Instant) -> Asked {
        let first = self.settings.first_sequence;
        let expected = self.asked_by.wrapping_add(1);
        let (window, scale) = self.own_window();
        let bare = segment.flags & (flag::SYN | flag::ACK | flag::RST);
        if segment.sequence == self.asked_by && bare == flag::SYN {
            return Asked::Again(Box::new(self.answer(now)));
        }
        if segment.has(flag::ACK) && segment.acknowledgement != first.wrapping_add(1) {
            return Asked::Reset(DropReason::TcpInvalidAckSequence);
        }
        let outside =
            after(segment.sequence, expected.wrapping_add(window)) || before(segment.end(), expected);
        if outside {
            if segment.has(flag::RST) {
                return Asked::Drop(DropReason::TcpOverwindow);
            }
            let answer = Segment {
                sequence: first.wrapping_add(1),
                acknowledgement: expected,
                flags: flag::ACK,
                window: (window >> scale) as u16,
                options: Options { timestamps: self.timestamps(now), ..Options::default() },
                data: Vec::new(),
                size: None,
            };
            return Asked::Outside(Box::new(answer), DropReason::TcpOverwindow);
        }
        if segment.has(flag::RST) {
            return Asked::Forget(DropReason::TcpReset);
        }
        if segment.has(flag::SYN) {
            return Asked::Reset(DropReason::TcpInvalidSyn);
        }
        if !segment.has(flag::ACK) {
            return Asked::Drop(DropReason::TcpFlags);
        }
        Asked::Confirms
    }

    /// The other end has confirmed, but nothing more can wait to be accepted.
    pub(crate) fn is_confirmed(&mut self) {
        self.confirmed = true;
    }

    /// The connection, now that the other end has confirmed (`tcp_create_openreq_child`); the segment that did so is still to
    /// be taken in.
    pub(crate) fn into_control(self, segment: &Arrived<'_>, now: Instant) -> Control {
        let asked = Arrived {
            sequence: self.asked_by,
            acknowledgement: 0,
            flags: flag::SYN,
            window: self.window,
            options: self.options.clone(),
            data: &[],
            header: 0,
            size: None,
        };
        let (window, scale) = self.own_window();
        let mut control = Control::new(self.ends, &self.settings, now);
        control.enter(State::SynReceived);
        control.agree(&asked);
        let behind = self.settings.first_sequence.wrapping_add(1);
        (control.next, control.written, control.pushed) = (behind, behind, behind);
        control.unacknowledged = behind;
        control.small = behind;
        control.recovers_to = behind;
        control.expected = self.asked_by.wrapping_add(1);
        (control.told, control.read) = (control.expected, control.expected);
        control.agreed.receive_scale = scale;
        (control.receive_window, control.window_threshold) = (window, window);
        control.window_clamp = 65_535 << scale;
        control.send_window = u32::from(segment.window) << control.agreed.send_scale;
        control.largest_window = control.send_window;
        control.window_told_by = segment.sequence;
        if let Some((theirs, _)) = segment.options.timestamps {
            control.timestamp_recent = theirs;
        }
        control.sync_segment(self.settings.mtu);
        control.guess_segment();
        if self.timeouts == 0 {
            control.measure(super::microseconds(now.since(self.answered_at)));
        }
        control
    }
}
