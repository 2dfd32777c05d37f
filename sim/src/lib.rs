//! A Linux network stack as a pure, deterministic library.
//!
//! [`World`] holds namespaces, links, tables, packets under way and the clock. It has no clock, files,
//! threads or sockets of the machine: the same seed and the same calls give the same bytes everywhere, and
//! a clone of the world is a moment to come back to.
#![forbid(unsafe_code)]

mod arp;
mod budget;
mod by_index;
mod config;
mod conntrack;
mod device;
mod fdb;
mod fib;
#[cfg(test)]
mod fixture;
mod flow;
mod hook;
mod id;
mod ipv4;
mod link;
mod name_index;
mod namespaces;
mod nat;
mod neighbour;
mod netfilter;
mod netns;
mod packet;
mod peer_ids;
mod queue;
mod receive;
mod runtime;
mod socket;
mod stack;
mod sysctl;
mod tcp;
mod timer;
mod trace;
mod transmit;
mod weight;
mod world;

pub use world::World;
