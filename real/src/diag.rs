//! The sockets of a namespace (`sock_diag(7)`, `linux/inet_diag.h`).

use crate::error::internal;
use crate::netlink::{Channel, RawMessage};
use netlink_sys::protocols::NETLINK_SOCK_DIAG;
use nix::libc::{AF_INET, IPPROTO_TCP, IPPROTO_UDP};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use vethlab_shared::error::StackError;
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{SocketProtocol, SocketState, SocketTimer, SocketTimerKind, SocketView};

/// `SOCK_DIAG_BY_FAMILY`.
const BY_FAMILY: u16 = 20;
/// `sizeof(struct inet_diag_req_v2)`, `sizeof(struct inet_diag_msg)`.
const REQUEST_LENGTH: usize = 56;
const ANSWER_LENGTH: usize = 72;

/// The UDP and TCP sockets over IPv4 of this thread's namespace.
pub(crate) fn sockets() -> Result<Vec<SocketView>, StackError> {
    let mut channel = Channel::open(NETLINK_SOCK_DIAG)?;
    let mut views = Vec::new();
    for (protocol, number) in [(SocketProtocol::Udp, IPPROTO_UDP), (SocketProtocol::Tcp, IPPROTO_TCP)] {
        for answer in channel.dump(&request(number as u8))? {
            views.push(view(protocol, &answer.bytes).ok_or_else(|| internal("sock_diag: a broken answer"))?);
        }
    }
    views.sort_by_cached_key(SocketView::order);
    Ok(views)
}

/// All sockets of a protocol, in all states.
fn request(protocol: u8) -> RawMessage {
    let mut bytes = vec![0; REQUEST_LENGTH];
    bytes[0] = AF_INET as u8;
    bytes[1] = protocol;
    bytes[4..8].copy_from_slice(&u32::MAX.to_ne_bytes());
    RawMessage { kind: BY_FAMILY, bytes }
}

/// Reads `struct inet_diag_msg`.
fn view(protocol: SocketProtocol, bytes: &[u8]) -> Option<SocketView> {
    let bytes: &[u8; ANSWER_LENGTH] = bytes.first_chunk()?;
    let address = |at: usize| -> Option<Ipv4Addr> {
        Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes.get(at..at + 4)?).ok()?))
    };
    let port = |at: usize| Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let number = |at: usize| Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let kind = match bytes[2] {
        1 => Some(SocketTimerKind::Retransmit),
        2 => Some(SocketTimerKind::KeepAlive),
        3 => Some(SocketTimerKind::TimeWait),
        4 => Some(SocketTimerKind::Probe),
        _ => None,
    };
    let left = Duration::from_millis(number(52)?.into());
    Some(SocketView {
        protocol,
        state: SocketState::from_number(bytes[1])?,
        receive_queue: number(56)?,
        send_queue: number(60)?,
        local: SocketAddr::new(address(8)?.into(), port(4)?),
        peer: SocketAddr::new(address(24)?.into(), port(6)?),
        device: Some(IfIndex(number(40)?)).filter(|link| link.0 != 0),
        timer: kind.map(|kind| SocketTimer { kind, left, count: bytes[3] }),
    })
}
