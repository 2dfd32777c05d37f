//! How much more the other end may send (`tcp_select_window` and what it asks).

use super::control::Control;

/// How large the receive buffer is at first, in bytes (`net.ipv4.tcp_rmem`, the second number).
pub(super) const FIRST_RECEIVE_BUFFER: u32 = 131_072;
/// How large it may become (`net.ipv4.tcp_rmem`, the third number): it decides the scale of windows.
const LARGEST_RECEIVE_BUFFER: u32 = 33_554_432;
/// How much of the memory is taken for data before anything has come, in 256ths (`TCP_DEFAULT_SCALING_RATIO`).
pub(super) const FIRST_SCALING_RATIO: u32 = 128;
/// What a packet takes in memory beside its data (`SKB_TRUESIZE` of a head that `tcp_stream_alloc_skb` makes).
pub(super) const PACKET_MEMORY: u32 = 832;
/// Segments that are shorter than this do not open the window (`tcp_event_data_recv`).
const SHORTEST_THAT_OPENS: u32 = 128;

/// The first window for segments of this size, and by how many bits windows are shifted (`tcp_select_initial_window`).
pub(super) fn first_window(segment: u32, scales: bool) -> (u32, u8) {
    let mut space = FIRST_RECEIVE_BUFFER * FIRST_SCALING_RATIO / 256;
    if space > segment {
        space -= space % segment;
    }
    let scale = if scales { (LARGEST_RECEIVE_BUFFER.ilog2() - 15) as u8 } else { 0 };
    (space.min(65_535), scale)
}

impl Control {
    /// How many bytes of data so much memory holds (`tcp_win_from_space`).
    fn window_from_space(&self, space: u32) -> u32 {
        (u64::from(space) * u64::from(self.scaling_ratio) / 256) as u32
    }

    /// How many bytes the whole buffer holds (`tcp_full_space`).
    pub(super) fn full_space(&self) -> u32 {
        self.window_from_space(self.receive_buffer)
    }

    /// How many bytes there is room for (`tcp_space`).
    fn space(&self) -> u32 {
        self.window_from_space(self.receive_buffer.saturating_sub(self.memory))
    }

    /// How many bytes the other end may still send of what it was told (`tcp_receive_window`).
    pub(super) fn window_left(&self) -> u32 {
        let left = self.told.wrapping_add(self.receive_window).wrapping_sub(self.expected);
        if left.cast_signed() < 0 { 0 } else { left }
    }

    /// How large the window should be (`__tcp_select_window`).
    pub(super) fn ideal_window(&mut self) -> u32 {
        let scale = self.agreed.receive_scale;
        let (mut free, allowed) = (self.space(), self.full_space());
        let full = self.window_clamp.min(allowed);
        let segment = self.acknowledging.segment.min(full);
        if segment == 0 {
            return 0;
        }
        if free < full / 2 {
            self.acknowledging.quick = 0;
            free = free >> scale << scale;
            if free < allowed / 16 || free < segment {
                return 0;
            }
        }
        free = free.min(self.window_threshold);
        if scale > 0 {
            return free.next_multiple_of(1 << scale);
        }
        let window = self.receive_window;
        if window + segment <= free || window > free {
            free - free % segment
        } else if segment == full && free > window + full / 2 {
            free
        } else {
            window
        }
    }

    /// The window to tell of now, as it stands in a segment (`tcp_select_window`).
    pub(super) fn select_window(&mut self) -> u16 {
        let (scale, left) = (self.agreed.receive_scale, self.window_left());
        let mut window = self.ideal_window();
        if window < left {
            // An offered window is never taken back.
            window = left.next_multiple_of(1 << scale);
        }
        self.receive_window = window;
        self.told = self.expected;
        (window.min(65_535 << scale) >> scale) as u16
    }

    /// What came in shows how much of the memory is data (`tcp_measure_rcv_mss`, `tcp_set_window_clamp`).
    pub(super) fn measure_ratio(&mut self, length: u32) {
        let ratio = (u64::from(length) * 256 / u64::from(length + PACKET_MEMORY)).max(1) as u32;
        if ratio == self.scaling_ratio {
            return;
        }
        self.scaling_ratio = ratio;
        let (old, new) = (self.window_clamp, self.full_space());
        self.window_clamp = new;
        self.window_threshold = if new < old {
            self.window_threshold.min(new)
        } else {
            self.receive_window.min(new).max(self.window_threshold)
        };
    }

    /// Data of so many bytes may open the window (`tcp_grow_window`).
    pub(super) fn grow_window(&mut self, length: u32) {
        let most = self.window_clamp.min(self.space());
        if length < SHORTEST_THAT_OPENS || most <= self.window_threshold {
            return;
        }
        // A packet of a process here has no data in its head, so that it takes no more than its data (`truesize_adjust`).
        let more = (2 * self.advertised).max(2 * length);
        self.window_threshold += more.min(most - self.window_threshold);
        self.acknowledging.quick |= 1;
    }
}
