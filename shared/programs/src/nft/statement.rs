//! The statements of a rule, from its expressions (`netlink_delinearize_rule`).

use super::expression::{Loaded, Slot, field, relation, span};
use super::extension;
use super::list::Lister;
use super::symbols;
use crate::Failure;
use vethlab_shared::netfilter::{
    Compare, Comparison, Counters, Ct, CtKey, Expression, Limit, Log, Lookup, LookupTo, MetaKey, NatFlags,
    PayloadBase, Register, Reject, Set, SetFlags, Value,
};

/// How many may come at once where nothing is said of it (`limit_stmt_print`).
const USUAL_BURST: u32 = 5;

/// Reads expressions one by one.
struct Reader<'a> {
    lister: &'a Lister,
    sets: &'a [Set],
    slots: [Slot; 16],
    statements: Vec<String>,
    /// The statement that demands the protocol which headers behind IP imply, and the protocol.
    demanded: Option<(usize, u8)>,
    /// The protocol that is known behind IP.
    protocol: Option<u8>,
    /// What the last statement says is not smaller than what: with the next one, it may be a range.
    from: Option<(usize, Loaded, Value)>,
}

/// All statements of a rule.
///
/// # Errors
/// An expression is not modelled.
pub(super) fn all(expressions: &[Expression], sets: &[Set], lister: &Lister) -> Result<Vec<String>, Failure> {
    let mut reader = Reader {
        lister,
        sets,
        slots: Default::default(),
        statements: Vec::new(),
        demanded: None,
        protocol: None,
        from: None,
    };
    for expression in expressions {
        reader.take(expression)?;
    }
    Ok(reader.statements)
}

impl Reader<'_> {
    fn take(&mut self, expression: &Expression) -> Result<(), Failure> {
        let numeric = self.lister.style.numeric;
        match expression {
            Expression::Meta { key, to } => self.load(*to, Loaded::Meta(*key)),
            Expression::Ct(Ct { key, register, set: false }) => self.load(*register, Loaded::Ct(*key)),
            Expression::Payload { from, to } => self.load(*to, Loaded::Payload(*from)),
            Expression::Immediate { value, to } => self.load(*to, Loaded::Value(value.clone())),
            Expression::Bitwise(bitwise) => {
                let loaded = self.slot(bitwise.from).loaded.clone();
                if bitwise.xor.0.iter().any(|byte| *byte != 0) {
                    return not_modelled("nft: bits that are flipped");
                }
                *self.slot(bitwise.to) = Slot { loaded, mask: Some(bitwise.mask.clone()) };
            }
            Expression::Compare(compare) => self.compare(compare)?,
            Expression::Range(range) => {
                let slot = self.slot(range.register).clone();
                self.use_header(&slot);
                let mark = if range.outside { "!= " } else { "" };
                let text = span(&slot.loaded, self.protocol, (&range.from, &range.to), mark, self.lister)?;
                self.statements.push(text);
            }
            Expression::Counter(Counters { packets, bytes }) => {
                self.statements.push(match self.lister.style.stateless {
                    true => "counter".to_owned(),
                    false => format!("counter packets {packets} bytes {bytes}"),
                });
            }
            Expression::Limit(limit) => self.statements.push(limited(limit)),
            Expression::Verdict(verdict) => self.statements.push(verdict.to_string()),
            Expression::Match(found) => {
                self.statements.push(extension::matched(found, self.protocol.unwrap_or_default()));
            }
            Expression::Target(target) => self.statements.push(extension::targeted(target)),
            Expression::SetMeta { key, from } => self.set("meta", meta_name(*key), *from)?,
            Expression::Ct(Ct { key, register, .. }) => self.set("ct", ct_name(*key), *register)?,
            Expression::Notrack => self.statements.push("notrack".to_owned()),
            Expression::Log(log) => self.statements.push(logged(log)),
            Expression::Reject(reject) => self.reject(*reject, numeric)?,
            Expression::Nat(nat) => {
                let verb = if nat.destination { "dnat" } else { "snat" };
                self.translate(verb, nat.addresses, nat.ports, nat.flags)?;
            }
            Expression::Masquerade(masquerade) => {
                self.translate("masquerade", None, masquerade.ports, masquerade.flags)?;
            }
            Expression::Redirect(redirect) => {
                self.translate("redirect", None, redirect.ports, redirect.flags)?;
            }
            Expression::Lookup(lookup) => self.look_up(lookup)?,
            Expression::Other { name, .. } => return not_modelled(&format!("nft: expressions '{name}'")),
        }
        Ok(())
    }

    fn slot(&mut self, register: Register) -> &mut Slot {
        &mut self.slots[usize::from(register.0 % 16)]
    }

    fn load(&mut self, register: Register, loaded: Loaded) {
        *self.slot(register) = Slot { loaded, mask: None };
    }

    /// Takes back what demands a protocol where a header of it is looked at, which says so by itself
    /// (`payload_dependency_kill`).
    fn use_header(&mut self, slot: &Slot) {
        if let Loaded::Payload(from) = &slot.loaded
            && from.base == PayloadBase::Transport
            && let Some((place, _)) = self.demanded.take()
        {
            self.statements.remove(place);
        }
    }

    fn compare(&mut self, compare: &Compare) -> Result<(), Failure> {
        let slot = self.slot(compare.register).clone();
        self.use_header(&slot);
        let from = self.from.take().filter(|(behind, loaded, _)| {
            *behind == self.statements.len() && *loaded == slot.loaded && slot.mask.is_none()
        });
        if let (Comparison::LessOrEqual, Some((_, _, from))) = (compare.comparison, from) {
            let text = span(&slot.loaded, self.protocol, (&from, &compare.value), "", self.lister)?;
            self.statements.pop();
            self.statements.push(text);
            return Ok(());
        }
        let texts = relation(&slot, self.protocol, compare, self.lister)?;
        if let Some(protocol) = demands_protocol(&slot, compare) {
            self.demanded = Some((self.statements.len(), protocol));
            self.protocol = Some(protocol);
        }
        self.statements.extend(texts);
        if compare.comparison == Comparison::GreaterOrEqual {
            self.from = Some((self.statements.len(), slot.loaded, compare.value.clone()));
        }
        Ok(())
    }

    /// What is looked up where.
    fn look_up(&mut self, lookup: &Lookup) -> Result<(), Failure> {
        let slot = self.slot(lookup.from).clone();
        self.use_header(&slot);
        let Some(set) = self.sets.iter().find(|set| set.name == lookup.set) else {
            return not_modelled("nft: a set that is not there");
        };
        if slot.mask.is_some() {
            return not_modelled("nft: look-ups of some bits");
        }
        let Some((name, kind)) = field(&slot.loaded, self.protocol) else {
            return not_modelled("nft: what is looked up here");
        };
        let verb = match (lookup.to, lookup.invert) {
            (LookupTo::Nothing, false) => "",
            (LookupTo::Nothing, true) => "!= ",
            (LookupTo::Verdict, _) => "vmap ",
            (LookupTo::Register(_), _) => return not_modelled("nft: maps of values in rules"),
        };
        let text = match set.flags.contains(SetFlags::ANONYMOUS) {
            true => format!("{{ {} }}", self.lister.elements(set, kind)?.join(", ")),
            false => format!("@{}", set.name),
        };
        self.statements.push(format!("{name} {verb}{text}"));
        Ok(())
    }

    /// What is set to what.
    fn set(&mut self, of: &str, name: Option<&str>, from: Register) -> Result<(), Failure> {
        let Some(name) = name else { return not_modelled(&format!("nft: '{of} set' of this")) };
        let value = match &self.slot(from).loaded {
            Loaded::Value(Value(bytes)) if bytes.len() == 4 => {
                format!("0x{:08x}", u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
            }
            Loaded::Meta(MetaKey::Mark) => "meta mark".to_owned(),
            Loaded::Ct(CtKey::Mark) => "ct mark".to_owned(),
            _ => return not_modelled("nft: a value that is set so"),
        };
        self.statements.push(format!("{of} {name} set {value}"));
        Ok(())
    }

    fn reject(&mut self, reject: Reject, numeric: bool) -> Result<(), Failure> {
        let text = match reject {
            Reject::Icmp(3) => "reject".to_owned(),
            Reject::Icmp(code) => {
                match symbols::name(symbols::ICMP_CODES, code.into()).filter(|_| !numeric) {
                    Some(name) => format!("reject with icmp {name}"),
                    None => format!("reject with icmp {code}"),
                }
            }
            Reject::TcpReset => {
                // A demand for TCP goes without saying, where nothing else stands behind it.
                if let Some((place, 6)) = self.demanded
                    && place + 1 == self.statements.len()
                {
                    self.statements.remove(place);
                    self.demanded = None;
                }
                "reject with tcp reset".to_owned()
            }
            Reject::Icmpx(_) => return not_modelled("nft: 'reject with icmpx'"),
        };
        self.statements.push(text);
        Ok(())
    }

    fn translate(
        &mut self,
        verb: &str,
        addresses: Option<(Register, Register)>,
        ports: Option<(Register, Register)>,
        flags: NatFlags,
    ) -> Result<(), Failure> {
        let mut text = String::new();
        if let Some((first, last)) = addresses {
            let [first, last] = [first, last].map(|register| self.address(register));
            let (Some(first), Some(last)) = (first, last) else {
                return not_modelled("nft: translation to what is looked up");
            };
            text += &if first == last { first } else { format!("{first}-{last}") };
        }
        if let Some((first, last)) = ports {
            let [first, last] = [first, last].map(|register| self.port(register));
            let (Some(first), Some(last)) = (first, last) else {
                return not_modelled("nft: translation to what is looked up");
            };
            text += &if first == last { format!(":{first}") } else { format!(":{first}-{last}") };
        }
        let to = if text.is_empty() { String::new() } else { format!(" to {text}") };
        self.statements.push(format!("{verb}{to}{}", nat_flags(flags)));
        Ok(())
    }

    fn address(&mut self, register: Register) -> Option<String> {
        match &self.slot(register).loaded {
            Loaded::Value(Value(bytes)) => {
                let bytes: [u8; 4] = bytes.as_slice().try_into().ok()?;
                Some(std::net::Ipv4Addr::from(bytes).to_string())
            }
            _ => None,
        }
    }

    fn port(&mut self, register: Register) -> Option<u16> {
        match &self.slot(register).loaded {
            Loaded::Value(Value(bytes)) => Some(u16::from_be_bytes([*bytes.first()?, *bytes.get(1)?])),
            _ => None,
        }
    }
}

fn not_modelled<T>(what: &str) -> Result<T, Failure> {
    Err(Failure::NotModelled(what.to_owned()))
}

/// The protocol behind IP that a comparison demands.
fn demands_protocol(slot: &Slot, compare: &Compare) -> Option<u8> {
    let is_about_it = match &slot.loaded {
        Loaded::Meta(key) => *key == MetaKey::L4Proto,
        Loaded::Payload(from) => (from.base, from.offset, from.length) == (PayloadBase::Network, 9, 1),
        _ => false,
    };
    let protocol = compare.value.0.first()?;
    (is_about_it && compare.comparison == Comparison::Equal).then_some(*protocol)
}

fn meta_name(key: MetaKey) -> Option<&'static str> {
    (key == MetaKey::Mark).then_some("mark")
}

fn ct_name(key: CtKey) -> Option<&'static str> {
    (key == CtKey::Mark).then_some("mark")
}

/// `limit_stmt_print`.
fn limited(limit: &Limit) -> String {
    let over = if limit.over { "over " } else { "" };
    let unit = match limit.unit.seconds() {
        1 => "second",
        60 => "minute",
        3_600 => "hour",
        86_400 => "day",
        _ => "week",
    };
    if limit.bytes {
        let (rate, name) = in_units(limit.rate);
        let burst = match limit.burst {
            0 => String::new(),
            burst => {
                let (burst, name) = in_units(burst.into());
                format!(" burst {burst} {name}")
            }
        };
        return format!("limit rate {over}{rate} {name}/{unit}{burst}");
    }
    let burst = match limit.burst {
        0 | USUAL_BURST => String::new(),
        burst => format!(" burst {burst} packets"),
    };
    format!("limit rate {over}{}/{unit}{burst}", limit.rate)
}

/// Bytes in the largest unit that divides them (`get_rate`).
fn in_units(mut bytes: u64) -> (u64, &'static str) {
    const NAMES: [&str; 3] = ["bytes", "kbytes", "mbytes"];
    let mut place = 0;
    while place + 1 < NAMES.len() && bytes != 0 && bytes.is_multiple_of(1024) {
        bytes /= 1024;
        place += 1;
    }
    (bytes, NAMES[place])
}

/// `log_stmt_print`.
fn logged(log: &Log) -> String {
    const LEVELS: [&str; 9] = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug", "audit"];
    let mut text = "log".to_owned();
    if let Some(prefix) = &log.prefix {
        text += &format!(" prefix \"{prefix}\"");
    }
    if let Some(group) = log.group {
        text += &format!(" group {group}");
    }
    match log.level {
        None | Some(4) => {}
        Some(level) => text += &format!(" level {}", LEVELS.get(level as usize).unwrap_or(&"unknown")),
    }
    text + &extension::log_flags(log.flags)
}

/// `print_nf_nat_flags`.
fn nat_flags(flags: NatFlags) -> String {
    let named = [
        (NatFlags::PROTO_RANDOM, "random"),
        (NatFlags::PROTO_RANDOM_FULLY, "fully-random"),
        (NatFlags::PERSISTENT, "persistent"),
    ];
    let names: Vec<&str> =
        named.iter().filter(|(flag, _)| flags.contains(*flag)).map(|(_, name)| *name).collect();
    if names.is_empty() { String::new() } else { format!(" {}", names.join(",")) }
}
