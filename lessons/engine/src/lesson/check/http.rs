//! `http = "10.0.0.2:8080/"`: a page is asked for.

use super::fact::yes;
use super::finding::{Answer, Miss};
use super::table::Wrong;
use super::traffic::{ANSWER, Sender};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use vethlab_programs::reach::Reached;
use vethlab_programs::reach::page::{self, Fetched, PageAddress};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::text::printable_line;

/// The status of an answer that says: all is well (RFC 9110).
const OK: u16 = 200;

/// How many characters of a page are shown.
const SHOWN: usize = 60;

/// `http = "10.0.0.2:8080/"`: the page comes, or the connection is not made.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HttpFact {
    #[serde(deserialize_with = "an_address")]
    pub(super) http: PageAddress,
    pub(super) status: Option<u16>,
    pub(super) contains: Option<String>,
    #[serde(default = "yes")]
    pub(super) succeed: bool,
    #[serde(default)]
    pub(super) refused: bool,
    #[serde(default)]
    pub(super) no_answer: bool,
}

fn an_address<'de, D: Deserializer<'de>>(value: D) -> Result<PageAddress, D::Error> {
    let text = String::deserialize(value)?;
    PageAddress::parse(&text).map_err(|problem| {
        D::Error::custom(format!("'{text}' cannot be asked for ({problem}): write it as '10.0.0.2:8080/'"))
    })
}

impl HttpFact {
    /// Whether its keys go together.
    pub(super) fn sensible(&self) -> Result<(), Wrong> {
        let fails = self.refused || self.no_answer || !self.succeed;
        let ways = [self.refused, self.no_answer, !self.succeed].into_iter().filter(|way| *way).count();
        if ways > 1 {
            let problem =
                "'refused', 'no_answer' and 'succeed = false' each say how it fails: keep one of them";
            return Err(Wrong::key("http", problem));
        }
        if fails && (self.status.is_some() || self.contains.is_some()) {
            let problem = "'status' and 'contains' are about a page that comes: leave them out";
            return Err(Wrong::key(if self.status.is_some() { "status" } else { "contains" }, problem));
        }
        if self.status.is_some_and(|status| !(100..600).contains(&status)) {
            return Err(Wrong::key(
                "status",
                "a status of HTTP is a number from 100 to 599, such as 200 or 404",
            ));
        }
        match &self.contains {
            Some(text) if text.trim().is_empty() => {
                Err(Wrong::key("contains", "'contains' is empty, and every page contains that: write a text"))
            }
            _ => Ok(()),
        }
    }

    /// What should be so, in words.
    pub(super) fn words(&self, namespace: &NamespaceName) -> String {
        let what = format!("{} asked for from {namespace}", self.http);
        if self.refused {
            return format!("{what}: the connection is refused");
        }
        if self.no_answer {
            return format!("{what}: no answer");
        }
        if !self.succeed {
            return format!("{what}: no page comes");
        }
        let contains = self.contains.as_ref().map(|text| format!(" that contains '{text}'"));
        format!("{what}: a page with status {}{}", self.wanted(), contains.unwrap_or_default())
    }

    fn wanted(&self) -> u16 {
        self.status.unwrap_or(OK)
    }
}

impl Sender<'_> {
    /// A page, with a second for the connection and one for the page.
    pub(super) fn http(&mut self, fact: &HttpFact) -> Answer {
        let (fetched, events) =
            self.watched(|stack, namespace| page::fetch(stack, namespace, &fact.http, ANSWER))?;
        let found = match &fetched {
            Fetched::Page { status, body } => match &fact.contains {
                Some(text) if *status == fact.wanted() && !body.contains(text) => {
                    format!("the page does not contain that; {}", beginning(body))
                }
                _ => format!("a page comes, with status {status}"),
            },
            Fetched::Unreached(Reached::Refused(errno)) => format!("the connection is refused: {errno}"),
            Fetched::Unreached(_) => "no answer came".to_owned(),
            Fetched::NoPage(why) => format!("somebody takes the connection, but no page comes: {why}"),
        };
        let comes = matches!(fetched, Fetched::Page { .. });
        let met = match &fetched {
            _ if !fact.succeed => !comes,
            Fetched::Page { status, body } => {
                let fails = fact.refused || fact.no_answer;
                let contains = fact.contains.as_ref().is_none_or(|text| body.contains(text));
                !fails && *status == fact.wanted() && contains
            }
            Fetched::Unreached(Reached::Refused(_)) => fact.refused,
            Fetched::Unreached(_) => fact.no_answer,
            Fetched::NoPage(_) => false,
        };
        Ok(match met {
            true => None,
            false if comes => Some(Miss::found(found)),
            false => Some(Miss { diagnosis: self.explain(&events)?, ..Miss::found(found) }),
        })
    }
}

/// How a page begins, in words.
fn beginning(body: &str) -> String {
    let line = body.lines().map(str::trim).find(|line| !line.is_empty());
    match line {
        None => "it is empty".to_owned(),
        Some(line) => {
            let shown: String = printable_line(line).chars().take(SHOWN).collect();
            format!("it begins with '{shown}'")
        }
    }
}
