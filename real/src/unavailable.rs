//! Why the real stack can't run here, and what to do about it.

use std::fmt;
use vethlab_shared::error::{Errno, TOO_FEW_FILES};

/// Why there is no real stack on this machine. Its text is one line: what is missing, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// Another operating system.
    NotLinux,
    /// `/proc` is not mounted, or not in full; this file is missing.
    NoProc(&'static str),
    /// A setting of the machine keeps ordinary users from making user namespaces.
    UserNamespacesOff {
        /// The sysctl.
        sysctl: &'static str,
        /// The value that it has.
        found: String,
        /// The value that it would need.
        needed: &'static str,
    },
    /// The kernel refused to make namespaces, and no setting says why: a container's seccomp filter, or a
    /// kernel without them.
    Forbidden {
        /// The system call, with what it was to do.
        call: &'static str,
        /// What the kernel answered.
        errno: Errno,
    },
    /// A seccomp filter is on, as Docker's default profile is, and a system call that it may refuse was refused.
    Filtered {
        /// The system call, with what it was to do.
        call: &'static str,
        /// What was answered.
        errno: Errno,
    },
    /// The process has several threads: too late for a user namespace.
    SeveralThreads(usize),
    /// Namespaces work, but raw sockets in them do not: no `CAP_NET_RAW`.
    NoRawSockets(Errno),
    /// A sysctl of the new namespace cannot be written.
    ReadOnlySysctl {
        /// Its file.
        path: String,
        /// What the kernel answered.
        errno: Errno,
    },
    /// A step that is not known to fail did.
    Broken {
        /// What was tried.
        what: String,
    },
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Unavailable::*;
        match self {
            NotLinux => f.write_str(
                "the real stack is the Linux kernel, and this is another system: use the simulator, or Linux",
            ),
            NoProc(file) => {
                write!(f, "{file} is missing: mount proc with 'mount -t proc proc /proc'")
            }
            UserNamespacesOff { sysctl, found, needed } => write!(
                f,
                "user namespaces are off for ordinary users ({sysctl} is {found}): \
                 run as root, or set it with 'sudo sysctl -w {sysctl}={needed}'"
            ),
            Forbidden { call, errno: Errno::ENOSPC } => write!(
                f,
                "{call} was refused: there are as many namespaces as the machine allows; raise \
                 user.max_user_namespaces, user.max_net_namespaces and user.max_mnt_namespaces with \
                 'sudo sysctl -w', or end what holds them"
            ),
            Forbidden { call: what, errno: Errno::EMFILE } => {
                write!(f, "{what} was refused: {TOO_FEW_FILES}")
            }
            NoRawSockets(Errno::EMFILE) => write!(f, "a raw socket was refused: {TOO_FEW_FILES}"),
            ReadOnlySysctl { path, errno: Errno::EMFILE } => {
                write!(f, "{path} cannot be written: {TOO_FEW_FILES}")
            }
            Forbidden { call, errno } => write!(
                f,
                "{call} was refused ({errno}), as a container or a chroot does: run as root outside, or give the container \
                 CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_RAW"
            ),
            Filtered { call, errno } => write!(
                f,
                "{call} was refused ({errno}), and this process is under a seccomp filter, such as Docker's \
                 default profile: start the container with '--security-opt seccomp=unconfined', or run outside"
            ),
            SeveralThreads(count) => write!(
                f,
                "this process has {count} threads, and only one with a single thread can enter a user \
                 namespace: enter it before starting threads, or run as root"
            ),
            NoRawSockets(errno) => write!(
                f,
                "raw sockets are refused ({errno}): CAP_NET_RAW is missing; run as root with it, \
                 or give it to the container"
            ),
            ReadOnlySysctl { path, errno } => write!(
                f,
                "{path} cannot be written ({errno}): start the container with '--security-opt \
                 systempaths=unconfined' (Docker) or '--security-opt unmask=ALL' (Podman), or run outside"
            ),
            Broken { what } => write!(f, "{what}: 'vethlab doctor' lists what the real stack needs"),
        }
    }
}

impl std::error::Error for Unavailable {}

/// One thing that the real stack needs, and what this machine has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// What is needed.
    pub name: &'static str,
    /// Whether it is there.
    pub met: bool,
    /// What was found.
    pub found: String,
    /// What to do where it is not there.
    pub remedy: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_one_line_that_says_what_to_do() {
        let sysctl = "kernel.unprivileged_userns_clone";
        let reasons = [
            (Unavailable::NotLinux, "use the simulator"),
            (Unavailable::NoProc("/proc/self"), "mount proc"),
            (Unavailable::UserNamespacesOff { sysctl, found: "0".into(), needed: "1" }, "sysctl -w"),
            (Unavailable::Forbidden { call: "unshare(CLONE_NEWUSER)", errno: Errno::EPERM }, "run as root"),
            (
                Unavailable::Forbidden { call: "unshare(CLONE_NEWNET)", errno: Errno::ENOSPC },
                "raise user.max",
            ),
            (Unavailable::Forbidden { call: "socket", errno: Errno::EMFILE }, "'ulimit -Hn 65536'"),
            (Unavailable::NoRawSockets(Errno::EMFILE), "'ulimit -Hn 65536'"),
            (
                Unavailable::ReadOnlySysctl { path: "/proc/sys".into(), errno: Errno::EMFILE },
                "'ulimit -Hn 65536'",
            ),
            (Unavailable::SeveralThreads(3), "before starting threads"),
            (Unavailable::NoRawSockets(Errno::EPERM), "CAP_NET_RAW"),
            (
                Unavailable::ReadOnlySysctl { path: "/proc/sys/net".into(), errno: Errno::EROFS },
                "systempaths=unconfined",
            ),
            (
                Unavailable::Filtered { call: "unshare(CLONE_NEWUSER)", errno: Errno::EPERM },
                "seccomp=unconfined",
            ),
            (Unavailable::Broken { what: "netlink does not work".into() }, "vethlab doctor"),
        ];
        for (reason, advice) in reasons {
            let text = reason.to_string();
            assert!(text.contains(advice), "{text}");
            assert_eq!(text.lines().count(), 1, "{text}");
            assert!(!text.contains("  "), "{text}");
        }
    }
}
