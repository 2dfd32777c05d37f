//! Echo requests as data: what `ping` asks, for those who want the answer and not its text.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::{Event, EventKind};
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::{ErrorOrigin, QueuedError, Received, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::wire::{Frame, Icmp, icmp, ipv4};

/// The type of an echo request (RFC 792).
pub(crate) const REQUEST: u8 = icmp::kind::ECHO_REQUEST;
/// The type of an echo reply (RFC 792).
pub(crate) const REPLY: u8 = icmp::kind::ECHO_REPLY;

/// A whole ICMP echo request, its checksum included.
pub(crate) fn request(identifier: u16, sequence: u16, data: &[u8]) -> Vec<u8> {
    icmp::echo(REQUEST, identifier, sequence, data)
}

/// The sequence number of an echo message of this type and identifier.
pub(crate) fn sequence_of(message: &[u8], kind: u8, identifier: u16) -> Option<u16> {
    let message = Icmp::new(message)?;
    (message.kind() == kind && message.identifier() == identifier).then(|| message.sequence())
}

/// What to ask, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// Whom.
    pub to: IpAddr,
    /// How many requests, one after the other, 1 or more.
    pub count: u16,
    /// Bytes of data behind the ICMP header.
    pub size: u16,
    /// How long to wait for each answer.
    pub patience: Duration,
}

impl Question {
    /// One request as `ping -c 1 -W 1` sends it: 56 bytes of data, a second for the answer.
    pub fn once(to: IpAddr) -> Question {
        Question { to, count: 1, size: 56, patience: Duration::from_secs(1) }
    }
}

/// How a request was refused, whoever said so: this stack, or a router on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// There is no route: `ENETUNREACH`, or ICMP type 3 code 0.
    NetworkUnreachable,
    /// The host does not answer to ARP, or a route refuses it: `EHOSTUNREACH`, or ICMP type 3 code 1.
    HostUnreachable,
    /// It is forbidden: `EACCES`, or ICMP type 3 code 9, 10 or 13.
    Prohibited,
    /// It is too long and may not be fragmented: `EMSGSIZE`, or ICMP type 3 code 4.
    TooBig,
    /// The time to live ran out: ICMP type 11.
    TtlExceeded,
    /// Refused in another way.
    Other,
    /// Nobody said anything.
    NoAnswer,
}

impl Refusal {
    /// Every way to be refused that a person can name.
    pub const NAMED: [Refusal; 6] = [
        Refusal::NetworkUnreachable,
        Refusal::HostUnreachable,
        Refusal::Prohibited,
        Refusal::TooBig,
        Refusal::TtlExceeded,
        Refusal::NoAnswer,
    ];

    /// Its name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Refusal::NetworkUnreachable => "network-unreachable",
            Refusal::HostUnreachable => "host-unreachable",
            Refusal::Prohibited => "prohibited",
            Refusal::TooBig => "too-big",
            Refusal::TtlExceeded => "ttl-exceeded",
            Refusal::Other => "other",
            Refusal::NoAnswer => "no-answer",
        }
    }

    /// What a system call's error means here.
    fn of_errno(errno: Errno) -> Refusal {
        match errno {
            Errno::ENETUNREACH => Refusal::NetworkUnreachable,
            Errno::EHOSTUNREACH => Refusal::HostUnreachable,
            Errno::EACCES | Errno::EPERM => Refusal::Prohibited,
            Errno::EMSGSIZE => Refusal::TooBig,
            _ => Refusal::Other,
        }
    }

    /// What an entry of the error queue means. The kinds of ICMP error are told apart by type and code: the errno
    /// that the kernel makes of them is coarser (`icmp_err_convert` in `net/ipv4/icmp.c`).
    fn of_error(error: &QueuedError) -> Refusal {
        match error.origin {
            ErrorOrigin::Local => Refusal::of_errno(error.errno),
            ErrorOrigin::Icmp { kind, code, .. } => match (kind, code) {
                (3, 0) => Refusal::NetworkUnreachable,
                (3, 1) => Refusal::HostUnreachable,
                (3, 4) => Refusal::TooBig,
                (3, 9 | 10 | 13) => Refusal::Prohibited,
                (11, _) => Refusal::TtlExceeded,
                _ => Refusal::Other,
            },
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What became of the requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How many were answered.
    pub answered: u16,
    /// How the first that was not was refused.
    pub refusal: Option<Refusal>,
    to: IpAddr,
    identifier: u16,
}

impl Answer {
    /// The namespaces that the first request came into, in their order, as the frames among the events of that time
    /// show: the routers on the way, then its destination.
    pub fn path(&self, events: &[Event]) -> Vec<NamespaceName> {
        let carries = |frame: &[u8]| match Frame::new(frame).and_then(Frame::ipv4) {
            Some(packet) => match packet.icmp() {
                Some(message) => {
                    let ours = message.identifier() == self.identifier && message.sequence() == 1;
                    message.kind() == REQUEST && ours
                }
                // A first fragment is not taken apart any further.
                None => {
                    let begins = packet.more_fragments() && packet.fragment_offset() == 0;
                    begins && packet.protocol() == ipv4::protocol::ICMP && packet.destination() == self.to
                }
            },
            None => false,
        };
        let came_in = |event: &&Event| match &event.kind {
            EventKind::NetifReceiveSkb { frame, .. } => carries(frame),
            _ => false,
        };
        events.iter().filter(came_in).map(|event| event.namespace.clone()).collect()
    }
}

/// Asks from within a namespace, and waits for the answers.
///
/// # Errors
/// There is no such namespace, or the stack opens no sockets there.
pub fn ask(
    stack: &mut dyn NetworkStack,
    namespace: &NamespaceName,
    question: &Question,
) -> Result<Answer, StackError> {
    let socket = stack.open(namespace, &SocketKind::Icmp(Family::of(question.to)))?;
    // Unlike that of any `ping`, whose replies are not these.
    let identifier = !(socket.0 as u16).wrapping_mul(40_503);
    let asked = exchange(stack, socket, identifier, question);
    stack.close(socket);
    let (answered, refusal) = asked?;
    Ok(Answer { answered, refusal, to: question.to, identifier })
}

/// How many requests were answered, and how the first that was not was refused.
fn exchange(
    stack: &mut dyn NetworkStack,
    socket: SocketId,
    identifier: u16,
    question: &Question,
) -> Result<(u16, Option<Refusal>), StackError> {
    stack.set_option(socket, &SocketOption::ReceiveErrors(true))?;
    let to = SocketAddr::new(question.to, 0);
    let (mut answered, mut first_refusal) = (0, None);
    for sequence in 1..=question.count {
        let message = request(identifier, sequence, &vec![0; usize::from(question.size)]);
        let refusal = match stack.send(socket, to, &message) {
            Ok(()) => {
                let deadline = stack.now() + question.patience;
                hear(stack, socket, deadline, question.to, |message, kind| {
                    sequence_of(message, kind, identifier) == Some(sequence)
                })?
            }
            Err(error) => Some(Refusal::of_errno(error.errno().ok_or(error)?)),
        };
        answered += u16::from(refusal.is_none());
        first_refusal = first_refusal.or(refusal);
    }
    Ok((answered, first_refusal))
}

/// Waits for the reply that is wanted, or for a refusal.
fn hear(
    stack: &mut dyn NetworkStack,
    socket: SocketId,
    deadline: Instant,
    to: IpAddr,
    is_it: impl Fn(&[u8], u8) -> bool,
) -> Result<Option<Refusal>, StackError> {
    loop {
        match stack.receive(socket)? {
            Some(Received::Datagram(datagram)) if is_it(&datagram.payload, REPLY) => return Ok(None),
            Some(Received::Error(error)) if is_about(&error, to, &is_it) => {
                return Ok(Some(Refusal::of_error(&error)));
            }
            Some(_) => {}
            None if stack.now() >= deadline => return Ok(Some(Refusal::NoAnswer)),
            None => stack.run_until(deadline, &[socket])?,
        }
    }
}

/// Whether an error is about the request that is waited for, and not about an earlier one or about another program's.
fn is_about(error: &QueuedError, to: IpAddr, is_it: impl Fn(&[u8], u8) -> bool) -> bool {
    let quotes = match error.origin {
        ErrorOrigin::Local => true,
        ErrorOrigin::Icmp { .. } => is_it(&error.payload, REQUEST),
    };
    error.destination.ip() == to && quotes
}

#[cfg(test)]
mod tests {
    use super::*;
    use vethlab_shared::wire::internet_checksum;

    #[test]
    fn a_checksum_makes_the_sum_zero() {
        for data in [&b""[..], b"\x07", b"even"] {
            let message = request(0x1234, 1, data);
            assert_eq!(internet_checksum(&message), 0);
            assert_eq!(sequence_of(&message, REQUEST, 0x1234), Some(1));
            assert_eq!(sequence_of(&message, REQUEST, 0x1235), None);
            assert_eq!(sequence_of(&message, REPLY, 0x1234), None);
        }
    }
}
