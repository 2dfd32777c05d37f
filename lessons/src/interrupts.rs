//! Signals that stop what runs, noticed in time to write down what was seen so far.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level::pipe};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// What a shell adds to the number of the signal that has ended a program.
const ENDED_BY_SIGNAL: i32 = 128;

/// Ctrl-C and the signals that end a process, noticed.
#[derive(Clone, Debug)]
pub struct Interrupts {
    /// Whether one has come that nobody has heard yet.
    unheard: Arc<AtomicBool>,
    /// Set by each one, for the work that goes on while it comes; that takes it back itself.
    stop: Arc<AtomicBool>,
    /// The exit status that one has asked to end with; 0 is none.
    status: Arc<AtomicUsize>,
    /// Whether there is nothing to be stopped or written down: then a signal ends the process as ever.
    idle: Arc<AtomicBool>,
    /// Holds a byte for each signal that has come.
    signals: Arc<UnixStream>,
}

impl Interrupts {
    /// Notices signals from now on, wherever they find work under way. A second one, while the first is still unheard,
    /// ends the process after all. With a person before a terminal Ctrl-C does not ask vethlab to end, but only the
    /// program that runs there.
    ///
    /// # Errors
    /// The system does not let signals be caught.
    pub fn notice(person: bool) -> io::Result<Interrupts> {
        let (signals, writer) = UnixStream::pair()?;
        let interrupts = Interrupts {
            unheard: Arc::default(),
            stop: Arc::default(),
            status: Arc::default(),
            idle: Arc::new(AtomicBool::new(true)),
            signals: Arc::new(signals),
        };
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let status = ENDED_BY_SIGNAL + signal;
            let ends = !(person && signal == SIGINT);
            if ends {
                flag::register_conditional_default(signal, Arc::clone(&interrupts.idle))?;
            }
            flag::register_conditional_shutdown(signal, status, Arc::clone(&interrupts.unheard))?;
            flag::register(signal, Arc::clone(&interrupts.unheard))?;
            flag::register(signal, Arc::clone(&interrupts.stop))?;
            if ends {
                flag::register_usize(signal, Arc::clone(&interrupts.status), status as usize)?;
            }
            // Behind the flags: who is woken by it finds them set.
            pipe::register(signal, writer.try_clone()?)?;
        }
        Ok(interrupts)
    }

    /// Work begins: what was pressed before is not meant for it.
    pub fn begin_work(&self) {
        self.unheard.store(false, Ordering::Relaxed);
        self.idle.store(false, Ordering::Relaxed);
    }

    /// Work has ended, and nothing would be lost.
    pub fn end_work(&self) {
        self.idle.store(true, Ordering::Relaxed);
    }

    /// Whether the work is to be stopped.
    pub fn any(&self) -> bool {
        self.unheard.load(Ordering::Relaxed) || self.asked_to_end().is_some()
    }

    /// Whether a signal has come that nobody has heard yet; it is heard now.
    pub fn take(&self) -> bool {
        self.unheard.swap(false, Ordering::Relaxed)
    }

    /// Waits for a signal, at most so long. It may return earlier: one that came before wakes it too.
    ///
    /// # Errors
    /// The system does not let this process wait.
    pub fn wait(&self, at_most: Duration) -> io::Result<()> {
        self.signals.set_read_timeout(Some(at_most))?;
        match (&*self.signals).read(&mut [0; 64]) {
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                Ok(())
            }
            read => read.map(|_| ()),
        }
    }

    /// Waits until there is something to read or a signal comes, at most so long. Whether there is something to read.
    ///
    /// # Errors
    /// The system does not let this process wait.
    pub fn wait_for_input(&self, input: impl AsFd, at_most: Duration) -> io::Result<bool> {
        let mut files = [
            PollFd::new(input.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
        ];
        let most = PollTimeout::try_from(at_most).unwrap_or(PollTimeout::MAX);
        match poll(&mut files, most) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok(false),
            Err(errno) => return Err(errno.into()),
        }
        let [readable, signalled] = files.map(|file| file.any().unwrap_or(false));
        if signalled {
            // The bytes of signals that have come are taken, or they would end every wait.
            self.wait(Duration::from_millis(1))?;
        }
        Ok(readable)
    }

    /// What a budget looks at, and work that is spread over threads: set where it is to stop.
    pub fn stop(&self) -> &Arc<AtomicBool> {
        &self.stop
    }

    /// The exit status to end with, where a signal has asked for the end.
    pub fn asked_to_end(&self) -> Option<u8> {
        u8::try_from(self.status.load(Ordering::Relaxed)).ok().filter(|status| *status != 0)
    }
}
