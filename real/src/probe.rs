//! What this machine has of what the real stack needs. Everything that would alter the process is tried in a
//! child that does nothing else.
#![allow(unsafe_code)]

use crate::RealStack;
use crate::netns;
use crate::sandbox::{
    USER_NAMESPACE_SYSCTLS, forbidden, may_return, missing_capability, refused_user_namespace,
};
use crate::unavailable::{Requirement, Unavailable};
use nix::libc;
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use std::fs;
use std::path::Path;
use vethlab_shared::change::{Change, LinkSettings, NewLink, NewLinkKind};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;

/// What the child found.
enum Trial {
    /// All of it works.
    Works,
    /// The kernel refused the namespaces.
    NoNamespaces(Errno),
    /// The namespaces are there, but raw sockets are refused in them.
    NoRawSockets(Errno),
}

/// Exit statuses of the child from here on mean an errno of the raw socket; below, one of the namespaces.
const RAW: i32 = 128;

/// What the real stack needs, and what was found. Alters nothing.
pub fn probe() -> Vec<Requirement> {
    let mut requirements = vec![kernel(), proc()];
    if requirements.iter().all(|requirement| requirement.met) {
        requirements.push(writable_sysctls());
        let privileged = missing_capability().is_ok_and(|missing| missing.is_none()) && may_return();
        let flags = match privileged {
            true => CloneFlags::CLONE_NEWNET,
            false => CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS,
        };
        let trial = attempt(flags);
        requirements.push(namespaces(privileged, &trial));
        requirements.push(raw_sockets(&trial));
    }
    requirements
}

/// Whether the stack does what it is for: two namespaces with a cable between them. What is needed is asked for one by
/// one by [`probe`]; a limit may still be in the way of all of it together.
///
/// An ordinary user's process is in a user namespace of its own then.
pub fn try_stack() -> Requirement {
    const NAME: &str = "two namespaces with a cable";
    match RealStack::new().and_then(|mut stack| lay_cable(&mut stack)) {
        Ok(()) => requirement(NAME, "work", None),
        Err(problem) => requirement(NAME, "do not work", Some(problem)),
    }
}

fn lay_cable(stack: &mut RealStack) -> Result<(), Unavailable> {
    let name = NamespaceName::new("other").unwrap_or_default();
    let end = |namespace: Option<NamespaceName>| LinkSettings { namespace, ..LinkSettings::default() };
    let kind = NewLinkKind::Veth { peer: end(Some(name.clone())) };
    let changes = [
        ("making a second namespace", Change::AddNamespace(name)),
        ("making a veth pair", Change::AddLink(NewLink { end: end(None), kind })),
    ];
    changes.into_iter().try_for_each(|(call, change)| {
        let refused = |error: StackError| match error.errno() {
            Some(errno) => forbidden(call, errno),
            None => Unavailable::Broken { what: format!("{call} does not work ({error})") },
        };
        stack.apply(&NamespaceName::HOST, &change).map_err(refused)
    })
}

fn requirement(name: &'static str, found: impl Into<String>, problem: Option<Unavailable>) -> Requirement {
    let remedy = problem.map(|problem| problem.to_string());
    Requirement { name, met: remedy.is_none(), found: found.into(), remedy }
}

fn kernel() -> Requirement {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease");
    requirement("Linux", release.map_or("yes".to_owned(), |text| text.trim().to_owned()), None)
}

fn proc() -> Requirement {
    match Path::new(netns::OWN).exists() {
        true => requirement("/proc", "mounted", None),
        false => requirement("/proc", "not mounted", Some(Unavailable::NoProc(netns::OWN))),
    }
}

/// A container often has /proc/sys mounted for reading alone.
fn writable_sysctls() -> Requirement {
    const NAME: &str = "/proc/sys/net for writing";
    const PATH: &str = "/proc/sys/net";
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let innermost = mounts.lines().rev().find_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (place, options) = (fields.next()?, fields.nth(1)?);
        Path::new(PATH).starts_with(place).then_some(options)
    });
    match innermost {
        Some(options) if options.split(',').any(|option| option == "ro") => {
            let problem = Unavailable::ReadOnlySysctl { path: PATH.to_owned(), errno: Errno::EROFS };
            requirement(NAME, "mounted read-only", Some(problem))
        }
        _ => requirement(NAME, "writable", None),
    }
}

fn namespaces(privileged: bool, trial: &Trial) -> Requirement {
    const NAME: &str = "network namespaces";
    match trial {
        Trial::NoNamespaces(errno) if privileged => {
            let problem = forbidden("unshare(CLONE_NEWNET)", *errno);
            requirement(NAME, format!("refused: {errno}"), Some(problem))
        }
        Trial::NoNamespaces(errno) => {
            let problem = refused_user_namespace("unshare(CLONE_NEWUSER)", *errno);
            requirement(NAME, format!("refused: {errno}{}", settings()), Some(problem))
        }
        _ if privileged => requirement(NAME, "allowed, with the capabilities of root", None),
        _ => requirement(NAME, "allowed, in a user namespace of one's own", None),
    }
}

/// The sysctls that have a say, with their values.
fn settings() -> String {
    let values = USER_NAMESPACE_SYSCTLS.iter().filter_map(|(name, path, ..)| {
        let value = fs::read_to_string(path).ok()?;
        Some(format!("; {name} is {}", value.trim()))
    });
    values.collect()
}

fn raw_sockets(trial: &Trial) -> Requirement {
    const NAME: &str = "raw sockets";
    match trial {
        Trial::Works => requirement(NAME, "allowed", None),
        Trial::NoNamespaces(_) => requirement(NAME, "not tried: they need the namespaces", None),
        Trial::NoRawSockets(errno) => {
            requirement(NAME, format!("refused: {errno}"), Some(Unavailable::NoRawSockets(*errno)))
        }
    }
}

/// Tries it all in a child process.
fn attempt(flags: CloneFlags) -> Trial {
    // SAFETY: the child makes system calls and ends; it neither allocates nor takes locks, so it does not
    // matter what other threads of this process were doing.
    match unsafe { fork() } {
        Ok(ForkResult::Child) => {
            let status = match unshare(flags) {
                Err(errno) => errno as i32,
                Ok(()) => {
                    match socket(AddressFamily::Inet, SockType::Raw, SockFlag::empty(), SockProtocol::Icmp) {
                        Err(errno) => RAW + errno as i32,
                        Ok(_) => 0,
                    }
                }
            };
            // SAFETY: ends the child at once, without the exit handlers that belong to the parent.
            unsafe { libc::_exit(status) }
        }
        Ok(ForkResult::Parent { child }) => match waitpid(child, None) {
            Ok(WaitStatus::Exited(_, 0)) => Trial::Works,
            Ok(WaitStatus::Exited(_, status)) if status > RAW => Trial::NoRawSockets(Errno(status - RAW)),
            Ok(WaitStatus::Exited(_, status)) => Trial::NoNamespaces(Errno(status)),
            _ => Trial::NoNamespaces(Errno::EPERM),
        },
        Err(errno) => Trial::NoNamespaces(Errno(errno as i32)),
    }
}
