//! The running kernel behind the same trait as the simulator.
//!
//! [`RealStack`] makes network namespaces of its own, held by descriptors alone: nothing is mounted or named,
//! so the kernel removes all of it when the process ends, however it ends. The machine's own network is
//! neither shown nor touched.
//!
//! Without privileges the process first moves into a user namespace of its own, which only a process with one
//! thread can do: a program that starts threads calls [`enter_user_namespace`] before them.
//!
//! Where the machine can't do it, [`RealStack::new`] answers with [`Unavailable`], whose text is one line that
//! says what is missing and what to do; [`probe`] lists what is needed and what was found, and
//! [`probe_drop_reasons`] says whether it can be seen why packets are dropped. [`try_stack`] tries all of it together.

mod unavailable;

pub use unavailable::{Requirement, Unavailable};

#[cfg(target_os = "linux")]
mod address;
mod bridge;
#[cfg(target_os = "linux")]
mod carrier;
#[cfg(target_os = "linux")]
mod diag;
#[cfg(target_os = "linux")]
mod drops;
#[cfg(target_os = "linux")]
mod error;
#[cfg(target_os = "linux")]
mod link;
#[cfg(target_os = "linux")]
mod namespace;
#[cfg(target_os = "linux")]
mod namespace_exit;
#[cfg(target_os = "linux")]
mod namespaces;
#[cfg(target_os = "linux")]
mod neighbour;
#[cfg(target_os = "linux")]
mod netfilter;
#[cfg(target_os = "linux")]
mod netlink;
#[cfg(target_os = "linux")]
mod netns;
#[cfg(target_os = "linux")]
mod observation;
#[cfg(target_os = "linux")]
mod packet;
#[cfg(target_os = "linux")]
mod probe;
#[cfg(target_os = "linux")]
mod route;
#[cfg(target_os = "linux")]
mod sandbox;
#[cfg(target_os = "linux")]
mod settings;
#[cfg(target_os = "linux")]
mod socket;
#[cfg(target_os = "linux")]
mod stack;
#[cfg(target_os = "linux")]
mod sysctl;
#[cfg(target_os = "linux")]
mod tap;
#[cfg(target_os = "linux")]
mod tcp;

#[cfg(target_os = "linux")]
pub use {
    drops::probe as probe_drop_reasons, netfilter::apply as apply_ruleset_here,
    netfilter::read as ruleset_here, probe::probe, probe::try_stack, sandbox::enter_user_namespace,
    stack::RealStack,
};

#[cfg(not(target_os = "linux"))]
mod unsupported;
#[cfg(not(target_os = "linux"))]
pub use unsupported::{RealStack, enter_user_namespace, probe, probe_drop_reasons, try_stack};
