//! `conntrack -E`: what connections go through, a line each, until it is stopped.

use super::command::Line;
use super::filter::Filter;
use super::problem::NAME;
use super::render::{self, EventForm};
use super::{not_done, render::Form};
use crate::process::{Poll, Process, Signal, Wait};
use crate::{Console, Context, Failure};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::netfilter::{ConnectionEvent, ConnectionGroups};
use vethlab_shared::socket::{Received, SocketId, SocketKind};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::status::Status;
use vethlab_shared::time::Duration;

/// Nothing else is waited for: this is how long it sleeps when nothing is told.
const SLEEP: Duration = Duration::from_secs(60);

/// What is said where there was no room for events.
const OVERRUN: &str = "WARNING: We have hit ENOBUFS! We are losing events.
This message means that the current netlink socket buffer size is too small.
Please, check --buffer-size in conntrack(8) manpage.
";

/// A `conntrack -E` that runs.
#[derive(Clone, Debug)]
pub(super) struct Events {
    filter: Filter,
    form: Form,
    timestamp: bool,
    groups: ConnectionGroups,
    warnings: String,
    socket: Option<SocketId>,
    shown: usize,
}

impl Events {
    pub(super) fn new(line: Line, warnings: String) -> Events {
        let Line { filter, form, timestamp, groups, .. } = line;
        Events { filter, form, timestamp, groups, warnings, socket: None, shown: 0 }
    }

    fn open(&mut self, context: &mut Context<'_>) -> Result<SocketId, Failure> {
        context.console.err(&self.warnings);
        if self.filter.family == Some(Family::Inet6) {
            return Err(not_done(StackError::family_not_modelled(Family::Inet6), ""));
        }
        if !context.can_be_ended() {
            let message = "vethlab: 'conntrack -E' would never end here; put & behind it";
            return Err(Failure::exit(2, message));
        }
        let opened = context.stack.open(&context.namespace, &SocketKind::Conntrack(self.groups));
        opened.map_err(|error| not_done(error, ""))
    }

    /// Shows what was told since.
    fn read(&mut self, socket: SocketId, context: &mut Context<'_>) -> Result<(), Failure> {
        loop {
            match context.stack.receive(socket) {
                Ok(Some(Received::Connection(event))) => self.show(&event, context.console),
                Ok(Some(_)) => {}
                Ok(None) => return Ok(()),
                Err(error) if error.errno() == Some(Errno::ENOBUFS) => context.console.err(OVERRUN),
                Err(error) => return Err(not_done(error, "")),
            }
        }
    }

    fn show(&mut self, event: &ConnectionEvent, console: &mut dyn Console) {
        // Only a mark that is told can be the one that is asked for.
        let is_marked = self.filter.mark.is_none() || event.has_mark;
        if is_marked && self.filter.takes(&event.connection) {
            self.shown += 1;
            console.out(&render::event(event, EventForm { form: self.form, timestamp: self.timestamp }));
        }
    }

    fn end(&self, console: &mut dyn Console) -> Status {
        console.err(&format!("{NAME}: {} flow events have been shown.\n", self.shown));
        0
    }
}

impl Process for Events {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        let socket = match self.socket {
            Some(socket) => socket,
            None => {
                let socket = self.open(context)?;
                *self.socket.insert(socket)
            }
        };
        self.read(socket, context)?;
        if context.console.interrupted() {
            self.close(context.stack);
            return Ok(Poll::Ready(self.end(context.console)));
        }
        Ok(Poll::Pending(Wait::until(context.stack.now() + SLEEP, vec![socket])))
    }

    fn close(&mut self, stack: &mut dyn NetworkStack) {
        if let Some(socket) = self.socket.take() {
            stack.close(socket);
        }
    }

    fn handles(&self, _signal: Signal) -> bool {
        true
    }

    fn ends_by_itself(&self) -> bool {
        false
    }
}
