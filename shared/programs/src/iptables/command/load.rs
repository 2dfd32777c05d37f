//! Matches, loaded by name or because of a protocol.

use super::{Loaded, NAME_LIMIT, Options, Parser};
use crate::iptables::extension::Source;
use crate::iptables::matches::{self, MatchKind};
use crate::iptables::problem::{Outcome, not_modelled, wrong};
use crate::iptables::{names, number};

impl Parser {
    /// `-m` (`command_match`).
    pub(super) fn load_match(&mut self, name: &str) -> Outcome<()> {
        if self.invert {
            return wrong("unexpected ! flag before --match");
        }
        if name.len() >= NAME_LIMIT {
            return wrong(format!("Invalid match name \"{name}\" ({} chars max)", NAME_LIMIT - 1));
        }
        match matches::find(name) {
            Some(kind) => {
                self.add_match(kind);
                Ok(())
            }
            None if matches::is_other(name) => not_modelled(format!("iptables -m {name}")),
            None => wrong(format!("Couldn't load match `{name}':No such file or directory\n")),
        }
    }

    pub(super) fn add_match(&mut self, kind: &'static MatchKind) {
        let same = self.loaded.iter_mut().filter(|loaded| loaded.kind.name == kind.name);
        same.for_each(|loaded| loaded.completed = true);
        self.loaded.push(Loaded { kind, condition: (kind.start)(), used: 0, completed: false });
        self.words.load(Source::Match(kind));
    }

    /// Loads the match of the protocol, whose options need no `-m` (`load_proto`); whether there was one to load.
    pub(super) fn load_protocol(&mut self) -> bool {
        let Some(protocol) = self.protocol.as_deref().filter(|_| !self.protocol_loaded) else { return false };
        let name = match number::whole(protocol, 0..=255) {
            Some(number) => {
                let own_only = self.line.options.contains(Options::NUMERIC);
                names::protocol(number as u8, own_only).unwrap_or_default()
            }
            None => protocol,
        };
        let Some(kind) = matches::find(name) else { return false };
        self.protocol_loaded = true;
        self.add_match(kind);
        true
    }
}
