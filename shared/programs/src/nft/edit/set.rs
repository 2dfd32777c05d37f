//! Sets, maps and their elements.

use super::{Command, MISSING};
use crate::Failure;
use crate::nft::data::{self, Known};
use crate::nft::parse::{self, Leads, Typed};
use std::collections::BTreeMap;
use vethlab_shared::error::Errno;
use vethlab_shared::netfilter::{MapType, RulesetChange, Set, SetElement, SetFlags, SetSpec};

/// What is said of what is not there, where it is found before anything is sent.
const ABSENT: &str = "No such file or directory";

impl Command<'_> {
    fn found_set(&self) -> Option<&Set> {
        self.found()?.set(&self.chain)
    }

    /// What a line about a set or a map asks for.
    pub(super) fn set(
        &mut self,
        is_map: bool,
        links: &BTreeMap<String, u32>,
    ) -> Result<Vec<RulesetChange>, Failure> {
        let (table, name) = (self.table.clone(), self.chain.clone());
        match self.verb.as_str() {
            "add" | "create" => {
                let set = self.declared(is_map, links)?;
                self.end()?;
                if self.found().is_none() {
                    return Err(self.no_table(ABSENT));
                }
                Ok(vec![RulesetChange::AddSet { how: self.how(), table, set }])
            }
            "delete" => {
                self.end()?;
                Ok(vec![RulesetChange::DeleteSet { table, name }])
            }
            "flush" => {
                self.end()?;
                if self.found().is_none() {
                    return Err(self.no_table(ABSENT));
                }
                if self.found_set().is_none_or(|set| set.data.is_some() != is_map) {
                    return Err(self.no_set(ABSENT));
                }
                Ok(vec![RulesetChange::DeleteElements { table, set: name, elements: None }])
            }
            _ => self.words.unknown(),
        }
    }

    /// What stands in braces behind a set's name.
    fn declared(&mut self, is_map: bool, links: &BTreeMap<String, u32>) -> Result<SetSpec, Failure> {
        let begin = self.words.here();
        if self.words.is_at_end() {
            let message = "syntax error, unexpected newline, expecting '{'";
            return Err(self.words.wrong(message, (begin, begin + 1)));
        }
        self.words.expect("{")?;
        let mut key: Option<&Known> = None;
        let mut data = None;
        let mut flags = SetFlags::empty();
        flags.set(SetFlags::MAP, is_map);
        let mut elements = Vec::new();
        while !self.words.take("}") {
            if self.words.take(";") {
            } else if self.words.take("type") {
                let name = self.words.word()?;
                // The colon may stand right behind.
                let (text, colon) = match name.text.strip_suffix(':') {
                    Some(text) => (text, true),
                    None => (name.text.as_str(), is_map && self.words.take(":")),
                };
                if colon != is_map {
                    return self.words.unknown();
                }
                key = Some(self.known(text, (name.span.0, name.span.0 + text.len()), begin)?);
                if is_map {
                    let name = self.words.word()?;
                    data = Some(match name.text.as_str() {
                        "verdict" => (MapType::Verdict, Leads::PerhapsToVerdicts),
                        text => {
                            let known = self.known(text, name.span, begin)?;
                            (MapType::Value(known.kind), Leads::PerhapsTo(known.form))
                        }
                    });
                }
                if !self.words.take(";") {
                    return self.words.unknown();
                }
            } else if self.words.take("flags") {
                loop {
                    flags |= match self.words.word()?.text.as_str() {
                        "interval" => SetFlags::INTERVAL,
                        "constant" => SetFlags::CONSTANT,
                        _ => return self.words.unknown(),
                    };
                    if !self.words.take(",") {
                        break;
                    }
                }
                if !self.words.take(";") {
                    return self.words.unknown();
                }
            } else if self.words.take("elements") {
                self.words.expect("=")?;
                self.words.expect("{")?;
                let Some(key) = key else { return self.words.unknown() };
                let leads = data.map_or(Leads::NowhereByName, |(_, leads)| leads);
                elements = self.elements(key, flags, leads, links)?;
                self.separated()?;
            } else {
                return self.words.unknown();
            }
        }
        let Some(key) = key else {
            let message = "set definition does not specify key";
            return Err(self.words.wrong(message, (begin, self.end_of_block())));
        };
        if flags.contains(SetFlags::INTERVAL) && !data::spans(key) {
            return self.words.unknown();
        }
        let content = elements.iter().map(|typed: &Typed| typed.element.clone()).collect();
        self.typed = elements;
        let (name, data) = (self.chain.clone(), data.map(|(data, _)| data));
        Ok(SetSpec { name, id: None, flags, key: key.kind, data, elements: content })
    }

    /// Where the last statement of a block ends.
    fn end_of_block(&self) -> usize {
        self.words.line.rfind(';').map_or(self.words.line.len(), |place| place + 1)
    }

    /// The type of this name.
    fn known(&self, name: &str, span: (usize, usize), begin: usize) -> Result<&'static Known, Failure> {
        if let Some(known) = data::named(name) {
            return Ok(known);
        }
        if data::is_other(name) {
            return self.words.unknown();
        }
        // Both are said; the second is about the whole block.
        let first = self.words.wrong(&format!("unknown datatype {name}"), span);
        let block = (begin, self.end_of_block());
        let second = self.words.wrong("set definition does not specify key", block);
        Err(match (first, second) {
            (Failure::Exit { message, status }, Failure::Exit { message: more, .. }) => {
                Failure::Exit { message: message + &more, status }
            }
            (first, _) => first,
        })
    }

    /// Elements behind `{`, as the set has them.
    fn elements(
        &mut self,
        key: &Known,
        flags: SetFlags,
        leads: Leads,
        links: &BTreeMap<String, u32>,
    ) -> Result<Vec<Typed>, Failure> {
        let place = parse::Place { ruleset: self.ruleset, table: &self.table };
        let spans = flags.contains(SetFlags::INTERVAL);
        let elements = parse::elements(&mut self.words, links, place, (key.form, leads), spans)?;
        if let Some((typed, several)) =
            elements.iter().find_map(|typed| Some((typed, typed.several?))).filter(|_| !spans)
        {
            let message = format!(
                "You must add 'flags interval' to your set declaration if you want to add {several} elements"
            );
            return Err(self.words.wrong(&message, typed.span));
        }
        Ok(elements)
    }

    /// What a line about elements asks for.
    pub(super) fn element(&mut self, links: &BTreeMap<String, u32>) -> Result<Vec<RulesetChange>, Failure> {
        let (table, name) = (self.table.clone(), self.chain.clone());
        if self.words.peek() != "{" {
            return self.words.unknown();
        }
        if self.found().is_none() {
            return Err(self.no_table(ABSENT));
        }
        let Some(set) = self.found_set().cloned() else { return Err(self.no_set(ABSENT)) };
        let Some(key) = data::of(set.key) else { return self.words.unknown() };
        self.words.expect("{")?;
        let deletes = self.verb == "delete";
        let leads = match set.data {
            None => Leads::NowhereByName,
            Some(MapType::Verdict) => Leads::PerhapsToVerdicts,
            Some(MapType::Value(kind)) => match data::of(kind) {
                Some(known) => Leads::PerhapsTo(known.form),
                None => return self.words.unknown(),
            },
        };
        let typed = self.elements(key, set.flags, leads, links)?;
        self.end()?;
        if set.flags.contains(SetFlags::INTERVAL) {
            self.check_spans(&set, &typed, deletes)?;
        }
        let elements = typed.iter().map(|typed| typed.element.clone()).collect();
        self.typed = typed;
        Ok(vec![match self.verb.as_str() {
            "add" | "create" => RulesetChange::AddElements { how: self.how(), table, set: name, elements },
            "delete" => RulesetChange::DeleteElements { table, set: name, elements: Some(elements) },
            _ => return self.words.unknown(),
        }])
    }

    /// Spans are held against those that are there before anything is sent (`set_overlap`, `set_delete`).
    fn check_spans(&self, set: &Set, typed: &[Typed], deletes: bool) -> Result<(), Failure> {
        for Typed { element, span, .. } in typed {
            let same = |known: &SetElement| (&known.first, &known.last) == (&element.first, &element.last);
            let overlaps = |known: &SetElement| element.first <= known.last && known.first <= element.last;
            let is_there = set.elements.iter().any(same);
            if deletes && !is_there {
                return Err(self.words.wrong("element does not exist", *span));
            }
            if !deletes && !is_there && set.elements.iter().any(overlaps) {
                return Err(self.words.wrong("interval overlaps with an existing one", *span));
            }
        }
        Ok(())
    }

    /// What is said of a set that is not there.
    fn no_set(&self, plain: &str) -> Failure {
        self.words.wrong(&parse::missing_set(self.ruleset, &self.chain, plain), self.chain_span)
    }

    /// What is said where the kernel refuses an alteration of a set; `None` where it is about something else.
    pub(super) fn set_refusal(&self, errno: Errno, change: &RulesetChange) -> Option<Failure> {
        let plain = format!("Could not process rule: {errno}");
        match (change, errno) {
            (RulesetChange::DeleteSet { .. }, Errno::ENOENT) => Some(match self.found() {
                None => self.no_table(&plain),
                Some(_) => self.no_set(MISSING),
            }),
            (RulesetChange::DeleteSet { .. }, _) => Some(self.words.wrong(&plain, self.chain_span)),
            (RulesetChange::AddSet { set, .. }, Errno::EEXIST) if !self.same_set(set) => {
                Some(self.words.wrong(&plain, self.chain_span))
            }
            _ => {
                let span = self.refused_element(errno, change)?;
                Some(self.words.wrong(&plain, span))
            }
        }
    }

    /// Whether a set like it may be made, as far as what is there is concerned.
    fn same_set(&self, set: &SetSpec) -> bool {
        let known = self.found().and_then(|table| table.set(&set.name));
        known.is_none_or(|known| {
            self.verb != "create" && (known.flags, known.key, known.data) == (set.flags, set.key, set.data)
        })
    }

    /// Where the element stands that is refused.
    fn refused_element(&self, errno: Errno, change: &RulesetChange) -> Option<(usize, usize)> {
        let table = self.found();
        let is_own = matches!(change, RulesetChange::AddRule { .. });
        let known = if is_own { None } else { self.found_set() };
        let there = |element: &SetElement| {
            let elements = known.map(|set| set.elements.as_slice()).unwrap_or_default();
            elements.iter().find(|known| known.first == element.first)
        };
        let chain_of =
            |element: &SetElement| element.target().map(|name| table.and_then(|table| table.chain(name)));
        let mut before: Vec<&SetElement> = Vec::new();
        for Typed { element, span, .. } in &self.typed {
            let refused = match errno {
                Errno::ENOENT if matches!(change, RulesetChange::DeleteElements { .. }) => {
                    there(element).is_none()
                }
                Errno::ENOENT => chain_of(element).is_some_and(|chain| chain.is_none()),
                Errno::EINVAL => element.data.is_none() && known.is_some_and(|set| set.data.is_some()),
                Errno::EOPNOTSUPP => chain_of(element).flatten().is_some_and(|chain| chain.base.is_some()),
                Errno::EEXIST => {
                    let twice = before.iter().find(|other| other.first == element.first).copied();
                    let other = there(element).or(twice);
                    other.is_some_and(|other| self.verb == "create" || other.data != element.data)
                }
                _ => false,
            };
            if refused {
                return Some(*span);
            }
            before.push(element);
        }
        None
    }
}
