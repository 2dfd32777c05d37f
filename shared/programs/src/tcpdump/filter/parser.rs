//! The grammar of filters (`grammar.y` of libpcap 1.10.3).
//!
//! `and` and `or` bind equally, from the left; `not` binds tighter. An address without a qualifier takes that
//! of the one before it: `host 10.0.0.1 or 10.0.0.2`.

use super::lexer::{Proto, Token, tokens};
use super::primitive::{self, Address, Kind, Qualifier, Way};
use super::{Base, FilterError, LinkType, Operator, Relation, Test, Value};

type Parsed<T> = Result<T, FilterError>;

/// A test, and the qualifier that an address behind it takes over.
type Term = (Test, Option<Qualifier>);

/// Reads a whole filter; `None` is the empty one.
pub(super) fn parse(text: &str, link_type: LinkType) -> Parsed<Option<Test>> {
    let tokens = if text.len() > MOST_BYTES { None } else { Some(tokens(text, MOST_WORDS)) };
    let few = |tokens: &Vec<Token>| tokens.len() <= MOST_WORDS && deepest(tokens) <= MOST_OPEN;
    let Some(tokens) = tokens.filter(few) else {
        return Err(FilterError::NotModelled(format!(
            "more than {MOST_BYTES} bytes, {MOST_WORDS} words, or {MOST_OPEN} parentheses one inside the other,"
        )));
    };
    let mut parser = Parser { tokens, at: 0, link_type };
    if parser.tokens.is_empty() {
        return Ok(None);
    }
    let (test, _) = parser.expression(None)?;
    match parser.peek() {
        None => Ok(Some(test)),
        Some(_) => Err(parser.wrong()),
    }
}

/// The longest filter, in bytes: for each word it is looked how far it goes.
const MOST_BYTES: usize = 16 << 10;
/// The most words and symbols of a filter: what is read here calls itself for each.
const MOST_WORDS: usize = 1000;
/// The most parentheses and brackets that may be open at once.
const MOST_OPEN: usize = 50;

/// How many parentheses and brackets are open at once.
fn deepest(tokens: &[Token]) -> usize {
    let mut open: usize = 0;
    let depths = tokens.iter().map(|token| {
        match token {
            Token::Symbol("(" | "[") => open += 1,
            Token::Symbol(")" | "]") => open = open.saturating_sub(1),
            _ => {}
        }
        open
    });
    depths.max().unwrap_or(0)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    link_type: LinkType,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// Why the word that stands here cannot stand here.
    fn wrong(&self) -> FilterError {
        match self.peek() {
            Some(Token::Wrong(error)) => error.clone(),
            Some(Token::NotModelled(word)) => FilterError::NotModelled(word.clone()),
            _ => FilterError::Syntax,
        }
    }

    /// Takes this word, if it is the next one.
    fn take(&mut self, wanted: &Token) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn keyword(&mut self, word: &'static str) -> bool {
        self.take(&Token::Keyword(word))
    }

    fn symbol(&mut self, symbol: &'static str) -> bool {
        self.take(&Token::Symbol(symbol))
    }

    fn expect(&mut self, symbol: &'static str) -> Parsed<()> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.wrong()) }
    }

    fn number(&mut self) -> Parsed<u32> {
        match self.peek() {
            Some(&Token::Number(number)) => {
                self.at += 1;
                Ok(number)
            }
            _ => Err(self.wrong()),
        }
    }

    /// `expr`: terms and addresses with `and` and `or` between them.
    fn expression(&mut self, inherited: Option<Qualifier>) -> Parsed<Term> {
        let (mut test, mut qualifier) = self.term(inherited)?;
        loop {
            let both = match self.peek() {
                Some(Token::Keyword("and")) => true,
                Some(Token::Keyword("or")) => false,
                _ => return Ok((test, qualifier)),
            };
            self.at += 1;
            let right = if self.address_follows() {
                (self.address(qualifier)?, qualifier)
            } else {
                self.term(qualifier)?
            };
            test = if both { test.and(right.0) } else { test.or(right.0) };
            qualifier = right.1;
        }
    }

    /// Whether what follows is an address without a qualifier (`id`), and not a term of its own.
    fn address_follows(&mut self) -> bool {
        let skipped = |token: &Token| matches!(token, Token::Keyword("not") | Token::Symbol("("));
        let first = self.tokens[self.at..].iter().find(|token| !skipped(token));
        match first {
            Some(Token::Name(_) | Token::Address(_) | Token::Mac(_)) => true,
            Some(Token::Number(_)) => !self.comparison_follows(),
            _ => false,
        }
    }

    /// Whether a comparison of numbers stands here, maybe behind any of `not` and `(`: a bracket may hold a number of
    /// the comparison, the whole of it, or the `not` before it.
    fn comparison_follows(&mut self) -> bool {
        let start = self.at;
        let found = loop {
            let here = self.at;
            // One that is refused for what it says is still one.
            if let Ok(_) | Err(FilterError::Message(_)) = self.comparison() {
                break true;
            }
            self.at = here;
            if !self.keyword("not") && !self.symbol("(") {
                break false;
            }
        };
        self.at = start;
        found
    }

    /// `term`, `rterm`.
    fn term(&mut self, inherited: Option<Qualifier>) -> Parsed<Term> {
        match self.peek().cloned() {
            Some(Token::Keyword("not")) => {
                self.at += 1;
                let (test, qualifier) = self.term(inherited)?;
                Ok((test.negated(), qualifier))
            }
            Some(Token::Symbol("(")) if !self.begins_arithmetic() => {
                self.at += 1;
                let (test, _) = self.expression(inherited)?;
                self.expect(")")?;
                Ok((test, inherited))
            }
            Some(Token::Symbol("(" | "-") | Token::Number(_) | Token::Keyword("len")) => {
                Ok((self.comparison()?, None))
            }
            Some(Token::Proto(_)) if self.tokens.get(self.at + 1) == Some(&Token::Symbol("[")) => {
                Ok((self.comparison()?, None))
            }
            Some(Token::Proto(proto)) => {
                self.at += 1;
                self.qualified(Some(proto))
            }
            Some(Token::Keyword(_)) => self.qualified(None),
            _ => Err(self.wrong()),
        }
    }

    /// Whether the brackets that open here hold a number and not a test.
    fn begins_arithmetic(&mut self) -> bool {
        let start = self.at;
        let found = self.comparison().is_ok();
        self.at = start;
        found
    }

    /// What follows a protocol, or none: qualifiers with an address, a word of its own, or nothing.
    fn qualified(&mut self, proto: Option<Proto>) -> Parsed<Term> {
        let own = |test| Ok((test, None));
        match self.peek().cloned() {
            Some(Token::Keyword("broadcast")) => {
                self.at += 1;
                return own(primitive::broadcast(proto, self.link_type)?);
            }
            Some(Token::Keyword("multicast")) => {
                self.at += 1;
                return own(primitive::multicast(proto, self.link_type)?);
            }
            Some(Token::Keyword(word @ ("less" | "greater"))) if proto.is_none() => {
                let less = word == "less";
                self.at += 1;
                let number = Value::Number(self.number()?);
                return own(if less {
                    Test::Compare(Value::Length, Relation::Greater, number).negated()
                } else {
                    Test::Compare(Value::Length, Relation::GreaterOrEqual, number)
                });
            }
            Some(Token::Keyword(word @ ("inbound" | "outbound"))) if proto.is_none() => {
                let outgoing = u32::from(word == "outbound");
                self.at += 1;
                return own(Test::Compare(Value::Outgoing, Relation::Equal, Value::Number(outgoing)));
            }
            _ => {}
        }
        let way = self.way()?;
        let kind = match self.peek() {
            Some(Token::Keyword("host")) => Some(Kind::Host),
            Some(Token::Keyword("net")) => Some(Kind::Net),
            Some(Token::Keyword("port")) => Some(Kind::Port),
            Some(Token::Keyword("portrange")) => Some(Kind::PortRange),
            Some(Token::Keyword("proto")) if way.is_none() => Some(Kind::Proto),
            _ => None,
        };
        self.at += usize::from(kind.is_some());
        match (proto, way, kind) {
            (Some(proto), None, None) => match self.peek() {
                Some(Token::NotModelled(_)) => Err(self.wrong()),
                _ => own(primitive::protocol(proto)?),
            },
            (None, None, None) => Err(self.wrong()),
            _ => {
                let qualifier = Qualifier { proto, way, kind };
                Ok((self.address(Some(qualifier))?, Some(qualifier)))
            }
        }
    }

    /// `dqual`.
    fn way(&mut self) -> Parsed<Option<Way>> {
        let (other, alone) = match self.peek() {
            Some(Token::Keyword("src")) => ("dst", Way::Source),
            Some(Token::Keyword("dst")) => ("src", Way::Destination),
            _ => return Ok(None),
        };
        self.at += 1;
        let joined = if self.keyword("or") {
            Way::Either
        } else if self.keyword("and") {
            Way::Both
        } else {
            return Ok(Some(alone));
        };
        if self.keyword(other) { Ok(Some(joined)) } else { Err(self.wrong()) }
    }

    /// `id`: an address, or several in brackets that share a qualifier.
    fn address(&mut self, qualifier: Option<Qualifier>) -> Parsed<Test> {
        if self.keyword("not") {
            return Ok(self.address(qualifier)?.negated());
        }
        if self.peek() != Some(&Token::Symbol("(")) {
            let address = self.plain_address()?;
            return primitive::address(&address, qualifier, self.link_type);
        }
        if let Some(number) = self.number_in_brackets() {
            return primitive::address(&Address::Number(number), qualifier, self.link_type);
        }
        self.at += 1;
        let mut test = self.first_in_brackets(qualifier)?;
        loop {
            if self.symbol(")") {
                return Ok(test);
            }
            let both = self.keyword("and");
            if !both && !self.keyword("or") {
                return Err(self.wrong());
            }
            let right = self.address(qualifier)?;
            test = if both { test.and(right) } else { test.or(right) };
        }
    }

    /// `pid`: the first of several begins with no bracket, unless that holds a number alone.
    fn first_in_brackets(&mut self, qualifier: Option<Qualifier>) -> Parsed<Test> {
        match self.number_in_brackets() {
            Some(number) => primitive::address(&Address::Number(number), qualifier, self.link_type),
            None if self.peek() == Some(&Token::Symbol("(")) => Err(self.wrong()),
            None => self.address(qualifier),
        }
    }

    /// `pnum`: a number in brackets, if that is what stands here.
    fn number_in_brackets(&mut self) -> Option<u32> {
        let start = self.at;
        let mut opened = 0;
        while self.symbol("(") {
            opened += 1;
        }
        let number = self.number().ok().filter(|_| opened > 0);
        if number.is_some() && (0..opened).all(|_| self.symbol(")")) {
            return number;
        }
        self.at = start;
        None
    }

    fn plain_address(&mut self) -> Parsed<Address> {
        let address = match self.peek() {
            Some(Token::Name(name)) => Address::Name(name.clone()),
            Some(&Token::Number(number)) => Address::Number(number),
            Some(&Token::Mac(mac)) => Address::Mac(mac),
            Some(Token::Address(text)) => {
                let text = text.clone();
                self.at += 1;
                if self.symbol("/") {
                    let length = self.number()?;
                    return Ok(Address::Prefix(text, length));
                }
                if self.keyword("mask") {
                    return match self.peek() {
                        Some(Token::Address(mask)) => {
                            let mask = mask.clone();
                            self.at += 1;
                            Ok(Address::Masked(text, mask))
                        }
                        _ => Err(self.wrong()),
                    };
                }
                return Ok(Address::Dotted(text));
            }
            _ => return Err(self.wrong()),
        };
        self.at += 1;
        Ok(address)
    }

    /// `arth relop arth`, with the protocols that both sides ask for.
    fn comparison(&mut self) -> Parsed<Test> {
        let mut asked = Vec::new();
        let left = self.arithmetic(0, &mut asked)?;
        let (relation, negated) = match self.peek() {
            Some(Token::Symbol(">")) => (Relation::Greater, false),
            Some(Token::Symbol(">=")) => (Relation::GreaterOrEqual, false),
            Some(Token::Symbol("=")) => (Relation::Equal, false),
            Some(Token::Symbol("<=")) => (Relation::Greater, true),
            Some(Token::Symbol("<")) => (Relation::GreaterOrEqual, true),
            Some(Token::Symbol("!=")) => (Relation::Equal, true),
            _ => return Err(self.wrong()),
        };
        self.at += 1;
        let right = self.arithmetic(0, &mut asked)?;
        let compare = Test::Compare(left, relation, right);
        let compare = if negated { compare.negated() } else { compare };
        Ok(asked.into_iter().rev().fold(compare, |test, protocol: Test| protocol.and(test)))
    }

    /// Sums, products and the like, of operators that bind at least this tight.
    fn arithmetic(&mut self, tightness: u8, asked: &mut Vec<Test>) -> Parsed<Value> {
        let mut left = self.operand(asked)?;
        loop {
            let (operator, own) = match self.peek() {
                Some(Token::Symbol("|")) => (Operator::Or, 1),
                Some(Token::Symbol("&")) => (Operator::And, 2),
                Some(Token::Symbol("<<")) => (Operator::ShiftLeft, 3),
                Some(Token::Symbol(">>")) => (Operator::ShiftRight, 3),
                Some(Token::Symbol("+")) => (Operator::Add, 4),
                Some(Token::Symbol("-")) => (Operator::Subtract, 4),
                Some(Token::Symbol("*")) => (Operator::Multiply, 5),
                Some(Token::Symbol("/")) => (Operator::Divide, 5),
                // These two have no place in libpcap's order: what they bind with depends on its parser.
                Some(Token::Symbol(symbol @ ("%" | "^"))) => {
                    return Err(FilterError::NotModelled((*symbol).to_owned()));
                }
                _ => return Ok(left),
            };
            if own <= tightness {
                return Ok(left);
            }
            self.at += 1;
            let right = self.arithmetic(own, asked)?;
            if right == Value::Number(0) && operator == Operator::Divide {
                return Err(FilterError::Message("division by zero".to_owned()));
            }
            left = Value::Binary(operator, Box::new(left), Box::new(right));
        }
    }

    fn operand(&mut self, asked: &mut Vec<Test>) -> Parsed<Value> {
        match self.peek() {
            Some(&Token::Number(number)) => {
                self.at += 1;
                Ok(Value::Number(number))
            }
            Some(Token::Keyword("len")) => {
                self.at += 1;
                Ok(Value::Length)
            }
            Some(Token::Symbol("-")) => {
                self.at += 1;
                let value = self.operand(asked)?;
                Ok(Value::Binary(Operator::Subtract, Box::new(Value::Number(0)), Box::new(value)))
            }
            Some(Token::Symbol("(")) => {
                self.at += 1;
                let value = self.arithmetic(0, asked)?;
                self.expect(")")?;
                Ok(value)
            }
            Some(&Token::Proto(proto)) => {
                self.at += 1;
                self.expect("[")?;
                let offset = self.arithmetic(0, asked)?;
                let size = if self.symbol(":") { self.number()? } else { 1 };
                self.expect("]")?;
                let size = match size {
                    1 | 2 | 4 => size as u8,
                    _ => return Err(FilterError::Message("data size must be 1, 2, or 4".to_owned())),
                };
                let base = match proto {
                    Proto::Link if self.link_type == LinkType::Cooked => {
                        return Err(FilterError::NotModelled("ether[…] on any".to_owned()));
                    }
                    Proto::Link => Base::Link,
                    Proto::Ip | Proto::Arp | Proto::Rarp | Proto::Ip6 => Base::Network,
                    Proto::Tcp | Proto::Udp | Proto::Sctp | Proto::Over(..) => Base::Transport,
                    Proto::Icmp6 => return Err(FilterError::NotModelled("icmp6[…]".to_owned())),
                };
                asked.extend(primitive::asked_by_load(proto, base)?);
                Ok(Value::Load(base, Box::new(offset), size))
            }
            _ => Err(self.wrong()),
        }
    }
}
