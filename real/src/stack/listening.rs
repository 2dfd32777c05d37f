//! Taking in what the kernel tells: what sockets have to read, and what passes by.

use super::RealStack;
use crate::error::refused;
use nix::errno::Errno as Nix;
use nix::poll::{PollFd, PollFlags, ppoll};
use std::os::fd::AsFd;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::socket::{Received, SocketId};
use vethlab_shared::time::{Duration, Instant};

/// How often at most to look whether more has passed meanwhile.
const LISTEN_ATTEMPTS: usize = 16;

/// More than a socket has room for (`net.core.rmem_default`), so that reading its rest ends although more arrives.
const MOST_UNREAD: usize = 1024;

/// How long the kernel is waited for without a look at whether to stop: a signal that comes just before the wait does not
/// end it.
pub(super) const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// Why waiting ended.
pub(super) enum Waited {
    /// A socket or a signal.
    Over,
    /// The deadline.
    TimeIsUp,
    /// There is much to take in.
    Told,
}

impl RealStack {
    /// Takes in what has passed so far, where somebody observes.
    pub(super) fn take_in(&mut self) {
        let RealStack { namespaces, observation, clock, .. } = self;
        if !observation.is_on() {
            return;
        }
        // A frame may pass while another namespace is listened to: until there is silence everywhere, at most
        // so often, for traffic need not end.
        let mut heard_until = clock.now();
        for _ in 0..LISTEN_ATTEMPTS {
            heard_until = clock.now();
            let numbers = observation.unheard(*clock);
            if numbers.is_empty() {
                break;
            }
            for number in numbers {
                if let Some(namespace) = namespaces.numbered(number) {
                    observation.hear(namespace, *clock);
                }
            }
        }
        observation.follow(heard_until, *clock);
    }

    /// Takes one thing that a socket has to read.
    pub(super) fn read(&mut self, id: SocketId) -> Result<Option<Received>, StackError> {
        let open = self.sockets.get_mut(&id).ok_or(Errno::EBADF)?;
        let received = open.socket.receive()?;
        if let Some(Received::Datagram(datagram)) = &received {
            self.observation.read(open.number, datagram.time, id);
        }
        Ok(received)
    }

    /// Takes what a socket was given and nobody has read, before it is closed: it had a copy of each of these packets.
    pub(super) fn read_the_rest(&mut self, id: SocketId) {
        let wanted = self.observation.follows_packets()
            && self.sockets.get(&id).is_some_and(|open| open.socket.hears_echo_replies());
        for _ in 0..MOST_UNREAD {
            if !wanted || !matches!(self.read(id), Ok(Some(_))) {
                return;
            }
        }
    }

    /// Takes in what has passed so far, before something changes the names of links.
    pub(super) fn listen_before_links_change(&mut self) {
        self.take_in();
        self.observation.links_change();
    }

    /// Waits until the deadline, for a socket, a signal, or so much to take in that it should not wait.
    pub(super) fn wait(
        &self,
        deadline: Instant,
        wake: &[SocketId],
        for_told: bool,
    ) -> Result<Waited, StackError> {
        let mut awaited = Vec::with_capacity(wake.len());
        for id in wake {
            let open = self.sockets.get(id).ok_or(Errno::EBADF)?;
            let room = if open.socket.wants_room() { PollFlags::POLLOUT } else { PollFlags::empty() };
            awaited.push(PollFd::new(open.socket.as_fd(), PollFlags::POLLIN | room));
        }
        let told = if for_told { self.observation.descriptors() } else { Vec::new() };
        awaited.extend(told.iter().map(|descriptor| PollFd::new(*descriptor, PollFlags::POLLIN)));
        let left = deadline.since(self.clock.now());
        match ppoll(&mut awaited, Some(left.into()), None) {
            Ok(0) => Ok(Waited::TimeIsUp),
            Err(Nix::EINTR) => Ok(Waited::Over),
            Ok(_) if awaited[..wake.len()].iter().any(|socket| socket.any() != Some(false)) => {
                Ok(Waited::Over)
            }
            Ok(_) if awaited.iter().any(|told| told.all() == Some(true)) => Ok(Waited::Told),
            // Only that a processor was switched off: it will never tell more.
            Ok(_) => self.wait(deadline, wake, false),
            Err(errno) => Err(refused(errno)),
        }
    }
}
