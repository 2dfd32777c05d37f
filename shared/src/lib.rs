//! The line between programs and network stacks, and the words that both sides use.
//!
//! Linux draws one line between programs and the kernel: the system calls. [`stack::NetworkStack`] is that
//! line here. Below it stands either the simulator or the running kernel; above it stand the programs
//! (`ip`, `ping`, `ifconfig`, …), written once, which cannot tell the two apart.
#![forbid(unsafe_code)]

pub mod budget;
pub mod change;
pub mod error;
pub mod event;
pub mod family;
pub mod ipv4_only;
pub mod mac;
pub mod name;
pub mod netfilter;
mod pass_on;
pub mod prefix;
pub mod socket;
pub mod stack;
pub mod status;
pub mod text;
pub mod time;
pub mod view;
pub mod wire;
pub mod words;
