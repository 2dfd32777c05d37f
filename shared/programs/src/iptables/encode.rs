//! The expressions that a rule becomes (`nft_ipv4_add` and what it calls).

use super::matches::{
    INVERT_DESTINATION, INVERT_FLAGS, INVERT_OPTION, INVERT_SOURCE, SCALE, any_tcp, any_udp, rate_of,
};
use super::problem::{Outcome, wrong};
use super::rule::{Condition, Inverted, Jump, Masked, Rule};
use vethlab_shared::netfilter::{
    Bitwise, Compare, Comparison, Expression, Limit, LimitUnit, Match, MetaKey, Payload, PayloadBase, Range,
    Register, RuleVerdict, TcpMatch, Value,
};

/// The register that everything is loaded into.
const REGISTER: Register = Register(0);
/// Stands for a link that there is never: the opposite of any link.
pub(super) const NO_LINK: &str = "INVAL/D";
/// Where the addresses of an IPv4 header begin.
pub(super) const SOURCE: u32 = 12;
pub(super) const DESTINATION: u32 = 16;
/// Where its place in the whole packet stands.
pub(super) const FRAGMENT: u32 = 6;
/// Where the flags of a TCP header stand.
pub(super) const TCP_FLAGS: u32 = 13;
/// The number of TCP.
const TCP: u8 = 6;
/// The number of UDP.
const UDP: u8 = 17;

/// The expressions of a rule.
pub(super) fn expressions(rule: &Rule) -> Outcome<Vec<Expression>> {
    let mut all = Vec::new();
    let inverted = |flag| rule.inverted.contains(flag);
    link(&mut all, &rule.in_link, MetaKey::IifName, inverted(Inverted::IN));
    link(&mut all, &rule.out_link, MetaKey::OifName, inverted(Inverted::OUT));
    if rule.protocol != 0 {
        all.push(meta(MetaKey::L4Proto));
        all.push(compare(equal(inverted(Inverted::PROTOCOL)), [rule.protocol]));
    }
    address(&mut all, SOURCE, rule.source, inverted(Inverted::SOURCE));
    address(&mut all, DESTINATION, rule.destination, inverted(Inverted::DESTINATION));
    if rule.fragment {
        all.push(payload(PayloadBase::Network, FRAGMENT, 2));
        all.push(masked(&[0x1f, 0xff]));
        all.push(compare(equal(!inverted(Inverted::FRAGMENT)), [0, 0]));
    }
    for condition in &rule.conditions {
        self::condition(&mut all, condition, rule)?;
    }
    all.push(Expression::Counter(rule.counters));
    match &rule.jump {
        Jump::Nothing => {}
        Jump::Standard(name) => all.push(Expression::Verdict(match *name {
            "ACCEPT" => RuleVerdict::Accept,
            "DROP" => RuleVerdict::Drop,
            _ => RuleVerdict::Return,
        })),
        Jump::Target(target) => all.push(Expression::Target(target.clone())),
        Jump::Chain { name, goto: true } => all.push(Expression::Verdict(RuleVerdict::Goto(name.clone()))),
        Jump::Chain { name, goto: false } => all.push(Expression::Verdict(RuleVerdict::Jump(name.clone()))),
    }
    Ok(all)
}

/// Equal, or not where it is inverted.
fn equal(inverted: bool) -> Comparison {
    if inverted { Comparison::NotEqual } else { Comparison::Equal }
}

fn meta(key: MetaKey) -> Expression {
    Expression::Meta { key, to: REGISTER }
}

fn payload(base: PayloadBase, offset: u32, length: u8) -> Expression {
    Expression::Payload { from: Payload { base, offset, length }, to: REGISTER }
}

fn compare(comparison: Comparison, value: impl Into<Vec<u8>>) -> Expression {
    Expression::Compare(Compare { register: REGISTER, comparison, value: Value(value.into()) })
}

fn masked(mask: &[u8]) -> Expression {
    Expression::Bitwise(Bitwise {
        from: REGISTER,
        to: REGISTER,
        mask: Value::from(mask),
        xor: Value(vec![0; mask.len()]),
    })
}

/// A link by its name (`add_iniface`): with the NUL behind it, or the beginning alone.
fn link(all: &mut Vec<Expression>, name: &str, key: MetaKey, inverted: bool) {
    let (comparison, value) = match name.strip_suffix('+') {
        None if name.is_empty() => return,
        None => (equal(inverted), format!("{name}\0").into_bytes()),
        Some("") if inverted => (Comparison::Equal, format!("{NO_LINK}\0").into_bytes()),
        Some("") => return,
        Some(beginning) => (equal(inverted), beginning.as_bytes().to_vec()),
    };
    all.push(meta(key));
    all.push(compare(comparison, value));
}

/// An address (`add_addr`): the bytes that count alone, where the mask ends with one.
fn address(all: &mut Vec<Expression>, offset: u32, address: Masked, inverted: bool) {
    if address.is_any() && !inverted {
        return;
    }
    let mask = address.mask.octets();
    let whole = mask.iter().take_while(|byte| **byte == 0xff).count();
    let is_plain = mask[whole..].iter().all(|byte| *byte == 0);
    let length = if is_plain { whole } else { mask.len() };
    all.push(payload(PayloadBase::Network, offset, length as u8));
    if !is_plain {
        all.push(masked(&mask));
    }
    all.push(compare(equal(inverted), &address.address.octets()[..length]));
}

/// A match (`add_match`): some are expressions of `nf_tables`, the others one of `x_tables`.
fn condition(all: &mut Vec<Expression>, condition: &Condition, rule: &Rule) -> Outcome<()> {
    match condition {
        Condition::Mark { mark, mask, invert } => {
            all.push(meta(MetaKey::Mark));
            if *mask != u32::MAX {
                all.push(masked(&mask.to_le_bytes()));
            }
            all.push(compare(equal(*invert), mark.to_le_bytes()));
        }
        Condition::Limit { period, burst } => all.push(Expression::Limit(limit(*period, *burst))),
        Condition::Match(Match::Tcp(tcp))
            if tcp.option == 0 && tcp.invert & INVERT_OPTION == 0 && *tcp != any_tcp() =>
        {
            if rule.protocol != TCP {
                return wrong("TCP match requires '-p tcp'");
            }
            flags(all, tcp);
            ports(all, tcp.source, tcp.destination, tcp.invert);
        }
        Condition::Match(Match::Udp(udp)) if *udp != any_udp() => {
            if rule.protocol != UDP {
                return wrong("UDP match requires '-p udp'");
            }
            ports(all, udp.source, udp.destination, udp.invert);
        }
        Condition::Match(other) => all.push(Expression::Match(other.clone())),
    }
    Ok(())
}

/// `add_nft_limit`.
fn limit(period: u32, burst: u32) -> Limit {
    let (rate, seconds) = match period {
        0 => (u64::from(SCALE), 1),
        period => {
            let (rate, seconds, _) = rate_of(period);
            (rate.into(), seconds)
        }
    };
    let unit = LimitUnit::ALL.into_iter().find(|unit| unit.seconds() == u64::from(seconds));
    Limit { rate, unit: unit.unwrap_or(LimitUnit::Second), burst, bytes: false, over: false }
}

/// `add_nft_tcpflags`.
fn flags(all: &mut Vec<Expression>, tcp: &TcpMatch) {
    if tcp.flag_mask == 0 {
        return;
    }
    all.push(payload(PayloadBase::Transport, TCP_FLAGS, 1));
    all.push(masked(&[tcp.flag_mask]));
    all.push(compare(equal(tcp.invert & INVERT_FLAGS != 0), [tcp.flags]));
}

/// `add_nft_tcpudp`: one load where both are single ports, each its own otherwise.
fn ports(all: &mut Vec<Expression>, source: (u16, u16), destination: (u16, u16), invert: u8) {
    let (source_inverted, destination_inverted) =
        (invert & INVERT_SOURCE != 0, invert & INVERT_DESTINATION != 0);
    let is_single = |(first, last): (u16, u16)| first != 0 && first == last;
    // Where both are inverted, it is enough that one of them differs: iptables 1.8.9 does so.
    if source_inverted == destination_inverted && is_single(source) && is_single(destination) {
        let both = u32::from(source.0) << 16 | u32::from(destination.0);
        all.push(payload(PayloadBase::Transport, 0, 4));
        all.push(compare(equal(source_inverted), both.to_be_bytes()));
        return;
    }
    for (offset, span, inverted) in [(0, source, source_inverted), (2, destination, destination_inverted)] {
        if span.0 != 0 || span.1 < 0xffff || inverted {
            all.push(payload(PayloadBase::Transport, offset, 2));
            all.push(port(span, inverted));
        }
    }
}

/// `expr_gen_range_cmp16`.
fn port((first, last): (u16, u16), inverted: bool) -> Expression {
    if first == last {
        return compare(equal(inverted), first.to_be_bytes());
    }
    if first == 0 && last < 0xffff {
        let comparison = if inverted { Comparison::Greater } else { Comparison::LessOrEqual };
        return compare(comparison, last.to_be_bytes());
    }
    Expression::Range(Range {
        register: REGISTER,
        outside: inverted,
        from: Value::from(first.to_be_bytes()),
        to: Value::from(last.to_be_bytes()),
    })
}
