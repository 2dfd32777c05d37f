//! What `-L`, `-S` and `iptables-save` print.

use super::cache::{CachedChain, CachedRule, CachedTable};
use super::decode;
use super::matches;
use super::names;
use super::number::shortened;
use super::problem::{Outcome, Problem};
use super::rule::{Inverted, Jump, Masked, Rule};
use super::targets;
use std::fmt::Write;
use vethlab_shared::netfilter::{Counters, Policy};

/// In which form to list (`FMT_*`).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Style {
    pub(super) verbose: bool,
    pub(super) numeric: bool,
    pub(super) exact: bool,
    pub(super) line_numbers: bool,
}

/// Where the counters of a saved rule stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// Nowhere.
    Not,
    /// In brackets in front.
    Before,
    /// As `-c` before `-j`.
    Within,
}

/// The rule that a kept one is.
pub(super) fn rule_of(cached: &CachedRule) -> Outcome<Rule> {
    decode::rule(&cached.expressions, cached.comment.as_deref())
}

/// Whether the tool shows what a chain holds.
fn is_compatible(chain: &CachedChain) -> bool {
    chain.rules.iter().flat_map(|rule| &rule.expressions).all(decode::is_compatible)
}

/// Whether the tool shows all of a table.
pub(super) fn is_table_compatible(table: &CachedTable) -> bool {
    table.chains.iter().all(is_compatible)
}

/// Says where a table, or one chain of it, cannot be shown (`nft_assert_table_compatible`).
pub(super) fn assert_compatible(table: &CachedTable, chain: Option<&str>) -> Outcome<String> {
    let name = table.table.name;
    let found = chain.map(|chain| table.chains.iter().find(|known| known.name == chain));
    let is_fine = match found {
        None => is_table_compatible(table),
        Some(found) => found.is_some_and(is_compatible),
    };
    if !is_fine {
        let chain = chain.map(|chain| format!("chain `{chain}' in ")).unwrap_or_default();
        return Err(Problem::Other(format!("{chain}table `{name}' is incompatible, use 'nft' tool.")));
    }
    Ok(match table.tainted {
        true => {
            format!("# Table `{name}' contains incompatible base-chains, use 'nft' tool to list them.\n")
        }
        false => String::new(),
    })
}

/// The heading of a chain (`print_header`).
pub(super) fn header(table: &CachedTable, chain: &CachedChain, style: Style) -> String {
    let mut text = format!("Chain {} (", chain.name);
    let _ = match &chain.base {
        Some(base) => {
            let policy = policy_name(base.policy);
            let Counters { packets, bytes } = base.counters.unwrap_or_default();
            let number = |count| shortened(count, style.exact);
            match style.verbose {
                true => write!(text, "policy {policy} {} packets, {} bytes", number(packets), number(bytes)),
                false => write!(text, "policy {policy}"),
            }
        }
        None => write!(text, "{} references", table.references(&chain.name)),
    };
    text += ")\n";
    if style.line_numbers {
        text += "num  ";
    }
    match (style.verbose, style.exact) {
        (true, false) => text += " pkts bytes ",
        (true, true) => text += "    pkts      bytes ",
        (false, _) => {}
    }
    text += "target     prot opt";
    if style.verbose {
        text += " in     out    ";
    }
    text + &format!(" {:<19}  {:<19} \n", "source", "destination")
}

/// A rule as a line of columns (`nft_ipv4_print_rule`).
pub(super) fn row(rule: &Rule, number: usize, style: Style) -> String {
    let mut text = String::new();
    if style.line_numbers {
        let _ = write!(text, "{number:<4} ");
    }
    if style.verbose {
        for count in [rule.counters.packets, rule.counters.bytes] {
            let count = shortened(count, style.exact);
            let _ = match style.exact {
                true => write!(text, "{count:>8} "),
                false => write!(text, "{count:>5} "),
            };
        }
    }
    let inverted = |flag| if rule.inverted.contains(flag) { '!' } else { ' ' };
    let protocol = names::protocol(rule.protocol, style.numeric).filter(|_| !style.numeric);
    let protocol = protocol.map_or_else(|| rule.protocol.to_string(), str::to_owned);
    let _ = write!(text, "{:<9} {}{protocol:<4} ", rule.jump.name(), inverted(Inverted::PROTOCOL));
    text += if rule.inverted.contains(Inverted::FRAGMENT) { "!" } else { "-" };
    text += if rule.fragment { "f " } else { "- " };
    if style.verbose {
        let [in_link, out_link] = links(rule, style.numeric);
        let _ = write!(text, " {in_link:<6} {out_link:<6} ");
    }
    for (flag, address) in [(Inverted::SOURCE, rule.source), (Inverted::DESTINATION, rule.destination)] {
        let _ = write!(text, "{}{:<19} ", inverted(flag), names::shown_address(address, style.numeric));
    }
    text + &goto(rule) + &extensions(rule, style.numeric) + "\n"
}

/// A rule as `-v` shows what was done to it (`FMT_PRINT_RULE`).
pub(super) fn told(rule: &Rule) -> String {
    let inverted = |flag| if rule.inverted.contains(flag) { '!' } else { ' ' };
    let protocol =
        names::protocol(rule.protocol, true).map_or_else(|| rule.protocol.to_string(), str::to_owned);
    let mut text = format!("{} {}{protocol} opt ", rule.jump.name(), inverted(Inverted::PROTOCOL));
    text += if rule.inverted.contains(Inverted::FRAGMENT) { "!" } else { "-" };
    text += if rule.fragment { "f " } else { "- " };
    let [in_link, out_link] = links(rule, true);
    let [source, destination] =
        [rule.source, rule.destination].map(|address| names::shown_address(address, true));
    let _ = write!(
        text,
        "in {in_link} out {out_link} {}{source} {}-> {destination}  ",
        inverted(Inverted::SOURCE),
        inverted(Inverted::DESTINATION)
    );
    text + &goto(rule) + &extensions(rule, true) + "\n"
}

fn links(rule: &Rule, numeric: bool) -> [String; 2] {
    let any = if numeric { "*" } else { "any" };
    [(Inverted::IN, &rule.in_link), (Inverted::OUT, &rule.out_link)].map(|(flag, name)| {
        let mark = if rule.inverted.contains(flag) { "!" } else { "" };
        // There is room for a name and the mark.
        let text = format!("{mark}{}", if name.is_empty() { any } else { name });
        text.chars().take(17).collect()
    })
}

fn goto(rule: &Rule) -> String {
    match rule.jump {
        Jump::Chain { goto: true, .. } => "[goto] ".to_owned(),
        _ => String::new(),
    }
}

fn extensions(rule: &Rule, numeric: bool) -> String {
    let mut text: String =
        rule.conditions.iter().map(|condition| matches::shown(condition, rule, numeric)).collect();
    if let Jump::Target(target) = &rule.jump {
        text += &targets::shown(target, numeric);
    }
    text
}

/// A rule as the command that makes it (`nft_rule_print_save`).
pub(super) fn saved(rule: &Rule, chain: &str, counted: Counted) -> String {
    let mut text = String::new();
    let Counters { packets, bytes } = rule.counters;
    if counted == Counted::Before {
        let _ = write!(text, "[{packets}:{bytes}] ");
    }
    let _ = write!(text, "-A {chain}");
    let inverted = |flag| if rule.inverted.contains(flag) { " !" } else { "" };
    for (flag, letter, address) in
        [(Inverted::SOURCE, 's', rule.source), (Inverted::DESTINATION, 'd', rule.destination)]
    {
        if !address.is_any() || rule.inverted.contains(flag) {
            let _ = write!(text, "{} -{letter} {}/{}", inverted(flag), address.address, mask(address));
        }
    }
    for (flag, letter, name) in [(Inverted::IN, 'i', &rule.in_link), (Inverted::OUT, 'o', &rule.out_link)] {
        if !name.is_empty() && (name != "+" || rule.inverted.contains(flag)) {
            let _ = write!(text, "{} -{letter} {name}", inverted(flag));
        }
    }
    if rule.protocol != 0 {
        let name = names::protocol(rule.protocol, false);
        let name = name.map_or_else(|| rule.protocol.to_string(), str::to_owned);
        let _ = write!(text, "{} -p {name}", inverted(Inverted::PROTOCOL));
    }
    if rule.fragment {
        let _ = write!(text, "{} -f", inverted(Inverted::FRAGMENT));
    }
    for condition in &rule.conditions {
        let _ = write!(text, " -m {}{}", matches::name(condition), matches::saved(condition));
    }
    if counted == Counted::Within {
        let _ = write!(text, " -c {packets} {bytes}");
    }
    let _ = match &rule.jump {
        Jump::Nothing => Ok(()),
        Jump::Standard(name) => write!(text, " -j {name}"),
        Jump::Target(target) => {
            write!(text, " -j {}{}", targets::saved_name(target), targets::saved(target))
        }
        Jump::Chain { name, goto } => write!(text, " -{} {name}", if *goto { 'g' } else { 'j' }),
    };
    text + "\n"
}

/// A mask in a saved rule (`mask_to_str`).
fn mask(address: Masked) -> String {
    address.length().map_or_else(|| address.mask.to_string(), |length| length.to_string())
}

/// The name of a policy.
pub(super) fn policy_name(policy: Policy) -> &'static str {
    match policy {
        Policy::Accept => "ACCEPT",
        Policy::Drop => "DROP",
    }
}

/// A chain as the command that makes it, or sets its policy (`nft_rule_list_chain_save`).
pub(super) fn saved_chain(chain: &CachedChain, counters: bool) -> String {
    let Some(base) = &chain.base else { return format!("-N {}\n", chain.name) };
    let counted = match counters {
        true => {
            let Counters { packets, bytes } = base.counters.unwrap_or_default();
            format!(" -c {packets} {bytes}")
        }
        false => String::new(),
    };
    format!("-P {} {}{counted}\n", chain.name, policy_name(base.policy))
}
