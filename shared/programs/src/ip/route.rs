//! `ip route`: showing and altering routes, and asking which way a packet would take (`ip/iproute.c`).

mod get;
mod modify;
mod render;
mod show;

use super::Command;
use super::args::{Deed, How, Keywords, keyword, no_help, not_modelled, unknown_command};
use super::{Family, refused};
use crate::{Failure, Status};
use modify::Verb;
use vethlab_shared::change::Modify;

#[derive(Clone, Copy)]
enum Action {
    Modify(Verb),
    Show,
    Get,
    Flush,
    NotModelled,
}

/// `do_iproute`.
const ACTIONS: &Keywords<Action> = &[
    (How::Prefix, "add", Action::Modify(Verb::Add(Modify::ADD))),
    (How::Prefix, "change", Action::Modify(Verb::Add(Modify::REPLACE))),
    (How::Exact, "chg", Action::Modify(Verb::Add(Modify::REPLACE))),
    (How::Prefix, "replace", Action::Modify(Verb::Add(Modify::CREATE.union(Modify::REPLACE)))),
    (How::Prefix, "prepend", Action::Modify(Verb::Add(Modify::CREATE))),
    (How::Prefix, "append", Action::Modify(Verb::Add(Modify::CREATE.union(Modify::APPEND)))),
    (How::Prefix, "test", Action::Modify(Verb::Add(Modify::EXCLUSIVE))),
    (How::Prefix, "delete", Action::Modify(Verb::Delete)),
    (How::Prefix, "list", Action::Show),
    (How::Prefix, "show", Action::Show),
    (How::Prefix, "lst", Action::Show),
    (How::Prefix, "get", Action::Get),
    (How::Prefix, "flush", Action::Flush),
    (How::Prefix, "save", Action::NotModelled),
    (How::Prefix, "restore", Action::NotModelled),
    (How::Prefix, "showdump", Action::NotModelled),
    (How::Prefix, "help", Action::NotModelled),
];

/// What a word behind `ip route` does, and in full.
pub(super) fn verb(word: &str) -> Option<(&'static str, Deed)> {
    let (full, action) = keyword(ACTIONS, word)?;
    let deed = match action {
        Action::Show => Deed::Show,
        Action::Get => Deed::Tell,
        _ => Deed::Other,
    };
    Some((full, deed))
}

/// Runs `ip route`.
pub(super) fn run(mut command: Command<'_, '_>) -> Result<Status, Failure> {
    if command.options.family == Family::Link {
        return Err(Failure::NotModelled("ip -0 route".to_owned()));
    }
    let Some(word) = command.words.next() else { return show::show(command) };
    let Some((full, action)) = keyword(ACTIONS, word) else { return Err(unknown_command("route", word)) };
    match action {
        Action::Modify(verb) => modify::modify(verb, &format!("ip route {full}"), command),
        Action::Show => show::show(command),
        Action::Get => get::get(command),
        Action::Flush => show::flush_routes(command),
        Action::NotModelled if full == "help" => {
            Err(no_help("ip route", ACTIONS, |action| !matches!(action, Action::NotModelled)))
        }
        Action::NotModelled => Err(not_modelled("ip route", full)),
    }
}
