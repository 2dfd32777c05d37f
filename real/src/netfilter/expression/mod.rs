//! Expressions of rules (`NFTA_EXPR_*`): one `struct nft_expr_type` of the kernel each.

mod action;
pub(super) mod basic;

use super::attribute::{Attributes, Received};
use super::xt;
use vethlab_shared::error::StackError;
use vethlab_shared::netfilter::{Expression, Register, Value};

/// `NFTA_EXPR_NAME`.
const NAME: u16 = 1;
/// `NFTA_EXPR_DATA`.
const DATA: u16 = 2;
/// `NFTA_DATA_VALUE`.
pub(super) const VALUE: u16 = 1;
/// `NFT_REG_1`, the first register of 16 bytes.
const FIRST_WIDE: u32 = 1;
/// `NFT_REG32_00`, the first register of 4 bytes.
const FIRST_NARROW: u32 = 8;

/// An expression as the kernel takes it.
pub(super) fn encode(expression: &Expression) -> Attributes {
    let (name, data) = match expression {
        Expression::Match(extension) => ("match", xt::matches::encode(extension)),
        Expression::Target(extension) => ("target", xt::targets::encode(extension)),
        Expression::Other { name, data } => {
            return Attributes::default().text(NAME, name).bytes(DATA, &data.0);
        }
        other => action::encode(other).unwrap_or_else(|| basic::encode(other)),
    };
    Attributes::default().text(NAME, name).nest(DATA, &data)
}

/// An expression that the kernel tells of. One that nothing here knows stays bytes.
pub(super) fn decode(bytes: &[u8]) -> Result<Expression, StackError> {
    let attributes = Received::new(bytes)?;
    let name = attributes.text(NAME).unwrap_or_default();
    let data = attributes.bytes(DATA).unwrap_or_default();
    let fields = Received::new(data)?;
    let found = match name.as_str() {
        "match" => xt::matches::decode(&fields).map(Expression::Match),
        "target" => xt::targets::decode(&fields).map(Expression::Target),
        name => basic::decode(name, &fields).or_else(|| action::decode(name, &fields)),
    };
    Ok(found.unwrap_or_else(|| Expression::Other { name, data: Value::from(data) }))
}

/// The kernel's number of a register (`nft_dump_register`): where one of 16 bytes begins, that one's.
fn number(register: Register) -> u32 {
    let index = u32::from(register.0);
    if index.is_multiple_of(4) { FIRST_WIDE + index / 4 } else { FIRST_NARROW + index }
}

/// The register of a number (`nft_parse_register`). The verdict has none.
fn register(number: u32) -> Option<Register> {
    let index = match number {
        FIRST_WIDE..=4 => (number - FIRST_WIDE) * 4,
        FIRST_NARROW..=23 => number - FIRST_NARROW,
        _ => return None,
    };
    u8::try_from(index).ok().map(Register)
}

/// Writing and reading of what many expressions have.
trait Fields: Sized {
    /// With a register.
    fn register(self, kind: u16, register: Register) -> Self;
    /// With a value (`nft_data_dump`).
    fn value(self, kind: u16, value: &Value) -> Self;
    /// With two registers, where there are such.
    fn registers(self, kinds: [u16; 2], registers: Option<(Register, Register)>) -> Self;
}

impl Fields for Attributes {
    fn register(self, kind: u16, register: Register) -> Attributes {
        self.u32(kind, number(register))
    }
    fn value(self, kind: u16, value: &Value) -> Attributes {
        self.nest(kind, &Attributes::default().bytes(VALUE, &value.0))
    }
    fn registers(self, kinds: [u16; 2], registers: Option<(Register, Register)>) -> Attributes {
        self.maybe(registers, |attributes, (first, last)| {
            attributes.register(kinds[0], first).register(kinds[1], last)
        })
    }
}

impl Received<'_> {
    /// A register.
    fn register(&self, kind: u16) -> Option<Register> {
        register(self.u32(kind)?)
    }

    /// A value.
    fn value(&self, kind: u16) -> Option<Value> {
        self.nested(kind)?.bytes(VALUE).map(Value::from)
    }

    /// Two registers; the second is the first where there is only that.
    fn registers(&self, kinds: [u16; 2]) -> Option<(Register, Register)> {
        let first = self.register(kinds[0])?;
        Some((first, self.register(kinds[1]).unwrap_or(first)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_have_the_numbers_of_the_kernel() {
        let numbers: Vec<u32> = (0..16).map(|index| number(Register(index))).collect();
        assert_eq!(numbers, [1, 9, 10, 11, 2, 13, 14, 15, 3, 17, 18, 19, 4, 21, 22, 23]);
        assert!((0..16).all(|index| register(number(Register(index))) == Some(Register(index))));
        assert_eq!((register(0), register(5), register(24)), (None, None, None));
    }
}
