//! `ip route`: showing and altering routes, and asking which way a packet would take (`ip/iproute.c`).

mod get;
mod modify;
mod render;
mod show;

use super::Command;
use super::choices::{self, Choice, Choices, Deed};
use super::{Preferred, refused};
use crate::{Failure, Status};
pub(super) use get::keywords as get_keywords;
use modify::Verb;
use vethlab_shared::change::Modify;

/// What can be done with it.
#[derive(Clone, Copy)]
pub(super) enum Action {
    Modify(Verb),
    Show,
    Get,
    Flush,
}

/// The words that completion offers where routes are shown, or where one is altered.
pub(super) fn keywords(shows: bool) -> Vec<&'static str> {
    if shows { show::keywords() } else { modify::keywords() }
}

/// `do_iproute`.
pub(super) const ACTIONS: Choices<Action> = Choices {
    page: &super::pages::ROUTE,
    object: "route",
    words: &[
        Choice::new("add", Action::Modify(Verb::Add(Modify::ADD))),
        Choice::also("change", Action::Modify(Verb::Add(Modify::REPLACE))),
        Choice::exactly("chg", Action::Modify(Verb::Add(Modify::REPLACE))),
        Choice::new("replace", Action::Modify(Verb::Add(Modify::CREATE.union(Modify::REPLACE)))),
        Choice::also("prepend", Action::Modify(Verb::Add(Modify::CREATE))),
        Choice::also("append", Action::Modify(Verb::Add(Modify::CREATE.union(Modify::APPEND)))),
        Choice::also("test", Action::Modify(Verb::Add(Modify::EXCLUSIVE))),
        Choice::new("delete", Action::Modify(Verb::Delete)),
        Choice::also("list", Action::Show),
        Choice::new("show", Action::Show),
        Choice::also("lst", Action::Show),
        Choice::new("get", Action::Get),
        Choice::also("flush", Action::Flush),
        Choice::not_modelled("save"),
        Choice::not_modelled("restore"),
        Choice::not_modelled("showdump"),
        Choice::not_modelled("help"),
    ],
};

impl choices::Action for Action {
    fn deed(self) -> Deed {
        match self {
            Action::Show => Deed::Show,
            Action::Get => Deed::Tell,
            _ => Deed::Other,
        }
    }
}

/// Runs `ip route`.
pub(super) fn run(mut command: Command<'_, '_>) -> Result<Status, Failure> {
    if command.options.family == Preferred::Link {
        return Err(Failure::NotModelled("ip -0 route".to_owned()));
    }
    let Some(word) = command.words.next() else { return show::show(command) };
    let (full, action) = ACTIONS.choose(word)?;
    match action {
        Action::Modify(verb) => modify::modify(verb, &format!("ip route {full}"), command),
        Action::Show => show::show(command),
        Action::Get => get::get(command),
        Action::Flush => show::flush_routes(command),
    }
}
