//! Network namespaces as descriptors, and visits to them.
//!
//! A thread is in one network namespace at a time. Whoever works in another one does so within
//! [`in_namespace`], which always leads back.

use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};

/// This thread's network namespace.
pub(crate) const OWN: &str = "/proc/thread-self/ns/net";

/// A descriptor of the namespace that this thread is in.
pub(crate) fn current() -> Result<OwnedFd, Errno> {
    File::open(OWN)
        .map(OwnedFd::from)
        .map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(Errno::EIO as i32)))
}

/// Leads the thread back to where it came from, on every way out.
struct Return(OwnedFd);

/// How often going back is tried: a kernel that is short of something may have it at once.
const TRIES: usize = 3;

/// The exit status that says that there is no real stack here.
const UNAVAILABLE: i32 = 4;

impl Drop for Return {
    fn drop(&mut self) {
        let go_back = || setns(&self.0, CloneFlags::CLONE_NEWNET);
        if let Err(errno) = (1..TRIES).fold(go_back(), |went, _| went.or_else(|_| go_back())) {
            // To go on in the wrong namespace could alter what must not be touched.
            // Whether or not the message gets through, the process ends.
            let _ = writeln!(
                io::stderr(),
                "vethlab: cannot return to its own network namespace: {errno}; it stops here"
            );
            std::process::exit(UNAVAILABLE);
        }
    }
}

/// Makes a network namespace. It lives as long as the descriptor, a socket or a thread holds it.
///
/// # Errors
/// The kernel's answer, be it that it would not let the thread come back.
pub(crate) fn create() -> Result<OwnedFd, Errno> {
    let own = current()?;
    // Where the thread may not even come to where it is, it could not come back: then it does not leave.
    setns(&own, CloneFlags::CLONE_NEWNET)?;
    unshare(CloneFlags::CLONE_NEWNET)?;
    let _return = Return(own);
    current()
}

/// Does something within a namespace.
pub(crate) fn in_namespace<T>(namespace: impl AsFd, visit: impl FnOnce() -> T) -> Result<T, Errno> {
    let own = current()?;
    setns(namespace, CloneFlags::CLONE_NEWNET)?;
    let _return = Return(own);
    Ok(visit())
}
