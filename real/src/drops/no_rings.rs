//! Where `perf_event_open(2)` is not known for the processor: nothing is watched.

use super::tracepoint::Tracepoints;
use super::{Drained, NoDropReasons};
use std::convert::Infallible;
use std::os::fd::BorrowedFd;
use vethlab_shared::error::Errno;

/// Rings that cannot be had.
pub(crate) struct Rings {
    never: Infallible,
}

impl Rings {
    pub(crate) fn open(_: &Tracepoints) -> Result<Rings, NoDropReasons> {
        Err(NoDropReasons::Refused(Errno::ENOSYS))
    }

    pub(crate) fn rest(self) {
        match self.never {}
    }

    pub(crate) fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        match self.never {}
    }

    pub(crate) fn drain(&mut self, _: &Tracepoints, _: impl Fn(u64, &str) -> bool) -> Drained {
        match self.never {}
    }
}

pub(crate) fn attempt(_: &Tracepoints) -> Result<(), NoDropReasons> {
    Err(NoDropReasons::Refused(Errno::ENOSYS))
}
