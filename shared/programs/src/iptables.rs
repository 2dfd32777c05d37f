//! `iptables`, as in iptables 1.8.9 with `nf_tables`: so far only to look at the tables.

use super::{Context, Failure, Status, refused};

const NAME: &str = "iptables v1.8.9 (nf_tables)";
const HINT: &str = "Try `iptables -h' or 'iptables --help' for more information.";
/// The longest name of a chain is one less.
const NAME_LIMIT: usize = 29;
/// Stands for `--line-numbers`, which has no letter.
const LINE_NUMBERS: char = '\0';
/// Option letters that are not modelled.
const OTHER_LETTERS: &str = "ACDIRFZNXEPhpsdijgmofcM6";
/// Long options, and the letter that each stands for.
pub(super) const LONGS: [(&str, char); 10] = [
    ("list", 'L'),
    ("list-rules", 'S'),
    ("table", 't'),
    ("wait", 'w'),
    ("numeric", 'n'),
    ("verbose", 'v'),
    ("exact", 'x'),
    ("line-numbers", LINE_NUMBERS),
    ("ipv4", '4'),
    ("version", 'V'),
];
/// Long options that are not modelled.
const OTHER_LONGS: &[&str] = &[
    "append",
    "check",
    "delete",
    "insert",
    "replace",
    "flush",
    "zero",
    "new",
    "new-chain",
    "delete-chain",
    "policy",
    "rename-chain",
    "help",
    "protocol",
    "proto",
    "source",
    "src",
    "destination",
    "dst",
    "in-interface",
    "jump",
    "goto",
    "match",
    "out-interface",
    "fragments",
    "modprobe",
    "set-counters",
    "ipv6",
];

/// How to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Style {
    verbose: bool,
    exact: bool,
    line_numbers: bool,
}

/// What to list, and in which form.
#[derive(Clone, Debug, PartialEq, Eq)]
struct List {
    /// As `iptables` commands rather than as columns (`-S`).
    as_rules: bool,
    chain: Option<String>,
    /// Only the rule of this number.
    number: Option<u32>,
}

/// A listing to make.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Request {
    table: String,
    list: List,
    style: Style,
}

/// What the words come to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Command {
    Version,
    List(Request),
}

/// Runs `iptables`.
pub(super) fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let request = match parse(words)? {
        Command::Version => {
            context.console.out(&format!("{NAME}\n"));
            return Ok(0);
        }
        Command::List(request) => request,
    };
    let table = match request.table.as_str() {
        "filter" => RulesetTable::Filter,
        "nat" => RulesetTable::Nat,
        "mangle" => RulesetTable::Mangle,
        "raw" => RulesetTable::Raw,
        "security" => RulesetTable::Security,
        other => {
            let hint = "Perhaps iptables or your kernel needs to be upgraded.";
            return Err(Failure::exit(3, format_args!("{NAME}: table '{other}' does not exist\n{hint}")));
        }
    };
    let found = context.stack.ruleset(&context.namespace);
    let found = found.map_err(|error| refused(error, 4, |errno| format!("{NAME}: {errno}")))?;
    if !found.tables.is_empty() {
        return Err(Failure::NotModelled("iptables rules".to_owned()));
    }
    let ruleset = table.untouched();
    let text = render(&request, &ruleset)?;
    context.console.out(&text);
    Ok(0)
}

fn wrong(message: &str) -> Failure {
    Failure::exit(2, format_args!("{NAME}: {message}\n{HINT}"))
}

fn parse(words: &[String]) -> Result<Command, Failure> {
    let mut words = words.iter().map(String::as_str).peekable();
    let mut table = "filter".to_owned();
    let mut style = Style::default();
    let mut list: Option<List> = None;
    while let Some(word) = words.next() {
        let mut letters = match word.strip_prefix("--") {
            Some(long) => letter_of(long)?.to_string(),
            None => match word.strip_prefix('-') {
                Some(letters) if !letters.is_empty() => letters.to_owned(),
                _ => return Err(wrong(&format!("Bad argument `{word}'"))),
            },
        };
        while !letters.is_empty() {
            let letter = letters.remove(0);
            match letter {
                'L' | 'S' => {
                    if let Some(first) = &list {
                        let first = if first.as_rules { 'S' } else { 'L' };
                        return Err(wrong(&format!("Cannot use -{letter} with -{first}")));
                    }
                    let attached = Some(std::mem::take(&mut letters)).filter(|chain| !chain.is_empty());
                    let mut next = || words.next_if(|word| !word.starts_with(['-', '!'])).map(str::to_owned);
                    let chain = attached.or_else(&mut next);
                    let number = if chain.is_some() { next() } else { None };
                    list = Some(List { as_rules: letter == 'S', chain, number: rule_number(number)? });
                }
                't' => {
                    let attached = Some(std::mem::take(&mut letters)).filter(|name| !name.is_empty());
                    let name = attached.or_else(|| words.next().map(str::to_owned));
                    table = name.ok_or_else(|| wrong("option \"-t\" requires an argument"))?;
                }
                'w' => {
                    letters.clear();
                    words.next_if(|word| word.chars().all(|c| c.is_ascii_digit()));
                }
                'v' => style.verbose = true,
                'x' => style.exact = true,
                LINE_NUMBERS => style.line_numbers = true,
                'n' | '4' => {}
                'V' => return Ok(Command::Version),
                other if OTHER_LETTERS.contains(other) => {
                    return Err(Failure::NotModelled(format!("iptables -{other}")));
                }
                other => return Err(wrong(&format!("unknown option \"-{other}\""))),
            }
        }
    }
    let list = list.ok_or_else(|| wrong("no command specified"))?;
    if let Some(chain) = list.chain.as_ref().filter(|chain| chain.len() >= NAME_LIMIT) {
        let limit = format!("(must be under {NAME_LIMIT} chars)");
        return Err(wrong(&format!("chain name `{chain}' too long {limit}")));
    }
    Ok(Command::List(Request { table, list, style }))
}

/// The letter that a long option stands for.
fn letter_of(long: &str) -> Result<char, Failure> {
    if let Some((_, letter)) = LONGS.iter().find(|(known, _)| *known == long) {
        return Ok(*letter);
    }
    Err(match OTHER_LONGS.contains(&long) {
        true => Failure::NotModelled(format!("iptables --{long}")),
        false => wrong(&format!("unknown option \"--{long}\"")),
    })
}

fn rule_number(text: Option<String>) -> Result<Option<u32>, Failure> {
    let Some(text) = text else { return Ok(None) };
    match text.parse() {
        Ok(number @ 1..=0x7fff_ffff) => Ok(Some(number)),
        _ => Err(wrong(&format!("Invalid rule number `{text}'"))),
    }
}

fn render(request: &Request, ruleset: &Ruleset) -> Result<String, Failure> {
    let List { as_rules, chain, number } = &request.list;
    let chains: Vec<&Chain> = match chain {
        None => ruleset.chains.iter().collect(),
        Some(name) => match ruleset.chains.iter().find(|chain| chain.name == *name) {
            Some(chain) => vec![chain],
            None => {
                let table = &request.table;
                let what = format!("chain `{name}' in table `{table}' is incompatible, use 'nft' tool.");
                return Err(Failure::exit(1, format_args!("{NAME}: {what}")));
            }
        },
    };
    // Every chain is empty, so that no rule has a number.
    if number.is_some() {
        return Ok(String::new());
    }
    let texts: Vec<String> = chains
        .into_iter()
        .map(|chain| if *as_rules { rules(chain, request.style) } else { columns(chain, request.style) })
        .collect();
    Ok(texts.join(if *as_rules { "" } else { "\n" }))
}

/// As `-S` shows a chain.
fn rules(chain: &Chain, style: Style) -> String {
    let counters = if style.verbose { " -c 0 0" } else { "" };
    format!("-P {} ACCEPT{counters}\n", chain.name)
}

/// As `-L` shows a chain.
fn columns(chain: &Chain, style: Style) -> String {
    let counters = if style.verbose { " 0 packets, 0 bytes" } else { "" };
    let first = format!("Chain {} (policy ACCEPT{counters})\n", chain.name);
    let number = if style.line_numbers { "num  " } else { "" };
    let (counts, links) = match (style.verbose, style.exact) {
        (false, _) => ("", ""),
        (true, false) => (" pkts bytes ", "in     out     "),
        (true, true) => ("    pkts      bytes ", "in     out     "),
    };
    format!("{first}{number}{counts}target     prot opt {links}source               destination         \n")
}

/// A table of the packet filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum RulesetTable {
    /// Which packets may pass.
    Filter,
    /// Address translation.
    Nat,
    /// Altering packets.
    Mangle,
    /// Before connection tracking.
    Raw,
    /// Security labels.
    Security,
}

/// A built-in chain. Rules come with the firewall; until then every chain is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Chain {
    /// `INPUT`, `FORWARD`, …
    name: String,
}

/// The chains of one table, in the order in which `iptables` lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ruleset {
    /// Which table.
    table: RulesetTable,
    /// Its chains.
    chains: Vec<Chain>,
}

impl RulesetTable {
    /// The table as it is before anybody touches it: its built-in chains, empty, with policy ACCEPT.
    fn untouched(self) -> Ruleset {
        let names: &[&str] = match self {
            RulesetTable::Filter | RulesetTable::Security => &["INPUT", "FORWARD", "OUTPUT"],
            RulesetTable::Nat => &["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
            RulesetTable::Mangle => &["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
            RulesetTable::Raw => &["PREROUTING", "OUTPUT"],
        };
        let chains = names.iter().map(|&name| Chain { name: name.to_owned() }).collect();
        Ruleset { table: self, chains }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(line: &str) -> Result<String, Failure> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        match parse(&words)? {
            Command::List(request) => render(&request, &RulesetTable::Filter.untouched()),
            Command::Version => Ok(NAME.to_owned()),
        }
    }

    #[test]
    fn empty_chains_are_listed() {
        let header = "source               destination         \n";
        let input = format!("Chain INPUT (policy ACCEPT)\ntarget     prot opt {header}");
        assert_eq!(list("-L INPUT"), Ok(input.clone()));
        assert_eq!(list("-n --list").map(|text| text.matches("\n\nChain").count()), Ok(2));
        assert_eq!(
            list("-nvLINPUT --line-numbers"),
            Ok(format!(
                "Chain INPUT (policy ACCEPT 0 packets, 0 bytes)\n\
                 num   pkts bytes target     prot opt in     out     {header}"
            ))
        );
        assert_eq!(list("-S"), Ok("-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n".to_owned()));
        assert_eq!(list("-v -S INPUT"), Ok("-P INPUT ACCEPT -c 0 0\n".to_owned()));
        assert_eq!(list("-S INPUT 1"), Ok(String::new()));
    }

    #[test]
    fn mistakes_read_as_iptables_writes_them() {
        let message = |line| match list(line) {
            Err(Failure::Exit { message, status }) => (message.lines().next().map(str::to_owned), status),
            other => panic!("{line}: {other:?}"),
        };
        let line = |text: &str| Some(format!("{NAME}: {text}"));
        assert_eq!(message("-n"), (line("no command specified"), 2));
        assert_eq!(message("-Q"), (line("unknown option \"-Q\""), 2));
        assert_eq!(message("-L -S"), (line("Cannot use -S with -L"), 2));
        let incompatible = line("chain `foo' in table `filter' is incompatible, use 'nft' tool.");
        assert_eq!(message("-L foo"), (incompatible, 1));
        assert_eq!(list("-A INPUT -j DROP"), Err(Failure::NotModelled("iptables -A".to_owned())));
    }
}
