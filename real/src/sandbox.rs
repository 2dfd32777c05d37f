//! The private place that the real stack lives in.

use crate::unavailable::Unavailable;
use crate::{netns, settings};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{getegid, geteuid};
use std::fs;
use std::os::fd::OwnedFd;
use std::path::Path;
use vethlab_shared::error::Errno;

/// The capabilities that the real stack uses, by their number in `linux/capability.h`.
const CAPABILITIES: [(u32, &str); 3] = [(12, "CAP_NET_ADMIN"), (13, "CAP_NET_RAW"), (21, "CAP_SYS_ADMIN")];

/// The sysctls that can keep an ordinary user from making a user namespace: the value that does, and the one
/// that does not.
pub(crate) const USER_NAMESPACE_SYSCTLS: [(&str, &str, &str, &str); 3] = [
    ("user.max_user_namespaces", "/proc/sys/user/max_user_namespaces", "0", "15000"),
    ("kernel.unprivileged_userns_clone", "/proc/sys/kernel/unprivileged_userns_clone", "0", "1"),
    (
        "kernel.apparmor_restrict_unprivileged_userns",
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "0",
    ),
];

/// Moves this process into a user namespace of its own, in which it may make network namespaces. Does nothing
/// where it may already: as root, or after the first call.
///
/// Only a process with one thread can do it, so a program that starts threads calls this before them.
///
/// # Errors
/// Several threads run already, or the machine does not allow it.
pub fn enter_user_namespace() -> Result<(), Unavailable> {
    if !Path::new(netns::OWN).exists() {
        return Err(Unavailable::NoProc(netns::OWN));
    }
    if missing_capability()?.is_none() && may_return() {
        return Ok(());
    }
    let threads = status_field("Threads:")?.parse().unwrap_or(1);
    if threads != 1 {
        return Err(Unavailable::SeveralThreads(threads));
    }
    let (user, group) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS)
        .map_err(|errno| refused_user_namespace("unshare(CLONE_NEWUSER)", Errno(errno as i32)))?;
    for (file, content) in [
        ("/proc/self/setgroups", "deny".to_owned()),
        ("/proc/self/uid_map", format!("0 {user} 1")),
        ("/proc/self/gid_map", format!("0 {group} 1")),
    ] {
        fs::write(file, content).map_err(|error| {
            let errno = Errno(error.raw_os_error().unwrap_or(Errno::EIO.0));
            refused_user_namespace("writing the user namespace's map of users", errno)
        })?;
    }
    Ok(())
}

/// Lets this process have as many descriptors open as it may allow itself: every namespace takes two, three where
/// somebody observes, and the usual limit is 1024.
pub(crate) fn raise_limit_of_descriptors() {
    // Where it can't be raised, the namespace that has no room is refused (`EMFILE`).
    let _ = getrlimit(Resource::RLIMIT_NOFILE)
        .and_then(|(_, hard)| setrlimit(Resource::RLIMIT_NOFILE, hard, hard));
}

/// The first capability that this thread lacks.
pub(crate) fn missing_capability() -> Result<Option<&'static str>, Unavailable> {
    let text = status_field("CapEff:")?;
    let effective = u64::from_str_radix(&text, 16)
        .map_err(|_| Unavailable::Broken { what: format!("/proc says CapEff: {text}") })?;
    Ok(CAPABILITIES.iter().find(|(bit, _)| effective >> bit & 1 == 0).map(|(_, name)| *name))
}

/// Whether this thread could come back to its network namespace if it left it. With capabilities in a user
/// namespace that does not own the network namespace, it could not.
pub(crate) fn may_return() -> bool {
    netns::current().and_then(|own| setns(own, CloneFlags::CLONE_NEWNET)).is_ok()
}

/// Why a user namespace was refused: a setting that says so, or else the bare errno.
pub(crate) fn refused_user_namespace(call: &'static str, errno: Errno) -> Unavailable {
    for (sysctl, path, bad, needed) in USER_NAMESPACE_SYSCTLS {
        match fs::read_to_string(path) {
            Ok(text) if text.trim() == bad => {
                return Unavailable::UserNamespacesOff { sysctl, found: bad.to_owned(), needed };
            }
            // Absent: this kernel has no such restriction.
            _ => {}
        }
    }
    forbidden(call, errno)
}

/// Why a system call that enters or makes namespaces was refused: where a seccomp filter is on (`SECCOMP_MODE_FILTER`,
/// `Seccomp` in `/proc/PID/status`) and the answer is the one that such filters give, it is taken to be the filter.
pub(crate) fn forbidden(call: &'static str, errno: Errno) -> Unavailable {
    const FILTER: &str = "2";
    let filtered = status_field("Seccomp:").is_ok_and(|mode| mode == FILTER);
    match errno {
        Errno::EPERM | Errno::ENOSYS if filtered => Unavailable::Filtered { call, errno },
        _ => Unavailable::Forbidden { call, errno },
    }
}

fn status_field(name: &str) -> Result<String, Unavailable> {
    let file = "/proc/thread-self/status";
    let status = fs::read_to_string(file).map_err(|_| Unavailable::NoProc(file))?;
    let value = status.lines().find_map(|line| line.strip_prefix(name));
    value
        .map(|value| value.trim().to_owned())
        .ok_or_else(|| Unavailable::Broken { what: format!("{file} has no line {name}") })
}

/// Makes a network namespace with the settings that each one starts with: see [`settings`].
pub(crate) fn network_namespace() -> Result<OwnedFd, Unavailable> {
    let namespace =
        netns::create().map_err(|errno| forbidden("unshare(CLONE_NEWNET)", Errno(errno as i32)))?;
    netns::in_namespace(&namespace, settings::prepare)
        .map_err(|errno| forbidden("setns(CLONE_NEWNET)", Errno(errno as i32)))??;
    Ok(namespace)
}
