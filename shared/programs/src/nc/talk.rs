//! Carrying data both ways (`readwrite`).

use super::options::Request;
use super::{Context, Failure, failed};
use crate::process::{Input, Poll, Wait};
use std::collections::VecDeque;
use std::net::SocketAddr;
use vethlab_shared::socket::{Datagram, Received, Shutdown, SocketId};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::{Duration, Instant};

/// How many bytes are carried at once (`BUFSIZE`).
const AT_ONCE: usize = 16_384;
/// With nobody to press Ctrl-C: after so long without data none will come.
const NOTHING_COMES: Duration = Duration::from_secs(60);

/// Standard input: what it has and what of that was read.
#[derive(Clone, Debug)]
pub(super) struct Line {
    input: Input,
    read: usize,
}

impl Line {
    pub(super) fn new(input: Input) -> Line {
        Line { input, read: 0 }
    }

    /// What is read from it: nothing at its end, and `None` where nobody types.
    fn take(&mut self, most: usize) -> Option<Vec<u8>> {
        match &self.input {
            Input::Silent => None,
            Input::Empty => Some(Vec::new()),
            Input::Bytes(bytes) => {
                let end = bytes.len().min(self.read + most);
                let taken = bytes[self.read..end].to_vec();
                self.read = end;
                Some(taken)
            }
        }
    }
}

/// A conversation.
#[derive(Clone, Debug)]
pub(super) struct Talk {
    pub(super) socket: SocketId,
    /// The other end, where datagrams are sent.
    pub(super) peer: Option<SocketAddr>,
    pub(super) is_datagrams: bool,
    /// Datagrams come from anybody.
    pub(super) hears_everybody: bool,
    /// Datagrams that were read before it began.
    pub(super) arrived: VecDeque<Vec<u8>>,
    /// It ended because the time of `-q` was over: the program ends with it.
    pub(super) quits: bool,
    /// What was read from standard input and not sent yet.
    buffer: Vec<u8>,
    input_open: bool,
    out_open: bool,
    in_open: bool,
    /// When something was carried last.
    active: Instant,
    /// When it ends after the end of standard input.
    quit_at: Option<Instant>,
}

impl Talk {
    pub(super) fn new(socket: SocketId, peer: Option<SocketAddr>, now: Instant) -> Talk {
        Talk {
            socket,
            peer,
            is_datagrams: peer.is_some(),
            hears_everybody: false,
            arrived: VecDeque::new(),
            quits: false,
            buffer: Vec::new(),
            input_open: true,
            out_open: true,
            in_open: true,
            active: now,
            quit_at: None,
        }
    }

    /// Carries what there is: whether it is over, or what it waits for.
    pub(super) fn step(
        &mut self,
        request: &Request,
        input: &mut Line,
        context: &mut Context<'_>,
    ) -> Result<Option<Poll>, Failure> {
        loop {
            let now = context.stack.now();
            let idle = !self.input_open && !self.in_open && self.buffer.is_empty();
            if idle || (request.listen && !self.in_open && self.buffer.is_empty()) {
                return Ok(Some(Poll::Ready(0)));
            }
            if self.quit_at.is_some_and(|time| time <= now) {
                self.quits = true;
                return Ok(Some(Poll::Ready(0)));
            }
            let ready = context.stack.readiness(self.socket).map_err(|error| failed("poll", error))?;
            if ready.hung_up {
                self.out_open = false;
            }
            if !self.out_open {
                self.input_open = false;
            }
            // What is read now is sent when the socket is looked at next, as `poll` has it.
            let may_write = ready.writable && !self.buffer.is_empty() && self.out_open;
            let mut moved = self.fill(request, input, now);
            if may_write {
                moved |= self.drain(context.stack);
            }
            if self.in_open && (ready.readable || !self.arrived.is_empty()) {
                moved |= self.read(context)?;
            }
            if !self.input_open && self.buffer.is_empty() && self.out_open {
                if request.shut_down && !self.is_datagrams {
                    // It may be over already.
                    let _ = context.stack.shutdown(self.socket, Shutdown::Write);
                }
                self.out_open = false;
                moved = true;
            }
            if moved {
                self.active = now;
                continue;
            }
            return self.wait(request, now, context);
        }
    }

    fn wait(&self, request: &Request, now: Instant, context: &Context<'_>) -> Result<Option<Poll>, Failure> {
        let patience = request.timeout.map(|timeout| self.active + timeout);
        if patience.is_some_and(|end| end <= now) {
            return Ok(Some(Poll::Ready(0)));
        }
        let mut deadline = patience.unwrap_or(Instant::FOREVER).min(self.quit_at.unwrap_or(Instant::FOREVER));
        if deadline == Instant::FOREVER && !context.can_be_ended() {
            let end = self.active + NOTHING_COMES;
            if end <= now {
                let message = "vethlab: 'nc' would never end here: the other end keeps the connection open; add -w 1, -q 1 or -N";
                return Err(Failure::exit(2, message));
            }
            deadline = end;
        }
        let sockets = if self.in_open || !self.buffer.is_empty() { vec![self.socket] } else { Vec::new() };
        Ok(Some(Poll::Pending(Wait::until(deadline, sockets))))
    }

    /// Reads standard input: whether there was anything, or its end.
    fn fill(&mut self, request: &Request, input: &mut Line, now: Instant) -> bool {
        if !self.input_open || self.buffer.len() >= AT_ONCE {
            return false;
        }
        let Some(bytes) = input.take(AT_ONCE - self.buffer.len()) else { return false };
        if bytes.is_empty() {
            self.input_open = false;
            self.quit_at = request.quit.map(|seconds| now + Duration::from_secs(seconds));
        }
        self.buffer.extend(bytes);
        true
    }

    /// Sends what was read: whether something went.
    fn drain(&mut self, stack: &mut dyn NetworkStack) -> bool {
        let sent = match (self.is_datagrams, self.peer) {
            (true, Some(peer)) => stack.send(self.socket, peer, &self.buffer).map(|()| self.buffer.len()),
            (true, None) => {
                self.out_open = false;
                return true;
            }
            (false, _) => stack.write(self.socket, &self.buffer),
        };
        match sent {
            Ok(0) => false,
            Ok(length) => {
                self.buffer.drain(..length);
                true
            }
            Err(_) => {
                self.out_open = false;
                self.buffer.clear();
                true
            }
        }
    }

    /// Prints what came from the other end: whether there was anything.
    fn read(&mut self, context: &mut Context<'_>) -> Result<bool, Failure> {
        let bytes = if let Some(first) = self.arrived.pop_front() {
            Ok(Some(first))
        } else if self.is_datagrams {
            match context.stack.receive(self.socket) {
                Ok(Some(Received::Datagram(datagram))) => Ok(Some(datagram.payload)),
                Ok(Some(_)) => return Ok(true),
                Ok(None) => Ok(None),
                Err(error) => Err(error),
            }
        } else {
            context.stack.read(self.socket, AT_ONCE)
        };
        match bytes {
            Ok(None) => return Ok(false),
            Ok(Some(bytes)) if bytes.is_empty() && !self.is_datagrams => {
                let _ = context.stack.shutdown(self.socket, Shutdown::Read);
                self.in_open = false;
            }
            Ok(Some(bytes)) => context.console.out(&String::from_utf8_lossy(&bytes)),
            Err(error) if error.errno().is_some() => self.in_open = false,
            Err(error) => return Err(failed("read", error)),
        }
        Ok(true)
    }
}

/// The oldest datagram that waits.
pub(super) fn datagram(socket: SocketId, stack: &mut dyn NetworkStack) -> Option<Datagram> {
    match stack.receive(socket) {
        Ok(Some(Received::Datagram(datagram))) => Some(datagram),
        _ => None,
    }
}
