//! A capture under way: it is given time again and again, in the foreground or beside other programs.

use super::NOTHING_COMES;
use super::devices::{self, ANY};
use super::filter::{Filter, FilterError, LinkType, Subject};
use super::options::Request;
use super::print::{Place, Printer};
use crate::process::Wait;
use crate::{Console, Context, Failure, Status, refused};
use std::collections::BTreeMap;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::socket::{CapturedFrame, Direction, Received, SocketId, SocketKind};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Instant;
use vethlab_shared::view::LinkFlags;

/// A `tcpdump` that runs.
#[derive(Clone, Debug)]
pub(super) struct Capture {
    namespace: NamespaceName,
    socket: SocketId,
    /// The link, unless it is `any`.
    link: Option<IfIndex>,
    link_type: LinkType,
    filter: Filter,
    direction: Option<Direction>,
    /// How many frames are still to be shown, where it ends by itself.
    left: Option<u64>,
    captured: u64,
    /// How many passed the filter, shown or not.
    received: u64,
    /// When the last of them was taken in; at first, when it began to listen.
    last_heard: Instant,
    printer: Printer,
    /// The links as they were when last seen.
    places: BTreeMap<IfIndex, Place>,
}

fn failed(message: impl std::fmt::Display) -> Failure {
    Failure::exit(1, format_args!("tcpdump: {message}"))
}

/// As libpcap tells what the kernel refused.
fn refused_by(name: &str, error: StackError) -> Failure {
    refused(error, 1, |errno| format!("tcpdump: {name}: {errno}"))
}

impl Capture {
    /// Opens the link and reads the filter, in tcpdump's order, and says so. What would wait for ever is refused where
    /// nobody could end it.
    pub(super) fn open(
        request: &Request,
        can_be_ended: bool,
        context: &mut Context<'_>,
    ) -> Result<Capture, Failure> {
        let namespace = context.namespace.clone();
        let name = device(request, context)?;
        let (link, link_type) = if name == ANY {
            (None, LinkType::Cooked)
        } else {
            let links = context.stack.links(&namespace).map_err(|error| refused_by(&name, error))?;
            let Some(link) = links.iter().find(|link| link.name.as_str() == name) else {
                return Err(failed(format_args!("{name}: No such device exists\n(No such device exists)")));
            };
            if !link.flags.contains(LinkFlags::UP) {
                return Err(failed(format_args!("{name}: That device is not up")));
            }
            (Some(link.index), LinkType::Ethernet)
        };
        let filter = Filter::parse(&request.filter, link_type);
        if filter.is_ok() && request.count.is_none() && !can_be_ended {
            let message = "vethlab: 'tcpdump' without -c would never end here; add -c 4, or put & behind it";
            return Err(Failure::exit(2, message));
        }
        if link_type == LinkType::Cooked {
            context.console.err("tcpdump: data link type LINUX_SLL2\n");
        }
        let filter = filter.map_err(|error| match error {
            FilterError::NotModelled(what) => {
                Failure::NotModelled(format!("{what}' in a filter of 'tcpdump"))
            }
            error => failed(error),
        })?;
        let kind = SocketKind::Packet(link.unwrap_or_default());
        let socket = context.stack.open(&namespace, &kind).map_err(|error| refused_by(&name, error))?;
        let begin = if request.style.verbose == 0 {
            "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n"
        } else {
            "tcpdump: "
        };
        let kind = match link_type {
            LinkType::Ethernet => "EN10MB (Ethernet)",
            LinkType::Cooked => "LINUX_SLL2 (Linux cooked v2)",
        };
        context
            .console
            .err(&format!("{begin}listening on {name}, link-type {kind}, snapshot length 262144 bytes\n"));
        Ok(Capture {
            namespace,
            socket,
            link,
            link_type,
            filter,
            direction: request.direction,
            left: request.count,
            captured: 0,
            received: 0,
            last_heard: context.stack.now(),
            printer: Printer::new(request.style.clone(), link_type),
            places: BTreeMap::new(),
        })
    }

    /// The socket that has something to read when there is something to do.
    pub(super) fn socket(&self) -> SocketId {
        self.socket
    }

    /// When the last frame was taken in.
    pub(super) fn last_heard(&self) -> Instant {
        self.last_heard
    }

    /// What it waits for now.
    pub(super) fn wait(&self, now: Instant) -> Wait {
        let patient = Some(self.last_heard);
        Wait { patient, ..Wait::until(now + NOTHING_COMES, vec![self.socket]) }
    }

    /// Shows what came by since. Gives the exit status once it has ended.
    pub(super) fn step(&mut self, stack: &mut dyn NetworkStack, console: &mut dyn Console) -> Option<Status> {
        match self.read(stack, console) {
            Ok(false) => None,
            Ok(true) => {
                self.finish(stack, console);
                Some(0)
            }
            Err(message) => {
                console.err(&format!("tcpdump: pcap_loop: {message}\n"));
                self.finish(stack, console);
                Some(1)
            }
        }
    }

    /// Ends it, as `SIGINT` and `SIGTERM` do: an empty line ends the one that might have been under way.
    pub(super) fn stop(&mut self, stack: &mut dyn NetworkStack, console: &mut dyn Console) -> Status {
        if let Some(status) = self.step(stack, console) {
            return status;
        }
        console.out("\n");
        self.finish(stack, console);
        0
    }

    /// Whether enough has been shown. What the kernel had taken in beyond that is counted, as in libpcap.
    fn read(&mut self, stack: &mut dyn NetworkStack, console: &mut dyn Console) -> Result<bool, String> {
        let is_there = self.look_at_links(stack)?;
        let before = self.received;
        loop {
            match stack.receive(self.socket) {
                Ok(Some(Received::Frame(frame))) => self.take(&frame, console),
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => return Err(error.to_string()),
            }
        }
        if self.received > before {
            self.last_heard = stack.now();
        }
        match is_there || self.left == Some(0) {
            true => Ok(self.left == Some(0)),
            false => Err("The interface disappeared".to_owned()),
        }
    }

    fn take(&mut self, frame: &CapturedFrame, console: &mut dyn Console) {
        let subject = Subject { frame: &frame.bytes, direction: frame.direction };
        if !self.filter.passes(subject, self.link_type) {
            return;
        }
        self.received += 1;
        let unknown = || Place { name: "?".to_owned(), address: None, loopback: false };
        let place = self.places.get(&frame.link).cloned().unwrap_or_else(unknown);
        // What leaves by a loopback link is seen when it comes back (`linux_check_direction`).
        let seen_again = place.loopback && frame.direction == Direction::Out;
        let unwanted = self.direction.is_some_and(|wanted| wanted != frame.direction);
        if seen_again || unwanted || self.left == Some(0) {
            return;
        }
        self.captured += 1;
        if let Some(left) = &mut self.left {
            *left -= 1;
        }
        console.out(&self.printer.frame(frame, &place));
    }

    /// Learns the names of the links, and whether the one that is listened on is still there. A namespace that
    /// lost its name lives on for as long as the socket is open, and nobody can say what is in it.
    fn look_at_links(&mut self, stack: &mut dyn NetworkStack) -> Result<bool, String> {
        let links = match stack.links(&self.namespace) {
            Ok(links) => links,
            Err(error) if error.errno() == Some(Errno::ENOENT) => return Ok(true),
            Err(error) => return Err(error.to_string()),
        };
        for link in &links {
            let loopback = link.flags.contains(LinkFlags::LOOPBACK);
            let place = Place { name: link.name.to_string(), address: Some(link.address), loopback };
            self.places.insert(link.index, place);
        }
        Ok(self.link.is_none_or(|index| links.iter().any(|link| link.index == index)))
    }

    fn finish(&mut self, stack: &mut dyn NetworkStack, console: &mut dyn Console) {
        stack.close(self.socket);
        let count = |number, what| format!("{number} packet{} {what}\n", if number == 1 { "" } else { "s" });
        console.err(&count(self.captured, "captured"));
        console.err(&count(self.received, "received by filter"));
        console.err(&count(0, "dropped by kernel"));
    }
}

/// The name of the link that is meant: the one named, the one with this number in the list, or the first.
fn device(request: &Request, context: &mut Context<'_>) -> Result<String, Failure> {
    let devices = devices::list(context.stack, &context.namespace);
    let devices = devices.map_err(|error| refused_by("any", error))?;
    let name = match &request.interface {
        None => devices.first().map_or(ANY, |device| &device.name).to_owned(),
        Some(name) if devices.iter().any(|device| device.name == *name) => name.clone(),
        Some(name) => match name.parse::<usize>() {
            Ok(number) => match number.checked_sub(1).and_then(|place| devices.get(place)) {
                Some(device) => device.name.clone(),
                None => return Err(failed(format_args!("Invalid adapter index"))),
            },
            Err(_) => name.clone(),
        },
    };
    let special =
        |name: &str| ["bluetooth-monitor", "nflog", "nfqueue", "dbus-system", "dbus-session"].contains(&name);
    if special(&name) {
        return Err(Failure::NotModelled(format!("tcpdump -i {name}")));
    }
    Ok(name)
}
