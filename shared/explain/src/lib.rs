//! What happened, told: the events and frames of a session made into something that a person can read.
//!
//! The [`journal`] keeps the commands with the events that they led to. From it come the reason why traffic did not
//! arrive ([`why`]), frames taken apart field by field ([`dissect`]), captures for Wireshark ([`capture`]) and the
//! network as a picture ([`map`]). Nothing here is typed or printed: that is for the programs, which stand above.
#![forbid(unsafe_code)]

pub mod capture;
pub mod dissect;
pub mod journal;
pub mod map;
pub mod why;
