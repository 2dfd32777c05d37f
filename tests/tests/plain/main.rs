//! The tests that need no kernel, no other program and no privileges.

mod answers;
mod architecture;
mod background;
mod bounds;
mod determinism;
mod dialogue;
mod dissect;
mod event_json;
mod events;
mod fuzz;
mod hand_out;
mod history;
mod hostile;
mod live_map;
mod looks;
mod map;
mod packets;
mod pages;
mod readme;
mod security;
mod silence;
mod slips;
mod unobserved;
mod verdict;
mod why_text;
mod written_form;
