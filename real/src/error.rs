//! What a system call answered, as a [`StackError`].

use std::io;
use vethlab_shared::error::{Errno, StackError};

/// The kernel's answer to a call made through nix.
pub(crate) fn refused(errno: nix::errno::Errno) -> StackError {
    Errno(errno as i32).into()
}

/// The kernel's answer to a call made through the standard library.
#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
pub(crate) fn io_refused(error: io::Error) -> StackError {
    match error.raw_os_error() {
        Some(number) => Errno(number).into(),
        None => internal(error.to_string()),
    }
}

/// What cannot happen did; the text says what. Nobody takes it for an answer of Linux: no kernel call that is
/// made here answers `EPROTO`.
pub(crate) fn internal(what: impl Into<String>) -> StackError {
    StackError::with_extack(Errno::EPROTO, what)
}
