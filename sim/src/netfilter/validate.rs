//! Which rules the kernel takes: what an extension of `x_tables` asks of its place (`xt_check_match`, `xt_check_target`), and
//! where chains may lead (`nft_table_validate`).

use super::evaluate::DEEPEST;
use super::matches::{MAX_PORTS, has_ports};
use super::segment_size::CLAMP;
use super::{Base, Chain, Table, translates, turn};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::Hook;
use vethlab_shared::netfilter::{
    ChainKind, Compare, Comparison, Ct, CtKey, Expression, Match, MetaKey, Nat, PortSpan, RejectWith,
    RuleSpec, Target,
};
use vethlab_shared::wire::ipv4::protocol;

/// The points that an expression may stand at; `None` is all.
fn hooks(expression: &Expression) -> Option<&'static [Hook]> {
    use Hook::{Forward, LocalIn, LocalOut, PostRouting, PreRouting};
    Some(match expression {
        Expression::Match(Match::Mac { .. }) => &[PreRouting, LocalIn, Forward],
        Expression::Match(Match::Addrtype { limit_in: true, .. }) => &[PreRouting, LocalIn, Forward],
        Expression::Match(Match::Addrtype { limit_out: true, .. }) => &[PostRouting, LocalOut, Forward],
        Expression::Target(Target::Reject(_)) => &[LocalIn, Forward, LocalOut],
        Expression::Reject(_) => &[LocalIn, Forward, LocalOut, PreRouting],
        Expression::Nat(Nat { destination: false, .. }) => &[PostRouting, LocalIn],
        Expression::Masquerade(_) => &[PostRouting],
        Expression::Nat(_) | Expression::Redirect(_) => &[PreRouting, LocalOut],
        Expression::Target(Target::Snat(_)) => &[PostRouting, LocalIn],
        Expression::Target(Target::Masquerade(_)) => &[PostRouting],
        Expression::Target(Target::Dnat(_) | Target::Redirect(_)) => &[PreRouting, LocalOut],
        _ => return None,
    })
}

/// The table that a target may stand in (`xt_target.table`).
fn table(target: &Target) -> Option<&'static str> {
    match target {
        Target::Reject(_) => Some("filter"),
        Target::Ttl { .. } => Some("mangle"),
        Target::Snat(_) | Target::Dnat(_) | Target::Masquerade(_) | Target::Redirect(_) => Some("nat"),
        Target::Notrack { .. } => Some("raw"),
        _ => None,
    }
}

/// The protocol that a rule's packets must have, where it says so before (`nft_parse_compat`: the kernel is told).
fn protocol_of(rule: &RuleSpec) -> Option<u8> {
    let mut pairs = rule.expressions.windows(2);
    pairs.find_map(|pair| match pair {
        [
            Expression::Meta { key: MetaKey::L4Proto, to },
            Expression::Compare(Compare { register, comparison: Comparison::Equal, value }),
        ] if to == register => value.0.first().copied(),
        _ => None,
    })
}

/// Whether a table takes a rule.
///
/// # Errors
/// The kernel's answer; [`StackError::NotModelled`] for what only the kernel knows.
pub(super) fn rule(table_name: &str, rule: &RuleSpec) -> Result<(), StackError> {
    let protocol = protocol_of(rule);
    let refused = |refused: bool| if refused { Err(StackError::from(Errno::EINVAL)) } else { Ok(()) };
    for expression in &rule.expressions {
        match expression {
            Expression::Match(content) => match content {
                Match::Icmp(_) => refused(protocol != Some(protocol::ICMP))?,
                Match::Tcp(_) => refused(protocol != Some(protocol::TCP))?,
                Match::Udp(_) => refused(protocol != Some(protocol::UDP))?,
                Match::Multiport(multiport) => refused(
                    !protocol.is_some_and(has_ports)
                        || multiport.ports.iter().map(places).sum::<usize>() > MAX_PORTS,
                )?,
                Match::Other(other) => return Err(not_modelled(&format!("-m {}", other.name))),
                _ => {}
            },
            Expression::Target(target) => {
                refused(table(target).is_some_and(|wanted| wanted != table_name))?;
                match target {
                    Target::Reject(RejectWith::TcpReset) => refused(protocol != Some(protocol::TCP))?,
                    Target::Reject(_) | Target::Log(_) | Target::Mark { .. } | Target::Ttl { .. } => {}
                    Target::Snat(_) | Target::Dnat(_) | Target::Masquerade(_) | Target::Redirect(_) => {}
                    Target::Notrack { .. } | Target::Connmark { .. } => {}
                    Target::Tcpmss(_) => refused(protocol != Some(protocol::TCP))?,
                    Target::Other(other) => return Err(not_modelled(&format!("-j {}", other.name))),
                }
            }
            Expression::SetMeta { key, .. } if *key != MetaKey::Mark => {
                return Err(not_modelled("meta set of anything but the mark"));
            }
            Expression::Ct(Ct { key, set: true, .. }) if *key != CtKey::Mark => {
                return Err(not_modelled("ct set of anything but the mark"));
            }
            Expression::Other { name, .. } => return Err(not_modelled(&format!("the expression {name}"))),
            _ => {}
        }
    }
    Ok(())
}

/// How many places for ports one takes.
fn places(span: &PortSpan) -> usize {
    1 + usize::from(span.last.is_some())
}

fn not_modelled(what: &str) -> StackError {
    StackError::NotModelled(what.to_owned())
}

/// What kinds of base chains there are at a point (`nft_chain_filter.c`, `nft_chain_nat.c`, `nft_chain_route.c`).
pub(super) fn base(kind: ChainKind, hook: Hook, priority: i32) -> Result<(), Errno> {
    match kind {
        ChainKind::Filter => Ok(()),
        ChainKind::Route if hook == Hook::LocalOut => Ok(()),
        // What translates must come behind what tracks.
        ChainKind::Nat if hook != Hook::Forward && priority > turn::CONNTRACK => Ok(()),
        ChainKind::Route | ChainKind::Nat => Err(Errno::EOPNOTSUPP),
    }
}

/// Whether the chains lead nowhere that they may not, from each base chain on (`nft_table_validate`).
///
/// # Errors
/// `EMLINK` where they lead too deep or in a circle; that of [`fits`] where an expression cannot stand there.
pub(super) fn table_is_sound(table: &Table) -> Result<(), Errno> {
    for chain in &table.chains {
        if let Some(base) = &chain.base {
            let mut sound = Vec::new();
            chain_is_sound(table, chain, base, 0, &mut sound)?;
        }
    }
    Ok(())
}

/// Whether an expression can stand where a base chain leads (`nft_chain_validate_hooks`, `nft_chain_validate_dependency`).
///
/// # Errors
/// `EINVAL` for an extension of `x_tables`, and `EOPNOTSUPP` for an expression of `nf_tables` itself.
fn fits(expression: &Expression, base: &Base, is_base: bool) -> Result<(), Errno> {
    if let Expression::Target(Target::Tcpmss(CLAMP)) = expression {
        // Where no way is known yet there is none to clamp to (`tcpmss_tg4_check`).
        let allowed = match base.hook {
            Hook::PreRouting => false,
            Hook::LocalIn => !is_base,
            Hook::Forward | Hook::LocalOut | Hook::PostRouting => true,
        };
        return if allowed { Ok(()) } else { Err(Errno::EINVAL) };
    }
    let misplaced = hooks(expression).is_some_and(|hooks| !hooks.contains(&base.hook));
    match misplaced || translates(expression) && base.kind != ChainKind::Nat {
        false => Ok(()),
        true if matches!(expression, Expression::Match(_) | Expression::Target(_)) => Err(Errno::EINVAL),
        true => Err(Errno::EOPNOTSUPP),
    }
}

/// `sound` holds the chains that were found sound at this depth or deeper down.
fn chain_is_sound(
    table: &Table,
    chain: &Chain,
    base: &Base,
    depth: usize,
    sound: &mut Vec<(u64, usize)>,
) -> Result<(), Errno> {
    if depth == DEEPEST {
        return Err(Errno::EMLINK);
    }
    if sound.iter().any(|(handle, known)| *handle == chain.handle && *known >= depth) {
        return Ok(());
    }
    for expression in chain.rules.iter().flat_map(|rule| &rule.expressions) {
        fits(expression, base, depth == 0)?;
        for next in table.targets(expression) {
            chain_is_sound(table, next, base, depth + 1, sound)?;
        }
    }
    sound.retain(|(handle, _)| *handle != chain.handle);
    sound.push((chain.handle, depth));
    Ok(())
}
