//! Sockets, as `ss` shows them.

use crate::name::IfIndex;
use crate::time::Duration;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// A socket that has a port, or a connection whose socket is closed already (`struct inet_diag_msg`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketView {
    /// What it speaks.
    pub protocol: SocketProtocol,
    /// How far its connection is.
    pub state: SocketState,
    /// Bytes that wait to be read; of one that listens the connections that wait to be accepted.
    pub receive_queue: u32,
    /// Bytes that are not acknowledged yet; of one that listens how many connections may wait.
    pub send_queue: u32,
    /// Its own address and port.
    pub local: SocketAddr,
    /// Who is at the other end: no address and no port where there is nobody yet.
    pub peer: SocketAddr,
    /// The link that it is bound to.
    pub device: Option<IfIndex>,
    /// What it waits for.
    pub timer: Option<SocketTimer>,
}

impl SocketView {
    /// What the sockets of a namespace are sorted by: those that listen first, then by their addresses.
    pub fn order(&self) -> impl Ord + use<> {
        let listens = self.state == SocketState::Listen;
        (self.protocol, !listens, self.local.port(), self.local, self.peer, self.state, self.device)
    }
}

/// What a socket speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SocketProtocol {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

/// How far a connection is (`include/net/tcp_states.h`, RFC 9293 section 3.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SocketState {
    /// Data goes both ways; a UDP socket that has a peer.
    Established = 1,
    /// It asks for a connection.
    SynSent,
    /// It was asked, and has answered.
    SynReceived,
    /// It sends no more.
    FinWait1,
    /// It sends no more, and the other end knows.
    FinWait2,
    /// Both ends have finished.
    TimeWait,
    /// There is none; a UDP socket that has no peer.
    Close,
    /// The other end sends no more.
    CloseWait,
    /// The other end sends no more, and neither does this one.
    LastAck,
    /// It takes in connections.
    Listen,
    /// Both ends have stopped sending at the same time.
    Closing,
}

impl SocketState {
    /// By the number that the kernel gives it; one that was asked and has no socket yet counts as [`SynReceived`].
    ///
    /// [`SynReceived`]: SocketState::SynReceived
    pub fn from_number(number: u8) -> Option<SocketState> {
        /// `TCP_NEW_SYN_RECV`.
        const NEW_SYN_RECEIVED: u8 = 12;
        Some(match number {
            1 => SocketState::Established,
            2 => SocketState::SynSent,
            3 | NEW_SYN_RECEIVED => SocketState::SynReceived,
            4 => SocketState::FinWait1,
            5 => SocketState::FinWait2,
            6 => SocketState::TimeWait,
            7 => SocketState::Close,
            8 => SocketState::CloseWait,
            9 => SocketState::LastAck,
            10 => SocketState::Listen,
            11 => SocketState::Closing,
            _ => return None,
        })
    }

    /// Its name in the kernel, without `TCP_` (`show_tcp_state_name` in `include/trace/events/sock.h`).
    pub fn name(self) -> &'static str {
        match self {
            SocketState::Established => "ESTABLISHED",
            SocketState::SynSent => "SYN_SENT",
            SocketState::SynReceived => "SYN_RECV",
            SocketState::FinWait1 => "FIN_WAIT1",
            SocketState::FinWait2 => "FIN_WAIT2",
            SocketState::TimeWait => "TIME_WAIT",
            SocketState::Close => "CLOSE",
            SocketState::CloseWait => "CLOSE_WAIT",
            SocketState::LastAck => "LAST_ACK",
            SocketState::Listen => "LISTEN",
            SocketState::Closing => "CLOSING",
        }
    }
}

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketTimer {
    /// What is done when it runs out.
    pub kind: SocketTimerKind,
    /// In how much time.
    pub left: Duration,
    /// How often it was done already.
    pub count: u8,
}

/// What a timer of a connection is for (`idiag_timer`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SocketTimerKind {
    /// What was sent is sent again.
    Retransmit = 1,
    /// The other end is asked whether it is there.
    KeepAlive,
    /// The connection is forgotten.
    TimeWait,
    /// The other end is asked whether it has room.
    Probe,
}
