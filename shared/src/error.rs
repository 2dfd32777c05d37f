//! What a stack answers when it refuses.

use crate::budget::Exhausted;
use crate::family::Family;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A Linux error number (`include/uapi/asm-generic/errno*.h`), always positive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Errno(pub i32);

macro_rules! errnos {
    ($($name:ident = $number:literal, $text:literal;)*) => {
        impl Errno {
            $(#[doc = $text] pub const $name: Errno = Errno($number);)*

            /// The symbolic name, as in `errno.h`; `None` for a number that Linux networking does not use.
            pub fn name(self) -> Option<&'static str> {
                match self { $(Errno::$name => Some(stringify!($name)),)* _ => None }
            }

            /// The text of glibc's `strerror(3)` in the C locale.
            pub fn text(self) -> &'static str {
                match self { $(Errno::$name => $text,)* _ => "Unknown error" }
            }
        }
    };
}

errnos! {
    EPERM = 1, "Operation not permitted";
    ENOENT = 2, "No such file or directory";
    ESRCH = 3, "No such process";
    EINTR = 4, "Interrupted system call";
    EIO = 5, "Input/output error";
    ENXIO = 6, "No such device or address";
    E2BIG = 7, "Argument list too long";
    EBADF = 9, "Bad file descriptor";
    EAGAIN = 11, "Resource temporarily unavailable";
    ENOMEM = 12, "Cannot allocate memory";
    EACCES = 13, "Permission denied";
    EFAULT = 14, "Bad address";
    EBUSY = 16, "Device or resource busy";
    EEXIST = 17, "File exists";
    EXDEV = 18, "Invalid cross-device link";
    ENODEV = 19, "No such device";
    ENOTDIR = 20, "Not a directory";
    EISDIR = 21, "Is a directory";
    EINVAL = 22, "Invalid argument";
    EMFILE = 24, "Too many open files";
    EMLINK = 31, "Too many links";
    ENOSPC = 28, "No space left on device";
    EROFS = 30, "Read-only file system";
    EPIPE = 32, "Broken pipe";
    ERANGE = 34, "Numerical result out of range";
    ENAMETOOLONG = 36, "File name too long";
    ENOSYS = 38, "Function not implemented";
    ELOOP = 40, "Too many levels of symbolic links";
    EXFULL = 54, "Exchange full";
    ENODATA = 61, "No data available";
    EPROTO = 71, "Protocol error";
    EDESTADDRREQ = 89, "Destination address required";
    EMSGSIZE = 90, "Message too long";
    EPROTONOSUPPORT = 93, "Protocol not supported";
    EOPNOTSUPP = 95, "Operation not supported";
    EAFNOSUPPORT = 97, "Address family not supported by protocol";
    EADDRINUSE = 98, "Address already in use";
    EADDRNOTAVAIL = 99, "Cannot assign requested address";
    ENETDOWN = 100, "Network is down";
    ENETUNREACH = 101, "Network is unreachable";
    ECONNABORTED = 103, "Software caused connection abort";
    ECONNRESET = 104, "Connection reset by peer";
    ENOBUFS = 105, "No buffer space available";
    EISCONN = 106, "Transport endpoint is already connected";
    ENOTCONN = 107, "Transport endpoint is not connected";
    ETIMEDOUT = 110, "Connection timed out";
    ECONNREFUSED = 111, "Connection refused";
    EHOSTDOWN = 112, "Host is down";
    EHOSTUNREACH = 113, "No route to host";
    EALREADY = 114, "Operation already in progress";
    EINPROGRESS = 115, "Operation now in progress";
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "errno {}", self.0),
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            "Unknown error" => write!(f, "Unknown error {}", self.0),
            text => f.write_str(text),
        }
    }
}

/// What to do where a process has as many files open as it may (`EMFILE`). The soft limit was raised before, as far as it
/// goes.
pub const TOO_FEW_FILES: &str = "this process may have no more files open: raise the hard limit as root with \
                                 'ulimit -Hn 65536', or for a container with '--ulimit nofile=65536'";

/// Why a stack did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StackError {
    /// The kernel's answer: an error number and, where Linux gives one, the text of the extended
    /// acknowledgement (`NLMSGERR_ATTR_MSG`).
    Refused {
        /// The error number.
        errno: Errno,
        /// The extended acknowledgement, without a final full stop unless the kernel wrote one.
        extack: Option<String>,
        /// Of a list of alterations ([`crate::change::Change::Ruleset`]) the one that was refused, counted from 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<usize>,
    },
    /// This stack does not model the thing asked for; the text names it.
    NotModelled(String),
    /// What is looked at is a moment of the past: nothing can be changed or sent there.
    Past,
    /// Whoever asked has used up what it may use.
    Exhausted(Exhausted),
}

impl StackError {
    /// A refusal with an extended acknowledgement.
    pub fn with_extack(errno: Errno, text: impl Into<String>) -> StackError {
        StackError::Refused { errno, extack: Some(text.into()), part: None }
    }

    /// A refusal of one of a list of alterations.
    pub fn in_list(part: usize, errno: Errno) -> StackError {
        StackError::Refused { errno, extack: None, part: Some(part) }
    }

    /// The answer to what is about an address family that this stack does not model.
    pub fn family_not_modelled(family: Family) -> StackError {
        StackError::NotModelled(family.protocol().to_owned())
    }

    /// The error number, where the stack answered with one.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            StackError::Refused { errno, .. } => Some(*errno),
            StackError::NotModelled(_) | StackError::Past | StackError::Exhausted(_) => None,
        }
    }
}

impl From<Exhausted> for StackError {
    fn from(limit: Exhausted) -> StackError {
        StackError::Exhausted(limit)
    }
}

impl From<Errno> for StackError {
    fn from(errno: Errno) -> StackError {
        StackError::Refused { errno, extack: None, part: None }
    }
}

impl fmt::Display for StackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StackError::Refused { extack: Some(text), .. } => f.write_str(text),
            StackError::Refused { errno, .. } => errno.fmt(f),
            StackError::NotModelled(what) => write!(f, "'{what}' is not modelled"),
            StackError::Past => f.write_str("this is the past, where nothing can be changed or sent"),
            StackError::Exhausted(limit) => limit.fmt(f),
        }
    }
}

impl std::error::Error for StackError {}
