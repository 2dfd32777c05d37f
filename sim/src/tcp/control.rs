//! What is known of a connection (`struct tcp_sock`, `struct inet_connection_sock`).

use super::output::{Piece, Segment};
use super::window::{FIRST_RECEIVE_BUFFER, FIRST_SCALING_RATIO, first_window};
use std::collections::VecDeque;
use std::net::SocketAddrV4;
use vethlab_shared::error::Errno;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::view::SocketState as State;
use vethlab_shared::wire::tcp::{Options, TIMESTAMPS_LENGTH};

/// How large a segment is counted of which nothing is known (`TCP_MSS_DEFAULT`).
pub(super) const DEFAULT_SEGMENT: u32 = 536;
/// The smallest segment that is sent (`net.ipv4.tcp_min_snd_mss`), its options counted.
const SMALLEST_SEGMENT: u32 = 48;
/// What a packet has besides the data, without options: an IPv4 and a TCP header.
const HEADERS: u32 = 40;
/// The smallest size that is told of (`net.ipv4.route.min_adv_mss`).
const SMALLEST_ADVERTISED: u32 = 256;
/// How many segments may be under way at first (`TCP_INIT_CWND`).
pub(super) const FIRST_CONGESTION_WINDOW: u32 = 10;
/// How long a segment is waited for of which no round trip is known yet (`TCP_TIMEOUT_INIT`).
pub(super) const FIRST_TIMEOUT: Duration = Duration::from_secs(1);

/// Both ends of a connection, as one of them sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ends {
    pub(crate) local: SocketAddrV4,
    pub(crate) peer: SocketAddrV4,
}

/// What is drawn at random for a connection (`secure_tcp_seq`, `secure_tcp_ts_off`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The first sequence number.
    pub(crate) first_sequence: u32,
    /// What is added to the time for time stamps.
    pub(crate) timestamp_offset: u32,
    /// The identification of the first IPv4 packet.
    pub(crate) identification: u16,
    /// The MTU of the way.
    pub(crate) mtu: u32,
}

/// The size of segments that is told of, for a way of this MTU (`ipv4_default_advmss`).
pub(super) fn advertised_size(mtu: u32) -> u32 {
    mtu.saturating_sub(HEADERS).clamp(SMALLEST_ADVERTISED, 65_535 - HEADERS)
}

/// What both ends have agreed on (`struct tcp_options_received`).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Agreed {
    pub(super) timestamps: bool,
    pub(super) sack: bool,
    pub(super) scales: bool,
    /// By how many bits the other end's windows are shifted, and the own ones.
    pub(super) send_scale: u8,
    pub(super) receive_scale: u8,
    /// The largest segment that the other end takes.
    pub(super) largest: u32,
}

/// How segments that were lost are dealt with (`enum tcp_ca_state`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recovery {
    /// Nothing is missing.
    Open,
    /// Later segments arrived: what is missing is sent again.
    Fast,
    /// A timer ran out: all of it is sent again.
    Loss,
}

/// What is known of the way to the other end.
#[derive(Clone, Debug)]
pub(super) struct Path {
    /// The MTU of the way (`icsk_pmtu_cookie`).
    pub(super) mtu: u32,
    /// The largest segment, without options (`mss_cache`).
    pub(super) segment: u32,
    /// Eight times the smoothed round trip time, in microseconds (`srtt_us`); 0 before the first.
    pub(super) smoothed: u32,
    /// Four times its mean deviation (`mdev_us`), and the largest of late (`mdev_max_us`, `rttvar_us`).
    pub(super) deviation: u32,
    pub(super) deviation_max: u32,
    pub(super) variation: u32,
    /// When the largest of late is settled (`rtt_seq`).
    pub(super) settles_at: u32,
    pub(super) timeout: Duration,
    /// How many segments may be under way (`snd_cwnd`), and from when on it opens slowly (`snd_ssthresh`).
    pub(super) congestion_window: u32,
    pub(super) slow_start_threshold: u32,
    pub(super) window_count: u32,
}

/// When something is acknowledged (`icsk_ack`).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Acknowledging {
    /// An acknowledgement is due (`ICSK_ACK_SCHED`), at once (`ICSK_ACK_NOW`).
    pub(super) scheduled: bool,
    pub(super) now: bool,
    /// A segment came that ends what was written there (`ICSK_ACK_PUSHED`), two did (`ICSK_ACK_PUSHED2`).
    pub(super) pushed: bool,
    pub(super) pushed_twice: bool,
    /// How many are sent at once (`quick`).
    pub(super) quick: u32,
    /// Each end answers the other: what is sent acknowledges too (`pingpong`).
    pub(super) pingpong: u8,
    /// How long it may wait (`ato`).
    pub(super) timeout: Option<Duration>,
    /// How large the other end's segments are (`rcv_mss`).
    pub(super) segment: u32,
    /// How long the last small segment was (`last_seg_size`).
    pub(super) last_segment: u32,
    /// When data came last (`lrcvtime`).
    pub(super) received_at: Option<Instant>,
    /// When it is sent at the latest.
    pub(super) due: Option<Instant>,
}

/// Data that came in and waits to be read, with the memory that it takes.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) bytes: Vec<u8>,
    pub(super) memory: u32,
}

/// Data that came in before what is in front of it.
#[derive(Clone, Debug)]
pub(super) struct Early {
    pub(super) sequence: u32,
    pub(super) bytes: Vec<u8>,
    pub(super) fin: bool,
}

/// What the timer of a connection is for that keeps what was sent (`icsk_pending`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pending {
    /// The oldest segment is sent again (`ICSK_TIME_RETRANS`).
    Retransmit,
    /// The last segment is sent again, so that the other end tells what is missing (`ICSK_TIME_LOSS_PROBE`).
    LossProbe,
    /// The other end is asked for its window (`ICSK_TIME_PROBE0`).
    WindowProbe,
}

/// A connection.
#[derive(Clone, Debug)]
pub(crate) struct Control {
    pub(crate) state: State,
    pub(crate) ends: Ends,
    pub(super) agreed: Agreed,
    pub(super) timestamp_offset: u32,
    /// The last time stamp of the other end (`ts_recent`).
    pub(super) timestamp_recent: u32,
    /// The largest segment that this end takes (`advmss`).
    pub(super) advertised: u32,
    identification: u16,

    /// The first number not acknowledged yet (`snd_una`), the next to send (`snd_nxt`), the next to write (`write_seq`).
    pub(super) unacknowledged: u32,
    pub(super) next: u32,
    pub(super) written: u32,
    /// Up to where the program has pushed (`pushed_seq`).
    pub(super) pushed: u32,
    /// The end of the last small segment that was sent (`snd_sml`).
    pub(super) small: u32,
    /// The other end's window, the largest that it had (`max_window`), and what told of it (`snd_wl1`).
    pub(super) send_window: u32,
    pub(super) largest_window: u32,
    pub(super) window_told_by: u32,
    /// What was sent and is not acknowledged, and what is to be sent.
    pub(super) sent: VecDeque<Piece>,
    pub(super) unsent: VecDeque<Piece>,
    pub(super) send_buffer: u32,
    pub(super) path: Path,
    pub(super) recovery: Recovery,
    /// Up to where it lasts (`high_seq`).
    pub(super) recovers_to: u32,
    /// What was sent last when a loss was probed for (`tlp_high_seq`).
    pub(super) probed: Option<u32>,
    /// How often the timer ran out in a row (`icsk_retransmits`), and by how many bits it is longer (`icsk_backoff`).
    pub(super) retransmits: u32,
    pub(super) backoff: u32,
    /// How often it ran out at all (`total_rto`).
    pub(super) timeouts: u32,
    /// When the first of what is sent again was sent first (`retrans_stamp`).
    pub(super) retransmits_since: Option<Instant>,
    /// When something was sent last (`lsndtime`).
    pub(super) sent_at: Option<Instant>,
    /// How often the other end was asked in vain (`icsk_probes_out`).
    pub(super) probes: u32,

    /// The next number that is expected (`rcv_nxt`), the last that was told (`rcv_wup`), and the first that the program has
    /// not read (`copied_seq`).
    pub(super) expected: u32,
    pub(super) told: u32,
    pub(super) read: u32,
    pub(super) receive_window: u32,
    /// How far the window may open now (`rcv_ssthresh`), and at all (`window_clamp`).
    pub(super) window_threshold: u32,
    pub(super) window_clamp: u32,
    pub(super) receive_buffer: u32,
    /// How much of the memory is data, in 256ths (`scaling_ratio`).
    pub(super) scaling_ratio: u32,
    pub(super) waiting: VecDeque<Waiting>,
    pub(super) memory: u32,
    pub(super) early: VecDeque<Early>,
    /// The last that came twice, to be told (RFC 2883).
    pub(super) duplicate: Option<(u32, u32)>,
    pub(super) acknowledging: Acknowledging,
    /// When something came from the other end last (`rcv_tstamp`).
    pub(super) heard_at: Instant,
    /// What was sent has arrived: the neighbour on the way is there (`sk_dst_pending_confirm`).
    pub(super) confirms: bool,

    pub(super) pending: Option<(Pending, Instant)>,
    /// When the other end is asked whether it is there (`sk_timer`); once the program has closed it, when it is forgotten.
    pub(super) keepalive_at: Option<Instant>,
    pub(super) keepalive: bool,

    /// Nothing more is read, nothing more is written (`sk_shutdown`).
    pub(super) read_ended: bool,
    pub(super) write_ended: bool,
    /// The program has closed it (`SOCK_DEAD`).
    pub(crate) orphan: bool,
    /// The other end has said that it sends no more (`SOCK_DONE`).
    pub(super) done: bool,
    /// What the next call fails with (`sk_err`), and what is said of it so far (`sk_err_soft`).
    pub(crate) error: Option<Errno>,
    pub(super) soft_error: Option<Errno>,
    /// An ICMP error waits in the queue of errors, where no program looks for it (`sk_error_queue`).
    pub(super) error_queued: bool,
    /// A program is within a call to it (`sock_owned_by_user`).
    pub(crate) owned: bool,
    /// What it sent last still waits here, so that it is not sent again (`skb_still_in_host_queue`).
    pub(crate) held_here: bool,
    /// A write had no room (`SOCK_NOSPACE`).
    pub(crate) wants_room: bool,
    /// What is to be sent.
    pub(crate) out: Vec<Segment>,
    /// It is over but for what may still be under way: `FIN_WAIT2` or `TIME_WAIT`.
    pub(crate) becomes_time_wait: Option<State>,
    /// The states that it went through and that were not told yet.
    pub(crate) entered: Vec<State>,
}

impl Control {
    /// A connection that nothing was sent of yet. `told_of` is the largest segment that the other end takes.
    pub(super) fn new(ends: Ends, settings: &Settings, now: Instant) -> Control {
        let Settings { first_sequence, timestamp_offset, identification, mtu } = *settings;
        let advertised = advertised_size(mtu);
        let (receive_window, receive_scale) = first_window(advertised, true);
        let mut control = Control {
            state: State::Close,
            ends,
            agreed: Agreed { receive_scale, largest: DEFAULT_SEGMENT, ..Agreed::default() },
            timestamp_offset,
            timestamp_recent: 0,
            advertised,
            identification,
            unacknowledged: first_sequence,
            next: first_sequence,
            written: first_sequence,
            pushed: first_sequence,
            small: first_sequence,
            send_window: 0,
            largest_window: 0,
            window_told_by: 0,
            sent: VecDeque::new(),
            unsent: VecDeque::new(),
            send_buffer: 16_384,
            path: Path {
                mtu,
                segment: DEFAULT_SEGMENT,
                smoothed: 0,
                deviation: microseconds_of(FIRST_TIMEOUT),
                deviation_max: 0,
                variation: 0,
                settles_at: first_sequence,
                timeout: FIRST_TIMEOUT,
                congestion_window: FIRST_CONGESTION_WINDOW,
                slow_start_threshold: u32::MAX,
                window_count: 0,
            },
            recovery: Recovery::Open,
            recovers_to: first_sequence,
            probed: None,
            retransmits: 0,
            backoff: 0,
            timeouts: 0,
            retransmits_since: None,
            sent_at: None,
            probes: 0,
            expected: 0,
            told: 0,
            read: 0,
            receive_window,
            window_threshold: receive_window,
            window_clamp: 65_535 << receive_scale,
            receive_buffer: FIRST_RECEIVE_BUFFER,
            scaling_ratio: FIRST_SCALING_RATIO,
            waiting: VecDeque::new(),
            memory: 0,
            early: VecDeque::new(),
            duplicate: None,
            acknowledging: Acknowledging { segment: DEFAULT_SEGMENT, ..Acknowledging::default() },
            heard_at: now,
            confirms: false,
            pending: None,
            keepalive_at: None,
            keepalive: false,
            read_ended: false,
            write_ended: false,
            orphan: false,
            done: false,
            error: None,
            soft_error: None,
            error_queued: false,
            owned: false,
            held_here: false,
            wants_room: false,
            out: Vec::new(),
            becomes_time_wait: None,
            entered: Vec::new(),
        };
        control.sync_segment(mtu);
        control
    }

    /// Begins a connection (`tcp_connect`): its first segment is to be sent.
    pub(crate) fn connect(ends: Ends, settings: &Settings, now: Instant) -> Control {
        let mut control = Control::new(ends, settings, now);
        control.enter(State::SynSent);
        control.send_syn(now);
        control
    }

    /// Goes on to another state (`tcp_set_state`).
    pub(super) fn enter(&mut self, state: State) {
        if self.state != state {
            self.state = state;
            self.entered.push(state);
        }
    }

    /// How many bytes of a segment's header are options, data aside (`tcp_header_len`).
    pub(super) fn option_length(&self) -> u32 {
        if self.agreed.timestamps { TIMESTAMPS_LENGTH as u32 } else { 0 }
    }

    /// Sets how long segments may be for a way of this MTU (`tcp_sync_mss`, `tcp_mtu_to_mss`, `tcp_bound_to_half_wnd`).
    pub(super) fn sync_segment(&mut self, mtu: u32) {
        let options = self.option_length();
        let by_path = mtu.saturating_sub(HEADERS).min(self.agreed.largest);
        let segment = by_path.max(SMALLEST_SEGMENT).saturating_sub(options);
        self.path.mtu = mtu;
        self.path.segment = self.at_most_half_of_the_window(segment);
    }

    /// `tcp_bound_to_half_wnd`.
    fn at_most_half_of_the_window(&self, segment: u32) -> u32 {
        let most = match self.largest_window {
            0 => segment,
            window if window > DEFAULT_SEGMENT => window / 2,
            window => window,
        };
        segment.min(most.max(68 - HEADERS))
    }

    /// The MTU of the way has become another one: a segment that was sent may be too long now (`tcp_v4_mtu_reduced`).
    pub(crate) fn mtu_is(&mut self, mtu: u32, now: Instant) {
        if matches!(self.state, State::Listen | State::Close) || mtu >= self.path.mtu {
            return;
        }
        self.sync_segment(mtu);
        self.retransmit_too_long(now);
    }

    /// Whether what is sent next is to confirm the neighbour on its way.
    pub(crate) fn take_confirmation(&mut self) -> bool {
        std::mem::take(&mut self.confirms)
    }

    /// The identification of the next IPv4 packet, of which so many segments are made (`ip_select_ident_segs`).
    pub(crate) fn next_identification(&mut self, segments: u16) -> u16 {
        let identification = self.identification;
        self.identification = identification.wrapping_add(segments);
        identification
    }

    /// The MTU that segments are made for.
    pub(crate) fn mtu(&self) -> u32 {
        self.path.mtu
    }

    /// The options of a segment that is no SYN.
    pub(super) fn options(&self, now: Instant) -> Options {
        let timestamps = self.agreed.timestamps.then(|| (self.timestamp(now), self.timestamp_recent));
        Options { timestamps, sack: self.blocks(), ..Options::default() }
    }

    /// The own time stamp.
    pub(super) fn timestamp(&self, now: Instant) -> u32 {
        super::milliseconds(now).wrapping_add(self.timestamp_offset)
    }

    /// Both ends know of each other (`tcp_init_transfer`, `tcp_init_buffer_space`).
    pub(super) fn begin_transfer(&mut self, now: Instant) {
        const HEADERS_OF_BUFFER: u32 = 640;
        let per_segment = (self.agreed.largest.max(self.path.segment) + HEADERS_OF_BUFFER)
            .checked_next_power_of_two()
            .unwrap_or(u32::MAX / 64)
            + 256;
        self.send_buffer = self.send_buffer.max(2 * FIRST_CONGESTION_WINDOW * per_segment);
        self.read = self.expected;
        let most = self.full_space();
        self.window_clamp = self.window_clamp.min(most);
        if self.window_clamp > 2 * self.advertised && self.window_clamp + self.advertised > most {
            self.window_clamp = (2 * self.advertised).max(most.saturating_sub(self.advertised));
        }
        self.window_threshold = self.window_threshold.min(self.window_clamp);
        self.heard_at = now;
        if self.keepalive {
            self.keepalive_at = Some(now + super::timers::KEEPALIVE_TIME);
        }
    }

    /// The size of the other end's segments of which none has come yet (`tcp_initialize_rcv_mss`).
    pub(super) fn guess_segment(&mut self) {
        let hint = self.advertised.min(self.path.segment).min(self.receive_window / 2);
        self.acknowledging.segment = hint.clamp(88, DEFAULT_SEGMENT);
    }

    /// The connection is over (`tcp_done`).
    pub(super) fn finish(&mut self) {
        self.enter(State::Close);
        self.pending = None;
        self.keepalive_at = None;
        self.acknowledging.due = None;
        (self.read_ended, self.write_ended) = (true, true);
    }

    /// The connection is over because of this (`tcp_done_with_error`).
    pub(crate) fn fail(&mut self, errno: Errno) {
        self.error = Some(errno);
        self.sent.clear();
        self.unsent.clear();
        self.finish();
    }

    /// Only its memory is left, which has no socket (`tcp_time_wait`): a program may still read what came.
    pub(crate) fn is_over_but_for_time_wait(&mut self) {
        self.done = true;
        self.finish();
    }

    /// The way has this MTU now.
    pub(crate) fn follow_mtu(&mut self, mtu: u32) {
        if !matches!(self.state, State::Close | State::Listen | State::SynSent) {
            self.sync_segment(mtu);
        }
    }

    /// Whether nothing is left of it: its program has closed it, and it is over.
    pub(crate) fn is_gone(&self) -> bool {
        self.orphan && self.state == State::Close
    }
}

fn microseconds_of(time: Duration) -> u32 {
    super::microseconds(time)
}
