//! `nft`, as in nftables 1.0.6: lists, and alters tables, chains and rules.

mod data;
mod edit;
mod expression;
mod extension;
mod guess;
mod list;
mod parse;
mod sets;
mod statement;
mod symbols;
mod words;

use crate::{Context, Failure, Parsed, SHOWS, Status, refused};
use list::{Shown, Style};
use vethlab_explain::journal::Effect;
use vethlab_shared::netfilter::{Ruleset, Table, TableFamily, TableId};
use vethlab_shared::words::WordList;

/// What `nft` is asked for, and whether that alters anything.
pub(crate) fn parse(words: &WordList) -> Parsed {
    let command = words.iter().flat_map(|word| word.split_whitespace()).find(|word| !word.starts_with('-'));
    let shows = command.is_none_or(|command| command == "list");
    Parsed::once("nft", words, if shows { SHOWS } else { Effect::Alters }, run)
}

/// Runs `nft`.
fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let (style, rest) = options(words)?;
    let words: Vec<&str> = rest.iter().flat_map(|word| word.split_whitespace()).collect();
    if words == ["-v"] || words == ["--version"] {
        context.console.out("nftables v1.0.6 (Lester Gooch #5)\n");
        return Ok(0);
    }
    let edits = words.first().is_some_and(|verb| edit::VERBS.contains(verb));
    let asked = if edits { None } else { Asked::new(&words) };
    if asked.is_none() && !edits {
        return Err(match words.is_empty() {
            true => Failure::exit(1, "nft: no command specified"),
            false => Failure::NotModelled(format!("nft {}", words.join(" "))),
        });
    }
    let failed =
        |error| refused(error, 1, |errno| format!("netlink: Error: cache initialization failed: {errno}"));
    let ruleset = context.stack.ruleset(&context.namespace).map_err(failed)?;
    let links = context.stack.links(&context.namespace).map_err(failed)?;
    let Some(asked) = asked else {
        let numbers = links.into_iter().map(|link| (link.name.to_string(), link.index.0)).collect();
        return edit::run(&rest.join(" "), &ruleset, &numbers, context);
    };
    let links = links.into_iter().map(|link| (link.index.0, link.name.to_string())).collect();
    let text = asked.listed(&words.join(" "), &ruleset, &list::Lister { style, links }, context)?;
    context.console.out(&text);
    Ok(0)
}

/// The options, which stand in front of the command, and the words behind them.
fn options(words: &[String]) -> Result<(Style, &[String]), Failure> {
    let mut style = Style::default();
    for (place, word) in words.iter().enumerate() {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            return Ok((style, &words[place..]));
        };
        match letters {
            "-version" | "v" => return Ok((style, &words[place..=place])),
            "-handle" => style.handles = true,
            "-stateless" => style.stateless = true,
            "-numeric" => style.numeric = true,
            "-numeric-priority" => style.numeric_priority = true,
            _ => {
                for letter in letters.chars() {
                    match letter {
                        'a' => style.handles = true,
                        's' => style.stateless = true,
                        'n' => style.numeric = true,
                        'y' => style.numeric_priority = true,
                        _ => return Err(Failure::NotModelled(format!("nft {word}"))),
                    }
                }
            }
        }
    }
    Ok((style, &[]))
}

/// What is to be listed.
enum Asked<'a> {
    Ruleset(Option<TableFamily>),
    Tables(Option<TableFamily>),
    Chains(Option<TableFamily>),
    Table(TableId, &'a str),
    Chain(TableId, &'a str, &'a str),
    /// All sets, or all maps.
    Sets(Option<TableFamily>, bool),
    /// One set, or one map.
    Set(TableId, &'a str, &'a str, bool),
}

/// The families by their names.
fn family(word: &str) -> Option<TableFamily> {
    use TableFamily::{Arp, Bridge, Inet, Ip, Ip6, Netdev};
    [Ip, Ip6, Inet, Arp, Bridge, Netdev].into_iter().find(|family| family.to_string() == word)
}

impl<'a> Asked<'a> {
    /// What words ask for; `None` where they are not known.
    fn new(words: &[&'a str]) -> Option<Asked<'a>> {
        let ["list", object, rest @ ..] = words else { return None };
        let (named, rest) = match rest {
            [first, rest @ ..] if family(first).is_some() => (family(first), rest),
            rest => (None, rest),
        };
        let table = |name: &str| TableId { family: named.unwrap_or_default(), name: name.to_owned() };
        match (*object, rest) {
            ("ruleset", []) => Some(Asked::Ruleset(named)),
            ("tables", []) => Some(Asked::Tables(named)),
            ("chains", []) => Some(Asked::Chains(named)),
            ("table", [name]) => Some(Asked::Table(table(name), name)),
            ("chain", [name, chain]) => Some(Asked::Chain(table(name), name, chain)),
            ("sets" | "maps", []) => Some(Asked::Sets(named, *object == "maps")),
            ("set" | "map", [name, set]) => Some(Asked::Set(table(name), name, set, *object == "map")),
            _ => None,
        }
    }

    /// The text for standard output; warnings are told at once.
    fn listed(
        &self,
        line: &str,
        ruleset: &Ruleset,
        lister: &list::Lister,
        context: &mut Context<'_>,
    ) -> Result<String, Failure> {
        let of = |named: Option<TableFamily>| {
            ruleset.tables.iter().filter(move |table| named.is_none_or(|family| family == table.id.family))
        };
        let mut text = String::new();
        let mut show = |shown: Shown| {
            context.console.err(&shown.warning);
            text += &shown.text;
        };
        match self {
            Asked::Tables(named) => {
                // They are shown without their handles, whatever is asked for.
                let line = |table: &Table| format!("table {} {}\n", table.id.family, table.id.name);
                return Ok(of(*named).map(line).collect());
            }
            Asked::Chains(named) => of(*named).for_each(|table| show(lister.chains(table))),
            Asked::Ruleset(named) => {
                for table in of(*named) {
                    show(lister.table(table, None)?);
                }
            }
            Asked::Sets(named, maps) => {
                for table in of(*named) {
                    show(lister.sets(table, |set| set.data.is_some() == *maps)?);
                }
            }
            Asked::Set(id, name, set, is_map) => {
                // The table's name stands in front of the set's.
                let before = line.rfind(set).unwrap_or(line.len());
                let no_table = || missing_at(line, name, line[..before].rfind(name).unwrap_or_default());
                let table = ruleset.table(id).ok_or_else(no_table)?;
                let found = table.set(set).filter(|found| found.data.is_some() == *is_map);
                let found = found.ok_or_else(|| missing(line, set))?;
                show(lister.sets(table, |other| other.handle == found.handle)?);
            }
            Asked::Table(id, name) => {
                let table = ruleset.table(id).ok_or_else(|| missing(line, name))?;
                show(lister.table(table, None)?);
            }
            Asked::Chain(id, name, chain) => {
                let table = ruleset.table(id).ok_or_else(|| missing(line, name))?;
                table.chain(chain).ok_or_else(|| missing(line, chain))?;
                show(lister.table(table, Some(chain))?);
            }
        }
        Ok(text)
    }
}

/// What is said of a name that nothing has, with a mark below it.
fn missing(line: &str, name: &str) -> Failure {
    missing_at(line, name, line.rfind(name).unwrap_or_default())
}

/// The same of a name that stands there.
fn missing_at(line: &str, name: &str, place: usize) -> Failure {
    let mark = format!("{:place$}{}", "", "^".repeat(name.len()));
    Failure::exit(1, format_args!("Error: No such file or directory\n{line}\n{mark}"))
}
