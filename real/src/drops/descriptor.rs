//! What `perf_event` does not lend of its rings: a descriptor to wait on, and the filter in the kernel.
#![allow(unsafe_code)]

use nix::libc;
use perf_event::Sampler;
use std::ffi::{CStr, c_char};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// The descriptor of a ring, readable once the kernel has written as much as was asked for.
pub(crate) fn descriptor(ring: &Sampler) -> BorrowedFd<'_> {
    // SAFETY: the ring owns its descriptor and is borrowed for as long as what is returned.
    unsafe { BorrowedFd::borrow_raw(ring.as_raw_fd()) }
}

/// Lets the kernel write only the records that fit a condition (`PERF_EVENT_IOC_SET_FILTER`). Once for each ring:
/// the kernel changes no filter.
pub(crate) fn set_filter(ring: &Sampler, condition: &CStr) -> io::Result<()> {
    let request = nix::request_code_write!(b'$', 6, size_of::<*const c_char>());
    // SAFETY: the kernel reads the text, which ends with NUL and outlives the call, and keeps a copy.
    match unsafe { libc::ioctl(ring.as_raw_fd(), request, condition.as_ptr()) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
