//! `ping`, as in iputils 20221126: run by root in a namespace whose `ping_group_range` is empty, so that it
//! uses a raw socket.

mod exchange;
mod options;
mod statistics;
mod text;
mod usage;

use super::numbers::inet_aton;
use super::process::{Poll, Process, Says, Signal};
use super::{Context, Failure, Parsed, refused};
use exchange::Exchange;
use options::{Command, PathMtu, Request};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use vethlab_explain::journal::{Effect, Invocation, Sending};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::name::LinkName;
use vethlab_shared::socket::{MtuDiscovery, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::words::WordList;

/// The port that the probe socket connects to, only to learn the source address.
const PROBE_PORT: u16 = 1025;

/// Whom to ping.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    address: IpAddr,
    /// The name as the first line and the summary show it.
    name: String,
    /// Whether addresses are shown without names.
    numeric: bool,
}

/// Reads the words behind `ping`.
pub(super) fn parse(words: &WordList) -> Parsed {
    let command = options::parse(words);
    let sending = match &command {
        Ok(Command::Run(request, _)) => request.sending(),
        Ok(Command::Print(_)) | Err(_) => Sending::default(),
    };
    let invocation = Invocation::new("ping", options::joined(words).into(), Effect::Sends(sending));
    match command {
        Ok(Command::Print(text)) => {
            Parsed::new(invocation, Ok(Says { out: text.to_owned(), err: String::new(), status: 0 }))
        }
        Ok(Command::Run(request, warnings)) => {
            let ping = Ping { request: *request, warnings, socket: None, exchange: None };
            Parsed::new(invocation, Ok(ping))
        }
        Err(failure) => Parsed::new(invocation, Err::<Ping, _>(failure)),
    }
}

/// A `ping`.
#[derive(Clone, Debug)]
struct Ping {
    request: Request,
    /// What is said of the words before it begins.
    warnings: Vec<String>,
    socket: Option<SocketId>,
    /// What goes on, once it has begun.
    exchange: Option<Exchange>,
}

impl Process for Ping {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        let exchange = match &mut self.exchange {
            Some(exchange) => exchange,
            None => {
                let exchange = self.begin(context)?;
                self.exchange.insert(exchange)
            }
        };
        exchange.step(context)
    }

    fn cannot_wait(&self, error: StackError) -> Failure {
        failed("poll", error)
    }

    fn close(&mut self, stack: &mut dyn NetworkStack) {
        if let Some(socket) = self.socket.take() {
            stack.close(socket);
        }
    }

    fn handles(&self, signal: Signal) -> bool {
        signal == Signal::Interrupt
    }

    fn ends_by_itself(&self) -> bool {
        self.request.ends_by_itself()
    }
}

impl Ping {
    fn begin(&mut self, context: &mut Context<'_>) -> Result<Exchange, Failure> {
        let request = &self.request;
        self.warnings.iter().for_each(|warning| context.console.err(warning));
        if !request.pattern.is_empty() && !request.quiet {
            let digits: String = request.pattern.iter().map(|byte| format!("{byte:02x}")).collect();
            context.console.out(&format!("PATTERN: 0x{digits}\n"));
        }
        let namespace = context.namespace.clone();
        let opened = context.stack.open(&namespace, &SocketKind::Icmp(Family::Inet));
        let socket = *self.socket.insert(opened.map_err(|error| failed("socket", error))?);
        let mut target = resolve(request)?;
        let source = prepare(request, &mut target, socket, context)?;
        if !request.ends_by_itself() && !context.can_be_ended() {
            return Err(Failure::exit(2, "vethlab: 'ping' without -c would never end here; add -c 4"));
        }
        let mut first = format!("PING {} ({}) ", target.name, target.address);
        if request.device.is_some() || request.strict_source {
            first += &format!("from {source} {}: ", request.device.as_deref().unwrap_or_default());
        }
        context.console.out(&format!("{first}{}({}) bytes of data.\n", request.size, request.size + 28));
        if request.interval >= i64::from(i32::MAX) / request.preload {
            let interval = request.interval;
            return Err(Failure::exit(2, format_args!("ping: illegal preload and/or interval: {interval}")));
        }
        Ok(Exchange::new(request.clone(), target, socket, context.stack.now()))
    }
}

/// Finds the address of the destination. There is no resolver, only the one name that `/etc/hosts` has.
fn resolve(request: &Request) -> Result<Target, Failure> {
    let typed = &request.target;
    if let Some(address) = inet_aton(typed) {
        return Ok(Target { address: address.into(), name: typed.clone(), numeric: true });
    }
    if typed.eq_ignore_ascii_case("localhost") {
        let numeric = request.numeric;
        return Ok(Target { address: Ipv4Addr::LOCALHOST.into(), name: "localhost".to_owned(), numeric });
    }
    if typed.parse::<Ipv6Addr>().is_ok() {
        return Err(Failure::NotModelled(format!("ping {typed}")));
    }
    let why =
        if typed.is_empty() { "Name or service not known" } else { "Temporary failure in name resolution" };
    Err(Failure::exit(2, format_args!("ping: {typed}: {why}")))
}

/// Learns the source address and sets the socket up (`ping4_run`). A destination of 0.0.0.0 becomes the
/// source itself.
fn prepare(
    request: &Request,
    target: &mut Target,
    socket: SocketId,
    context: &mut Context<'_>,
) -> Result<IpAddr, Failure> {
    let mut source = IpAddr::V4(request.source);
    if source.is_unspecified() {
        let namespace = context.namespace.clone();
        let opened = context.stack.open(&namespace, &SocketKind::Udp(Family::of(target.address)));
        let probe = opened.map_err(|error| failed("socket", error))?;
        let found = find_source(request, target.address, [probe, socket], context);
        context.stack.close(probe);
        source = found?;
    } else if let Some(device) = &request.device {
        bind_to_device(device, target.address, socket, context)?;
    }
    if target.address.is_unspecified() {
        target.address = source;
    }

    let mut set =
        |what, option| context.stack.set_option(socket, &option).map_err(|error| failed(what, error));
    let to_group = request.broadcast || target.address.is_multicast();
    match request.path_mtu.or(to_group.then_some(PathMtu::Do)) {
        Some(PathMtu::Do) => set("IP_MTU_DISCOVER", SocketOption::MtuDiscovery(MtuDiscovery::Do))?,
        Some(PathMtu::Dont) => set("IP_MTU_DISCOVER", SocketOption::MtuDiscovery(MtuDiscovery::Dont))?,
        Some(PathMtu::Want) | None => {}
    }
    set("IP_RECVERR", SocketOption::ReceiveErrors(true))?;
    if request.strict_source {
        context.stack.bind(socket, SocketAddr::new(source, 0)).map_err(|error| failed("bind", error))?;
    }
    let mut set =
        |what, option| context.stack.set_option(socket, &option).map_err(|error| failed(what, error));
    if request.broadcast {
        set("cannot set broadcasting", SocketOption::Broadcast(true))?;
    }
    match request.time_to_live {
        Some(0) => return Err(failed("cannot set unicast time-to-live", Errno::EINVAL.into())),
        Some(hops) => set("cannot set unicast time-to-live", SocketOption::TimeToLive(hops))?,
        None => {}
    }
    Ok(source)
}

/// Connects a UDP socket, which sends nothing, and asks which source address the kernel chose.
fn find_source(
    request: &Request,
    destination: IpAddr,
    [probe, socket]: [SocketId; 2],
    context: &mut Context<'_>,
) -> Result<IpAddr, Failure> {
    if let Some(device) = &request.device {
        bind_to_device(device, destination, probe, context)?;
        bind_to_device(device, destination, socket, context)?;
    }
    let peer = SocketAddr::new(destination, PROBE_PORT);
    match context.stack.connect(probe, peer) {
        Err(error) if error.errno() == Some(Errno::EACCES) => {
            if !request.broadcast {
                let question =
                    "Do you want to ping broadcast? Then -b. If not, check your local firewall rules";
                return Err(Failure::exit(2, format_args!("ping: {question}")));
            }
            context.console.err("WARNING: pinging broadcast address\n");
            let allowed = context.stack.set_option(probe, &SocketOption::Broadcast(true));
            allowed.map_err(|error| failed("cannot set broadcasting", error))?;
            context.stack.connect(probe, peer)
        }
        result => result,
    }
    .map_err(|error| failed("connect", error))?;
    let own = context.stack.local_address(probe).map_err(|error| failed("getsockname", error))?;
    let source = own.ip();
    if let Some(device) = &request.device {
        let addresses = context.stack.addresses(&context.namespace, Family::of(source));
        let addresses = addresses.map_err(|error| failed("gatifaddrs failed", error))?;
        if !addresses.iter().any(|own| own.label == *device && own.local == source) {
            context.console.err(&format!(
                "ping: Warning: source address might be selected on device other than: {device}\n"
            ));
        }
    }
    Ok(source)
}

/// `SO_BINDTODEVICE`, which cuts a name after 15 bytes. For a group, iputils falls back to
/// `IP_MULTICAST_IF`, which needs a device just as much.
fn bind_to_device(
    device: &str,
    destination: IpAddr,
    socket: SocketId,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let cut = (0..=device.len().min(15)).rev().find(|&end| device.is_char_boundary(end)).unwrap_or(0);
    let result = match device[..cut].parse::<LinkName>() {
        Ok(name) => context.stack.set_option(socket, &SocketOption::Device(name)),
        Err(_) if device.is_empty() => Ok(()),
        Err(_) => Err(Errno::ENODEV.into()),
    };
    match result {
        Err(StackError::Refused { .. }) if destination.is_multicast() => {
            Err(Failure::exit(2, format_args!("ping: unknown iface: {device}")))
        }
        result => result.map_err(|error| failed(&format!("SO_BINDTODEVICE {device}"), error)),
    }
}

/// As `error(2, errno, what)` ends a program.
fn failed(what: &str, error: StackError) -> Failure {
    refused(error, 2, |errno| format!("ping: {what}: {errno}"))
}
