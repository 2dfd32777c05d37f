//! A connection of TCP that a program makes: what `curl`, `wget` and `telnet` have in common.

use super::http::url::Url;
use super::{Context, Failure};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use vethlab_explain::journal::{Effect, Sending};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::name::LinkName;
use vethlab_shared::socket::{SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::{Duration, Instant};

/// With nobody to press Ctrl-C: after so long without data none will come.
const NOTHING_COMES: Duration = Duration::from_secs(60);

/// Where a connection is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct From {
    /// By this link alone.
    pub(crate) link: Option<LinkName>,
    /// From this address.
    pub(crate) address: Option<Ipv4Addr>,
}

/// Why a connection could not even be begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotBegun {
    /// It cannot come from where it was to come from.
    From(Errno),
    /// There is no way, or another reason that the stack knows at once.
    To(Errno),
    /// The stack refuses sockets, is not to be altered, or does not model this.
    Stack(StackError),
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The other end has not answered yet.
    Waits,
    /// It is there.
    Connected,
    /// It failed.
    Failed(Errno),
}

/// What a name stands for: there is no resolver, only the one name that `/etc/hosts` has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Address(Ipv4Addr),
    /// An address of IPv6, which no stack models yet.
    Version6,
    Unknown,
}

/// What an address in numbers is.
pub(crate) fn numeric(host: &str) -> Named {
    match super::numbers::inet_aton(host) {
        Some(address) => Named::Address(address),
        None if host.parse::<Ipv6Addr>().is_ok() => Named::Version6,
        None => Named::Unknown,
    }
}

/// What an address or a name stands for.
pub(crate) fn named(host: &str) -> Named {
    match numeric(host) {
        Named::Unknown if host.eq_ignore_ascii_case("localhost") => Named::Address(Ipv4Addr::LOCALHOST),
        named => named,
    }
}

/// Looks a host up, as it stands in a URL: an address of IPv6 may be in brackets.
pub(crate) fn look_up(host: &str) -> Named {
    match named(host) {
        Named::Unknown if numeric(host.trim_matches(['[', ']'])) == Named::Version6 => Named::Version6,
        named => named,
    }
}

/// What a program that asks for the page of this address is there for.
pub(crate) fn effect_of_url(typed: &str) -> Effect {
    Url::parse(typed).map_or(Effect::Alters, |url| effect(&url.host, &From::default()))
}

/// What a program that connects to this host is there for.
pub(crate) fn effect(host: &str, from: &From) -> Effect {
    let destination = match look_up(host) {
        Named::Address(address) => Some(address.into()),
        Named::Version6 | Named::Unknown => None,
    };
    let source = from.address.map(IpAddr::from);
    Effect::Sends(Sending { destination, source, link: from.link.clone(), ..Sending::default() })
}

/// Opens a socket and begins to connect it.
///
/// # Errors
/// Why it could not begin; no socket is open then.
pub(crate) fn begin(from: &From, to: SocketAddr, context: &mut Context<'_>) -> Result<SocketId, NotBegun> {
    let namespace = context.namespace.clone();
    let kind = SocketKind::Tcp(Family::Inet);
    let socket = context.stack.open(&namespace, &kind).map_err(NotBegun::Stack)?;
    connect(socket, from, to, context.stack).inspect_err(|_| context.stack.close(socket))?;
    Ok(socket)
}

/// Begins to connect a socket.
///
/// # Errors
/// Why it could not begin.
pub(crate) fn connect(
    socket: SocketId,
    from: &From,
    to: SocketAddr,
    stack: &mut dyn NetworkStack,
) -> Result<(), NotBegun> {
    if let Some(link) = &from.link {
        stack
            .set_option(socket, &SocketOption::Device(link.clone()))
            .map_err(|error| not_begun(error, NotBegun::From))?;
    }
    if let Some(address) = from.address {
        let own = SocketAddr::new(address.into(), 0);
        stack.bind(socket, own).map_err(|error| not_begun(error, NotBegun::From))?;
    }
    match stack.connect(socket, to) {
        Err(error) if error.errno() != Some(Errno::EINPROGRESS) => Err(not_begun(error, NotBegun::To)),
        _ => Ok(()),
    }
}

fn not_begun(error: StackError, refused: fn(Errno) -> NotBegun) -> NotBegun {
    match error {
        StackError::Refused { errno, .. } => refused(errno),
        error => NotBegun::Stack(error),
    }
}

/// How far a connection is that was begun.
///
/// # Errors
/// The stack does not say.
pub(crate) fn progress(socket: SocketId, stack: &mut dyn NetworkStack) -> Result<Progress, StackError> {
    if !stack.readiness(socket)?.writable {
        return Ok(Progress::Waits);
    }
    Ok(stack.take_error(socket)?.map_or(Progress::Connected, Progress::Failed))
}

/// Until when a program may wait for data that it has no limit for: without end where somebody can end it.
///
/// # Errors
/// It has waited too long where nobody can.
pub(crate) fn patience(
    program: &str,
    advice: &str,
    since: Instant,
    context: &Context<'_>,
) -> Result<Instant, Failure> {
    let end = since + NOTHING_COMES;
    if context.can_be_ended() {
        Ok(Instant::FOREVER)
    } else if end <= context.stack.now() {
        let message = format!(
            "vethlab: '{program}' would never end here: the other end keeps the connection open; {advice}"
        );
        Err(Failure::exit(2, message))
    } else {
        Ok(end)
    }
}
