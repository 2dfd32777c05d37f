//! Filters in the language of `pcap-filter(7)`: text, then a tree, then a pure answer for each frame.

mod lexer;
mod parser;
mod primitive;

pub(crate) use lexer::words;

use std::fmt;
use vethlab_shared::socket::Direction;
use vethlab_shared::wire::ethernet::{self, HEADER_LENGTH as ETHERNET};

/// What a capture's frames begin with (`DLT_*` in libpcap).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkType {
    /// `EN10MB`: an Ethernet header.
    Ethernet,
    /// `LINUX_SLL2`: what `any` gives, a made-up header in the place of each link's own.
    Cooked,
}

/// Bytes of the header that `LINUX_SLL2` puts before a packet (`SLL2_HDR_LEN`).
pub(super) const COOKED: usize = 20;

impl LinkType {
    /// How long a frame is with the header that this kind of capture gives it, in bytes.
    pub(super) fn length_of(self, frame: &[u8]) -> usize {
        match self {
            LinkType::Ethernet => frame.len(),
            LinkType::Cooked => frame.len().saturating_sub(ETHERNET) + COOKED,
        }
    }
}

/// Why a filter cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterError {
    /// It is no sentence of the language.
    Syntax,
    /// libpcap refuses it, in these words.
    Message(String),
    /// It has something that is not modelled.
    NotModelled(String),
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilterError::Syntax => f.write_str("can't parse filter expression: syntax error"),
            FilterError::Message(text) => f.write_str(text),
            FilterError::NotModelled(what) => write!(f, "'{what}' in a filter is not modelled"),
        }
    }
}

impl std::error::Error for FilterError {}

/// A number that is read from a frame, or computed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Number(u32),
    /// The frame's length.
    Length,
    /// The `EtherType`.
    LinkType,
    /// 1 for a frame that went out.
    Outgoing,
    /// One, two or four bytes at an offset.
    Load(Base, Box<Value>, u8),
    Binary(Operator, Box<Value>, Box<Value>),
}

/// From where an offset counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    Link,
    Network,
    /// Behind the IPv4 header.
    Transport,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    And,
    Or,
    ShiftLeft,
    ShiftRight,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Equal,
    Greater,
    GreaterOrEqual,
}

/// A filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(Option<Test>);

/// What a frame must be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Compare(Value, Relation, Value),
    Not(Box<Test>),
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
}

impl Test {
    fn and(self, other: Test) -> Test {
        Test::And(Box::new(self), Box::new(other))
    }

    fn or(self, other: Test) -> Test {
        Test::Or(Box::new(self), Box::new(other))
    }

    fn negated(self) -> Test {
        Test::Not(Box::new(self))
    }
}

/// A frame that a filter looks at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The whole frame, from the Ethernet header on.
    pub frame: &'a [u8],
    /// Which way it went.
    pub direction: Direction,
}

impl Filter {
    /// Reads a filter for captures of this kind. An empty one lets everything through.
    ///
    /// # Errors
    /// What libpcap says about a wrong one; also where it has what is not modelled.
    pub fn parse(text: &str, link_type: LinkType) -> Result<Filter, FilterError> {
        parser::parse(text, link_type).map(Filter)
    }

    /// Whether a frame passes. As in the kernel, a filter that looks beyond the end of a frame ends there and
    /// lets it not pass, be there a `not` before it or none (`bpf_filter`).
    pub fn passes(&self, subject: Subject<'_>, link_type: LinkType) -> bool {
        let machine = Machine { subject, link_type };
        self.0.as_ref().is_none_or(|test| machine.holds(test).unwrap_or(false))
    }
}

/// What the tests of a filter ask; `None` is the end of the whole filter.
struct Machine<'a> {
    subject: Subject<'a>,
    link_type: LinkType,
}

impl Machine<'_> {
    fn holds(&self, test: &Test) -> Option<bool> {
        Some(match test {
            Test::Compare(left, relation, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                match relation {
                    Relation::Equal => left == right,
                    Relation::Greater => left > right,
                    Relation::GreaterOrEqual => left >= right,
                }
            }
            Test::Not(inner) => !self.holds(inner)?,
            Test::And(left, right) => self.holds(left)? && self.holds(right)?,
            Test::Or(left, right) => self.holds(left)? || self.holds(right)?,
        })
    }

    fn value(&self, value: &Value) -> Option<u32> {
        Some(match value {
            Value::Number(number) => *number,
            Value::Length => u32::try_from(self.link_type.length_of(self.subject.frame)).ok()?,
            Value::LinkType => self.bytes(ethernet::field::ETHERTYPE.start, 2)?,
            Value::Outgoing => u32::from(self.subject.direction == Direction::Out),
            Value::Load(base, offset, size) => {
                let offset = self.value(offset)? as usize;
                let start = match base {
                    Base::Link => 0,
                    Base::Network => ETHERNET,
                    Base::Transport => ETHERNET + 4 * (self.bytes(ETHERNET, 1)? & 0xf) as usize,
                };
                self.bytes(start + offset, usize::from(*size))?
            }
            Value::Binary(operator, left, right) => {
                compute(*operator, self.value(left)?, self.value(right)?)?
            }
        })
    }

    /// A number of this many bytes, the highest first.
    fn bytes(&self, offset: usize, size: usize) -> Option<u32> {
        let bytes = self.subject.frame.get(offset..offset.checked_add(size)?)?;
        Some(bytes.iter().fold(0, |number, &byte| number << 8 | u32::from(byte)))
    }
}

/// Arithmetic on 32 bits; nothing can be divided by zero.
fn compute(operator: Operator, left: u32, right: u32) -> Option<u32> {
    match operator {
        Operator::Add => Some(left.wrapping_add(right)),
        Operator::Subtract => Some(left.wrapping_sub(right)),
        Operator::Multiply => Some(left.wrapping_mul(right)),
        Operator::Divide => left.checked_div(right),
        Operator::And => Some(left & right),
        Operator::Or => Some(left | right),
        Operator::ShiftLeft => Some(left.checked_shl(right).unwrap_or(0)),
        Operator::ShiftRight => Some(left.checked_shr(right).unwrap_or(0)),
    }
}
