//! Packets and frames on raw sockets: pnet opens, sends and takes apart; `recvmsg(2)` tells what pnet's
//! receivers leave out: the time, the direction, the error queue.
#![allow(unsafe_code)]

use crate::error::{io_refused, refused};
use nix::errno::Errno as Nix;
use nix::libc;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, setsockopt, socket, sockopt};
use pnet_datalink::{self as datalink, Channel, DataLinkSender, NetworkInterface};
use pnet_packet::icmp::{IcmpPacket, IcmpType, IcmpTypes};
use pnet_packet::ip::IpNextHeaderProtocols;
use pnet_packet::ipv4::Ipv4Packet;
use pnet_transport::{TransportChannelType, TransportProtocol, TransportSender, transport_channel};
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, OwnedFd};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::IfIndex;
use vethlab_shared::socket::MtuDiscovery;

/// Room for what a packet socket hears between two reads, in bytes.
pub(crate) const CAPTURE_BUFFER: usize = 16 << 20;

/// What `ping` wants to receive; the kernel's filter names what it does not (`ICMP_FILTER` in `raw(7)`).
const WANTED: [IcmpType; 6] = [
    IcmpTypes::SourceQuench,
    IcmpTypes::DestinationUnreachable,
    IcmpTypes::TimeExceeded,
    IcmpTypes::ParameterProblem,
    IcmpTypes::RedirectMessage,
    IcmpTypes::EchoReply,
];

/// `ICMP_FILTER` in `linux/icmp.h`: a bit for each type that a raw socket does not receive.
const ICMP_FILTER: libc::c_int = 1;

/// `IP_MTU_DISCOVER` in `ip(7)`: one of `IP_PMTUDISC_*`.
pub(crate) fn set_mtu_discovery(socket: BorrowedFd<'_>, how: MtuDiscovery) -> Result<(), Nix> {
    let how = match how {
        MtuDiscovery::Dont => libc::IP_PMTUDISC_DONT,
        MtuDiscovery::Want => libc::IP_PMTUDISC_WANT,
        MtuDiscovery::Do => libc::IP_PMTUDISC_DO,
        MtuDiscovery::Probe => libc::IP_PMTUDISC_PROBE,
    };
    set_number(socket, libc::IPPROTO_IP, libc::IP_MTU_DISCOVER, how)
}

/// `setsockopt(2)` for the options that are a number and that nix does not have.
fn set_number(
    socket: BorrowedFd<'_>,
    level: libc::c_int,
    name: libc::c_int,
    value: libc::c_int,
) -> Result<(), Nix> {
    let size = size_of_val(&value) as libc::socklen_t;
    // SAFETY: the kernel reads `size` bytes at the address of `value`, which lives until the call returns.
    let result =
        unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, (&raw const value).cast(), size) };
    Nix::result(result).map(drop)
}

/// How many frames a packet socket had no room for since it was last asked (`PACKET_STATISTICS` in `packet(7)`).
pub(crate) fn dropped_frames(socket: BorrowedFd<'_>) -> Result<u32, Nix> {
    let mut statistics = libc::tpacket_stats { tp_packets: 0, tp_drops: 0 };
    let mut size = size_of_val(&statistics) as libc::socklen_t;
    // SAFETY: the kernel writes at most `size` bytes at the address of `statistics`, and how many at that of
    // `size`; both live until the call returns.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_PACKET,
            libc::PACKET_STATISTICS,
            (&raw mut statistics).cast(),
            &raw mut size,
        )
    };
    Nix::result(result).map(|_| statistics.tp_drops)
}

/// Sends ICMP messages.
pub(crate) struct IcmpSender(TransportSender);

/// Opens a raw ICMP socket in this thread's namespace: what sends, and the descriptor to read from.
pub(crate) fn open_icmp() -> Result<(IcmpSender, OwnedFd), StackError> {
    let protocol = TransportProtocol::Ipv4(IpNextHeaderProtocols::Icmp);
    // Nothing is received through pnet, so its receiver needs no buffer.
    let (sender, _) = transport_channel(0, TransportChannelType::Layer4(protocol)).map_err(io_refused)?;
    // SAFETY: the sender holds the descriptor open while it is borrowed here.
    let borrowed = unsafe { BorrowedFd::borrow_raw(sender.socket.fd) };
    let descriptor = borrowed.try_clone_to_owned().map_err(io_refused)?;
    let filter = WANTED.iter().fold(u32::MAX, |filter, kind| filter & !(1 << kind.0));
    set_number(descriptor.as_fd(), libc::SOL_RAW, ICMP_FILTER, filter.cast_signed()).map_err(refused)?;
    setsockopt(&descriptor, sockopt::ReceiveTimestampns, &true).map_err(refused)?;
    setsockopt(&descriptor, sockopt::Ipv4RecvTtl, &true).map_err(refused)?;
    Ok((IcmpSender(sender), descriptor))
}

impl IcmpSender {
    /// Sends one whole ICMP message.
    pub(crate) fn send(&mut self, to: IpAddr, message: &[u8]) -> Result<(), StackError> {
        let packet = IcmpPacket::new(message).ok_or(Errno::EINVAL)?;
        self.0.send_to(packet, to).map_err(io_refused)?;
        Ok(())
    }
}

/// What an IPv4 header says, and what follows it.
pub(crate) struct Ipv4Content<'a> {
    /// Source address.
    pub(crate) source: Ipv4Addr,
    /// Destination address.
    pub(crate) destination: Ipv4Addr,
    /// Time to live.
    pub(crate) time_to_live: u8,
    /// The payload.
    pub(crate) payload: &'a [u8],
}

/// Takes an IPv4 packet apart, as raw sockets deliver them.
pub(crate) fn ipv4_content(bytes: &[u8]) -> Option<Ipv4Content<'_>> {
    let packet = Ipv4Packet::new(bytes)?;
    let header_length = usize::from(packet.get_header_length()) * 4;
    Some(Ipv4Content {
        source: packet.get_source(),
        destination: packet.get_destination(),
        time_to_live: packet.get_ttl(),
        payload: bytes.get(header_length..)?,
    })
}

/// A packet socket on one link, or with index 0 on all of its namespace. Dropping it ends the capture.
pub(crate) struct Capture {
    /// Where to read the frames.
    pub(crate) descriptor: OwnedFd,
    _sender: Box<dyn DataLinkSender>,
}

/// Opens a packet socket in this thread's namespace. It has its buffer before pnet binds it to the link, and
/// from then on it takes in every frame, so none is lost before the first read.
pub(crate) fn open_capture(link: IfIndex) -> Result<Capture, StackError> {
    let descriptor =
        socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, None).map_err(refused)?;
    setsockopt(&descriptor, sockopt::RcvBufForce, &CAPTURE_BUFFER)
        .or_else(|_| setsockopt(&descriptor, sockopt::RcvBuf, &CAPTURE_BUFFER))
        .map_err(refused)?;
    setsockopt(&descriptor, sockopt::ReceiveTimestampns, &true).map_err(refused)?;
    let interface = NetworkInterface {
        name: String::new(),
        description: String::new(),
        index: link.0,
        mac: None,
        ips: Vec::new(),
        flags: 0,
    };
    let second = descriptor.try_clone().map_err(io_refused)?;
    let config = datalink::Config {
        socket_fd: Some(second.into_raw_fd()),
        // A veth filters nothing, and so nothing has to be switched on, which the kernel's log would tell.
        promiscuous: false,
        ..datalink::Config::default()
    };
    match datalink::channel(&interface, config).map_err(io_refused)? {
        Channel::Ethernet(sender, _) => Ok(Capture { descriptor, _sender: sender }),
        _ => Err(crate::error::internal("pnet gave a channel of another kind")),
    }
}
