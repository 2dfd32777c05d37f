//! Sockets: opened in a namespace, used from anywhere.

use crate::error::{internal, refused};
use crate::netfilter::conntrack::Listener;
use crate::packet::{Capture, IcmpSender, ipv4_content, open_capture, open_icmp, set_mtu_discovery};
use crate::tcp::{self, TcpSocket};
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, LinkAddr, MsgFlags, SockFlag, SockType, SockaddrIn, SockaddrLike,
    SockaddrStorage, bind, connect, getsockname, recvmsg, sendto, setsockopt, socket, sockopt,
};
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, clock_gettime};
use std::ffi::OsString;
use std::io::IoSliceMut;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use vethlab_shared::error::{Errno as SharedErrno, StackError};
use vethlab_shared::ipv4_only;
use vethlab_shared::name::IfIndex;
use vethlab_shared::socket::{
    CapturedFrame, Datagram, Direction, ErrorOrigin, QueuedError, Received, SocketKind, SocketOption,
};
use vethlab_shared::time::Instant;

/// The longest packet that IPv4 knows, and an Ethernet header with it.
const LONGEST: usize = 65_535 + 18;
/// `PACKET_OUTGOING` in `linux/if_packet.h`.
pub(crate) const OUTGOING: u8 = 4;
/// `SO_EE_ORIGIN_ICMP` in `linux/errqueue.h`.
const ORIGIN_ICMP: u8 = 2;

/// The time of a stack: how long it has run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: std::time::Instant,
    /// The same moment by the time of day, which the kernel stamps packets with.
    time_of_day: SystemTime,
}

impl Clock {
    /// Starts now.
    pub(crate) fn start() -> Clock {
        let read = || {
            let started = std::time::Instant::now();
            let clock = Clock { started, time_of_day: SystemTime::now() };
            (started.elapsed(), clock)
        };
        // The two clocks cannot be read at once: of several pairs, the closest is kept.
        let closest =
            (0..8).map(|_| read()).fold(read(), |best, next| if next.0 < best.0 { next } else { best });
        closest.1
    }

    /// What time it is.
    pub(crate) fn now(self) -> Instant {
        Instant::START + self.started.elapsed()
    }

    /// When something happened that the kernel stamped; without a stamp, now. As for `ping` itself, a step of
    /// the time of day shifts what is stamped after it; nothing is ever stamped later than now.
    pub(crate) fn at(self, stamp: Option<TimeSpec>) -> Instant {
        let now = self.now();
        let Some(stamp) = stamp else { return now };
        let since = (UNIX_EPOCH + Duration::from(stamp)).duration_since(self.time_of_day);
        now.min(Instant::START + since.unwrap_or_default())
    }

    /// What the monotonic clock showed at a moment, in nanoseconds.
    pub(crate) fn to_monotonic(self, moment: Instant) -> u64 {
        let now = clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(Duration::ZERO, Duration::from);
        u64::try_from(now.saturating_sub(self.now().since(moment)).as_nanos()).unwrap_or(u64::MAX)
    }

    /// When something happened that the kernel stamped by the monotonic clock, in nanoseconds: by the time of day
    /// as the two stand to each other now, so that it can be laid beside stamps by that.
    pub(crate) fn monotonic(self) -> impl Fn(u64) -> Instant {
        let monotonic = || clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(Duration::ZERO, Duration::from);
        let read = || {
            let before = monotonic();
            let time_of_day = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let passed = monotonic().saturating_sub(before);
            (passed, time_of_day.saturating_sub(before + passed / 2))
        };
        // As above: of several readings, the closest is kept.
        let (_, booted) =
            (0..8).map(|_| read()).fold(read(), |best, next| if next.0 < best.0 { next } else { best });
        move |nanoseconds| self.at(Some(TimeSpec::from(booted + Duration::from_nanos(nanoseconds))))
    }
}

/// An open socket.
pub(crate) struct Socket {
    kind: Kind,
    clock: Clock,
}

enum Kind {
    Icmp { sender: IcmpSender, descriptor: OwnedFd },
    Udp { descriptor: OwnedFd },
    Tcp(TcpSocket),
    Packet { capture: Capture },
    Conntrack(Listener),
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.kind {
            Kind::Icmp { descriptor, .. } | Kind::Udp { descriptor, .. } => descriptor.as_fd(),
            Kind::Tcp(socket) => socket.as_fd(),
            Kind::Packet { capture, .. } => capture.descriptor.as_fd(),
            Kind::Conntrack(listener) => listener.as_fd(),
        }
    }
}

/// One message read from a socket, with what the kernel tells about it.
pub(crate) struct Message<A> {
    pub(crate) bytes: Vec<u8>,
    pub(crate) address: Option<A>,
    pub(crate) stamp: Option<TimeSpec>,
    time_to_live: Option<u8>,
    destination: Option<Ipv4Addr>,
    error: Option<(libc::sock_extended_err, Option<libc::sockaddr_in>)>,
}

impl Socket {
    /// Opens a socket in this thread's namespace.
    pub(crate) fn open(kind: &SocketKind, clock: Clock) -> Result<Socket, StackError> {
        let kind = match *kind {
            SocketKind::Icmp(family) => {
                ipv4_only::family(family)?;
                let (sender, descriptor) = open_icmp()?;
                Kind::Icmp { sender, descriptor }
            }
            SocketKind::Udp(family) => {
                ipv4_only::family(family)?;
                Kind::Udp { descriptor: open_udp().map_err(refused)? }
            }
            SocketKind::Tcp(family) => {
                ipv4_only::family(family)?;
                Kind::Tcp(TcpSocket::open()?)
            }
            SocketKind::Packet(link) => Kind::Packet { capture: open_capture(link)? },
            SocketKind::Conntrack(groups) => Kind::Conntrack(Listener::open(groups)?),
        };
        Ok(Socket { kind, clock })
    }

    /// Whether it is given a copy of echo replies.
    pub(crate) fn hears_echo_replies(&self) -> bool {
        matches!(self.kind, Kind::Icmp { .. })
    }

    /// `setsockopt(2)`.
    pub(crate) fn set_option(&self, option: &SocketOption) -> Result<(), StackError> {
        match option {
            SocketOption::Device(name) => {
                setsockopt(self, sockopt::BindToDevice, &OsString::from(name.as_str()))
            }
            SocketOption::TimeToLive(hops) => setsockopt(self, sockopt::Ipv4Ttl, &i32::from(*hops)),
            SocketOption::Broadcast(on) => setsockopt(self, sockopt::Broadcast, on),
            SocketOption::ReceiveErrors(on) => setsockopt(self, sockopt::Ipv4RecvErr, on),
            SocketOption::MtuDiscovery(how) => set_mtu_discovery(self.as_fd(), *how),
            SocketOption::TypeOfService(tos) => setsockopt(self, sockopt::Ipv4Tos, &i32::from(*tos)),
            SocketOption::ReuseAddress(on) => setsockopt(self, sockopt::ReuseAddr, on),
            SocketOption::ReusePort(on) => setsockopt(self, sockopt::ReusePort, on),
            SocketOption::KeepAlive(on) => setsockopt(self, sockopt::KeepAlive, on),
        }
        .map_err(refused)
    }

    /// `bind(2)`.
    pub(crate) fn bind(&self, address: SocketAddr) -> Result<(), StackError> {
        bind(self.as_fd().as_raw_fd(), &SockaddrStorage::from(address)).map_err(refused)
    }

    /// `connect(2)`.
    pub(crate) fn connect(&mut self, peer: SocketAddr) -> Result<(), StackError> {
        if let Kind::Tcp(socket) = &mut self.kind {
            return socket.connect(peer);
        }
        connect(self.as_fd().as_raw_fd(), &SockaddrStorage::from(peer)).map_err(refused)
    }

    /// The TCP socket that it is.
    ///
    /// # Errors
    /// `EOPNOTSUPP` where it is of another kind.
    pub(crate) fn tcp(&mut self) -> Result<&mut TcpSocket, StackError> {
        match &mut self.kind {
            Kind::Tcp(socket) => Ok(socket),
            _ => Err(SharedErrno::EOPNOTSUPP.into()),
        }
    }

    /// Takes the oldest connection that waits to be accepted, with who is at its other end.
    pub(crate) fn accept(&mut self) -> Result<Option<(Socket, SocketAddr)>, StackError> {
        let clock = self.clock;
        let accepted = self.tcp()?.accept()?;
        Ok(accepted.map(|(socket, peer)| (Socket { kind: Kind::Tcp(socket), clock }, peer)))
    }

    /// `SO_ERROR`.
    pub(crate) fn take_error(&mut self) -> Result<Option<SharedErrno>, StackError> {
        match &mut self.kind {
            Kind::Tcp(socket) => socket.take_error(),
            _ => tcp::take_error(self.as_fd()),
        }
    }

    /// Whether somebody waits for room to write to it.
    pub(crate) fn wants_room(&self) -> bool {
        matches!(&self.kind, Kind::Tcp(socket) if socket.wants_room)
    }

    /// `getsockname(2)`.
    pub(crate) fn local_address(&self) -> Result<SocketAddr, StackError> {
        let address: SockaddrIn = getsockname(self.as_fd().as_raw_fd()).map_err(refused)?;
        Ok((address.ip(), address.port()).into())
    }

    /// `sendto(2)`.
    pub(crate) fn send(&mut self, to: SocketAddr, payload: &[u8]) -> Result<(), StackError> {
        match &mut self.kind {
            Kind::Icmp { sender, .. } => sender.send(to.ip(), payload),
            Kind::Udp { descriptor } => {
                sendto(descriptor.as_raw_fd(), payload, &SockaddrStorage::from(to), MsgFlags::empty())
                    .map(drop)
                    .map_err(refused)
            }
            Kind::Packet { capture } => {
                let descriptor = capture.descriptor.as_raw_fd();
                nix::sys::socket::send(descriptor, payload, MsgFlags::empty()).map(drop).map_err(refused)
            }
            Kind::Tcp(_) | Kind::Conntrack(_) => Err(SharedErrno::EOPNOTSUPP.into()),
        }
    }

    /// Takes one thing that waits: an entry of the error queue, else data.
    pub(crate) fn receive(&self) -> Result<Option<Received>, StackError> {
        if let Kind::Packet { capture } = &self.kind {
            return receive_frame(capture, self.clock);
        }
        if let Kind::Conntrack(listener) = &self.kind {
            let event = listener.receive(self.clock.now())?;
            return Ok(event.map(|event| Received::Connection(Box::new(event))));
        }
        if let Kind::Tcp(_) = &self.kind {
            return Err(SharedErrno::EOPNOTSUPP.into());
        }
        if let Some(error) = self.queued_error()? {
            return Ok(Some(error));
        }
        match self.read::<SockaddrIn>(MsgFlags::empty()) {
            Ok(message) => message.map(|message| self.datagram(message)).transpose(),
            // An error arrived between the two reads: its entry tells more than the errno.
            Err(errno) => match self.queued_error()? {
                Some(error) => Ok(Some(error)),
                None => Err(refused(errno)),
            },
        }
    }

    fn read<A: SockaddrLike>(&self, flags: MsgFlags) -> Result<Option<Message<A>>, Errno> {
        read(self.as_fd(), flags)
    }

    fn datagram(&self, message: Message<SockaddrIn>) -> Result<Received, StackError> {
        let time = self.clock.at(message.stamp);
        let datagram = match &self.kind {
            Kind::Icmp { .. } => {
                let content = ipv4_content(&message.bytes)
                    .ok_or_else(|| internal("a raw socket delivered what is no IPv4 packet"))?;
                Datagram {
                    time,
                    source: (content.source, 0).into(),
                    destination: content.destination.into(),
                    time_to_live: content.time_to_live,
                    payload: content.payload.to_vec(),
                }
            }
            _ => Datagram {
                time,
                source: socket_address(message.address),
                destination: message.destination.unwrap_or(Ipv4Addr::UNSPECIFIED).into(),
                time_to_live: message.time_to_live.unwrap_or(0),
                payload: message.bytes,
            },
        };
        Ok(Received::Datagram(datagram))
    }

    fn queued_error(&self) -> Result<Option<Received>, StackError> {
        let message: Option<Message<SockaddrIn>> = self.read(MsgFlags::MSG_ERRQUEUE).map_err(refused)?;
        let Some(message) = message else { return Ok(None) };
        let (error, offender) =
            message.error.ok_or_else(|| internal("an entry of the error queue does not say which error"))?;
        let origin = match offender {
            Some(offender) if error.ee_origin == ORIGIN_ICMP => ErrorOrigin::Icmp {
                offender: Ipv4Addr::from_bits(u32::from_be(offender.sin_addr.s_addr)).into(),
                kind: error.ee_type,
                code: error.ee_code,
            },
            _ => ErrorOrigin::Local,
        };
        Ok(Some(Received::Error(QueuedError {
            time: self.clock.at(message.stamp),
            errno: SharedErrno(error.ee_errno as i32),
            origin,
            info: error.ee_info,
            destination: socket_address(message.address),
            time_to_live: message.time_to_live.unwrap_or(0),
            payload: message.bytes,
        })))
    }
}

/// The address that came with a message; 0.0.0.0 and no port where none did.
fn socket_address(address: Option<SockaddrIn>) -> SocketAddr {
    address.map_or((Ipv4Addr::UNSPECIFIED, 0), |address| (address.ip(), address.port())).into()
}

fn open_udp() -> Result<OwnedFd, Errno> {
    let descriptor = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
    setsockopt(&descriptor, sockopt::Ipv4RecvTtl, &true)?;
    setsockopt(&descriptor, sockopt::Ipv4PacketInfo, &true)?;
    setsockopt(&descriptor, sockopt::ReceiveTimestampns, &true)?;
    Ok(descriptor)
}

fn receive_frame(capture: &Capture, clock: Clock) -> Result<Option<Received>, StackError> {
    loop {
        match read::<LinkAddr>(capture.descriptor.as_fd(), MsgFlags::empty()) {
            Ok(None) => return Ok(None),
            Ok(Some(message)) => {
                let address = message.address.ok_or_else(|| internal("a frame without its link"))?;
                let link =
                    u32::try_from(address.ifindex()).map_err(|_| internal("a link's index is huge"))?;
                return Ok(Some(Received::Frame(CapturedFrame {
                    time: clock.at(message.stamp),
                    link: IfIndex(link),
                    direction: if address.pkttype() == OUTGOING { Direction::Out } else { Direction::In },
                    bytes: message.bytes,
                })));
            }
            // Told once each time the link goes down; the capture itself goes on.
            Err(Errno::ENETDOWN) => {}
            Err(errno) => return Err(refused(errno)),
        }
    }
}

/// Reads one message, without waiting for it.
pub(crate) fn read<A: SockaddrLike>(
    socket: BorrowedFd<'_>,
    flags: MsgFlags,
) -> Result<Option<Message<A>>, Errno> {
    let mut bytes = vec![0; LONGEST];
    let mut control =
        nix::cmsg_space!(TimeSpec, libc::in_pktinfo, libc::c_int, libc::sock_extended_err, libc::sockaddr_in);
    let mut parts = [IoSliceMut::new(&mut bytes)];
    let received =
        recvmsg::<A>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags | MsgFlags::MSG_DONTWAIT);
    let received = match received {
        Err(Errno::EAGAIN) => return Ok(None),
        other => other?,
    };
    let mut message = Message {
        bytes: Vec::new(),
        address: None,
        stamp: None,
        time_to_live: None,
        destination: None,
        error: None,
    };
    for control in received.cmsgs()? {
        match control {
            ControlMessageOwned::ScmTimestampns(stamp) => message.stamp = Some(stamp),
            ControlMessageOwned::Ipv4Ttl(hops) => message.time_to_live = u8::try_from(hops).ok(),
            ControlMessageOwned::Ipv4PacketInfo(info) => {
                message.destination = Some(Ipv4Addr::from_bits(u32::from_be(info.ipi_addr.s_addr)));
            }
            ControlMessageOwned::Ipv4RecvErr(error, offender) => message.error = Some((error, offender)),
            _ => {}
        }
    }
    let length = received.bytes;
    message.address = received.address;
    bytes.truncate(length);
    message.bytes = bytes;
    Ok(Some(message))
}
