//! `ip route get`: which way a packet would take (`iproute_get`).

use super::super::args::{FAILED, How, Keywords, Words, invalid, keyword, matches, not_modelled};
use super::super::inet::{self, GivenPrefix};
use super::super::links::Links;
use super::super::names;
use super::super::printer::Printer;
use super::{Command, Preferred, refused, render};
use crate::{Context, Failure, Status};
use vethlab_shared::view::RouteQuery;

const NAME: &str = "ip route get";

#[derive(Clone, Copy)]
enum Keyword {
    Tos,
    From,
    Input,
    Output,
    NotModelled,
}

const KEYWORDS: &Keywords<Keyword> = &[
    (How::Exact, "tos", Keyword::Tos),
    (How::Prefix, "dsfield", Keyword::Tos),
    (How::Prefix, "from", Keyword::From),
    (How::Prefix, "iif", Keyword::Input),
    (How::Prefix, "mark", Keyword::NotModelled),
    (How::Prefix, "oif", Keyword::Output),
    (How::Exact, "dev", Keyword::Output),
    (How::Prefix, "notify", Keyword::NotModelled),
    (How::Prefix, "connected", Keyword::NotModelled),
    (How::Prefix, "vrf", Keyword::NotModelled),
    (How::Prefix, "uid", Keyword::NotModelled),
    (How::Prefix, "fibmatch", Keyword::NotModelled),
    (How::Exact, "as", Keyword::NotModelled),
    (How::Prefix, "sport", Keyword::NotModelled),
    (How::Prefix, "dport", Keyword::NotModelled),
    (How::Prefix, "ipproto", Keyword::NotModelled),
];

/// The words that completion offers.
pub(in crate::ip) fn keywords() -> Vec<&'static str> {
    super::super::args::modelled(KEYWORDS, |keyword| !matches!(keyword, Keyword::NotModelled))
}

/// What the words say.
#[derive(Debug, Default, PartialEq)]
struct Request {
    family: Preferred,
    destination: Option<GivenPrefix>,
    source: Option<GivenPrefix>,
    input: Option<String>,
    output: Option<String>,
    tos: u8,
}

/// Runs `ip route get`.
pub(super) fn get(command: Command<'_, '_>) -> Result<Status, Failure> {
    let Command { options, mut words, context } = command;
    if options.statistics > 0 {
        return Err(not_modelled("ip -statistics", "route get"));
    }
    let request = Request::parse(options.family, &mut words, context)?;
    let links = Links::read(context)?;
    let query = request.query(&links)?;
    let answer = context.stack.lookup_route(&context.namespace, &query).map_err(refused)?;
    let mut printer = Printer::new(&options);
    render::lookup(&answer, &links, &mut printer);
    context.console.out(&printer.finish());
    Ok(0)
}

impl Request {
    fn parse(
        family: Preferred,
        words: &mut Words<'_>,
        context: &mut Context<'_>,
    ) -> Result<Request, Failure> {
        let mut request = Request { family, ..Request::default() };
        while let Some(word) = words.next() {
            let Some((full, keyword)) = keyword(KEYWORDS, word) else {
                request.take_destination(word, words, context)?;
                continue;
            };
            if matches!(keyword, Keyword::NotModelled) {
                return Err(not_modelled(NAME, full));
            }
            let word = words.value()?;
            match keyword {
                Keyword::Tos => {
                    let tos = names::tos(word).ok_or_else(|| invalid("TOS value is invalid\n", word))?;
                    request.tos = tos;
                }
                Keyword::From if matches(word, "help") => return Err(super::ACTIONS.help()),
                Keyword::From => request.source = Some(request.prefix(word)?),
                Keyword::Input => request.input = Some(word.to_owned()),
                Keyword::Output => request.output = Some(word.to_owned()),
                Keyword::NotModelled => {}
            }
        }
        Ok(request)
    }

    fn take_destination(
        &mut self,
        word: &str,
        words: &mut Words<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), Failure> {
        let word = if word == "to" { words.value()? } else { word };
        if matches(word, "help") {
            return Err(super::ACTIONS.help());
        }
        let given = self.prefix(word)?;
        if let Preferred::One(family) = self.family
            && given.length != family.bits()
        {
            let (length, whole) = (given.length, family.bits());
            let text =
                format!("Warning: /{length} as prefix is invalid, only /{whole} (or none) is supported.\n");
            context.console.err(&text);
        }
        self.destination = Some(given);
        Ok(())
    }

    fn prefix(&mut self, word: &str) -> Result<GivenPrefix, Failure> {
        let given = inet::prefix(word, self.family)?;
        self.family.learn(given);
        Ok(given)
    }

    fn query(&self, links: &Links) -> Result<RouteQuery, Failure> {
        let Some(destination) = self.destination else {
            return Err(Failure::exit(FAILED, "need at least a destination address"));
        };
        let input = self.input.as_deref().map(|name| links.require(name)).transpose()?;
        let output = self.output.as_deref().map(|name| links.require(name)).transpose()?;
        let source = self.source.filter(|source| source.bytes).map(|source| source.address);
        Ok(RouteQuery { destination: destination.address, source, output, input, tos: self.tos })
    }
}
