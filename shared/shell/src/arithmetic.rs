//! Whole numbers, as `$(( … ))` counts them: 64 bits, going round.

use crate::room;
use crate::state::{State, Value};
use brush_parser::ast::{
    ArithmeticExpr, ArithmeticTarget, BinaryOperator, UnaryAssignmentOperator, UnaryOperator,
};

/// How many variables may stand for an expression one within the other (`MAX_EXPR_RECURSION_LEVEL` of bash has 1024).
const DEEPEST: usize = 64;

/// The value of an expression, in which nothing is left to expand.
///
/// # Errors
/// It is none, or cannot be counted: in the words of bash.
pub(crate) fn value(text: &str, state: &mut State) -> Result<i64, String> {
    of_text(text, state, 0)
}

fn of_text(text: &str, state: &mut State, depth: usize) -> Result<i64, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(0);
    }
    if let Ok(number) = trimmed.parse::<i64>()
        && !trimmed.starts_with(['0', '+', '-'])
    {
        return Ok(number);
    }
    let nested =
        trimmed.bytes().filter(|byte| matches!(byte, b'(' | b'[' | b'-' | b'+' | b'~' | b'!' | b'?')).count();
    if depth > DEEPEST || trimmed.len() > 4096 || nested > 256 {
        return Err(format!("{trimmed}: expression recursion level exceeded (error token is \"{trimmed}\")"));
    }
    // A tree is no deeper than it has operators.
    let operators = trimmed.bytes().filter(|byte| !byte.is_ascii_alphanumeric()).count();
    room::for_depth(operators, || {
        let parsed = brush_parser::arithmetic::parse(trimmed)
            .map_err(|_| format!("{trimmed}: syntax error in expression (error token is \"{trimmed}\")"))?;
        of(&parsed, state, depth).map_err(|error| format!("{trimmed}: {error}"))
    })
}

fn of(expression: &ArithmeticExpr, state: &mut State, depth: usize) -> Result<i64, String> {
    Ok(match expression {
        ArithmeticExpr::Literal(number) => *number,
        ArithmeticExpr::Reference(target) => read(target, state, depth)?,
        ArithmeticExpr::UnaryOp(operator, operand) => {
            let operand = of(operand, state, depth)?;
            match operator {
                UnaryOperator::UnaryPlus => operand,
                UnaryOperator::UnaryMinus => operand.wrapping_neg(),
                UnaryOperator::BitwiseNot => !operand,
                UnaryOperator::LogicalNot => i64::from(operand == 0),
            }
        }
        ArithmeticExpr::BinaryOp(BinaryOperator::LogicalAnd, left, right) => {
            i64::from(of(left, state, depth)? != 0 && of(right, state, depth)? != 0)
        }
        ArithmeticExpr::BinaryOp(BinaryOperator::LogicalOr, left, right) => {
            i64::from(of(left, state, depth)? != 0 || of(right, state, depth)? != 0)
        }
        ArithmeticExpr::BinaryOp(operator, left, right) => {
            let (left, right) = (of(left, state, depth)?, of(right, state, depth)?);
            apply(operator, left, right)?
        }
        ArithmeticExpr::Conditional(condition, then, otherwise) => {
            let chosen = if of(condition, state, depth)? != 0 { then } else { otherwise };
            of(chosen, state, depth)?
        }
        ArithmeticExpr::Assignment(target, new) => {
            let new = of(new, state, depth)?;
            write(target, new, state, depth)?
        }
        ArithmeticExpr::BinaryAssignment(operator, target, operand) => {
            let (old, operand) = (read(target, state, depth)?, of(operand, state, depth)?);
            write(target, apply(operator, old, operand)?, state, depth)?
        }
        ArithmeticExpr::UnaryAssignment(operator, target) => {
            let old = read(target, state, depth)?;
            let new = match operator {
                UnaryAssignmentOperator::PrefixIncrement | UnaryAssignmentOperator::PostfixIncrement => {
                    old.wrapping_add(1)
                }
                UnaryAssignmentOperator::PrefixDecrement | UnaryAssignmentOperator::PostfixDecrement => {
                    old.wrapping_sub(1)
                }
            };
            write(target, new, state, depth)?;
            match operator {
                UnaryAssignmentOperator::PrefixIncrement | UnaryAssignmentOperator::PrefixDecrement => new,
                UnaryAssignmentOperator::PostfixIncrement | UnaryAssignmentOperator::PostfixDecrement => old,
            }
        }
    })
}

fn apply(operator: &BinaryOperator, left: i64, right: i64) -> Result<i64, String> {
    let by = |right: i64| match right {
        0 => Err("division by 0 (error token is \"0\")".to_owned()),
        right => Ok(right),
    };
    Ok(match operator {
        BinaryOperator::Power => {
            let exponent = u64::try_from(right)
                .map_err(|_| format!("exponent less than 0 (error token is \"{right}\")"))?;
            power(left, exponent)
        }
        BinaryOperator::Multiply => left.wrapping_mul(right),
        BinaryOperator::Divide => left.wrapping_div(by(right)?),
        BinaryOperator::Modulo => left.wrapping_rem(by(right)?),
        BinaryOperator::Comma => right,
        BinaryOperator::Add => left.wrapping_add(right),
        BinaryOperator::Subtract => left.wrapping_sub(right),
        BinaryOperator::ShiftLeft => left.wrapping_shl(right as u32),
        BinaryOperator::ShiftRight => left.wrapping_shr(right as u32),
        BinaryOperator::LessThan => i64::from(left < right),
        BinaryOperator::LessThanOrEqualTo => i64::from(left <= right),
        BinaryOperator::GreaterThan => i64::from(left > right),
        BinaryOperator::GreaterThanOrEqualTo => i64::from(left >= right),
        BinaryOperator::Equals => i64::from(left == right),
        BinaryOperator::NotEquals => i64::from(left != right),
        BinaryOperator::BitwiseAnd => left & right,
        BinaryOperator::BitwiseXor => left ^ right,
        BinaryOperator::BitwiseOr => left | right,
        BinaryOperator::LogicalAnd => i64::from(left != 0 && right != 0),
        BinaryOperator::LogicalOr => i64::from(left != 0 || right != 0),
    })
}

fn power(mut base: i64, mut exponent: u64) -> i64 {
    let mut result = 1_i64;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result.wrapping_mul(base);
        }
        base = base.wrapping_mul(base);
        exponent >>= 1;
    }
    result
}

fn read(target: &ArithmeticTarget, state: &mut State, depth: usize) -> Result<i64, String> {
    let text = match target {
        ArithmeticTarget::Variable(name) => state.value(name).map(str::to_owned),
        ArithmeticTarget::ArrayElement(name, index) => {
            let index = of(index, state, depth)?;
            element(state, name, index).map(str::to_owned)
        }
    };
    match text {
        None if state.options.nounset => Err(format!("{target}: unbound variable")),
        None => Ok(0),
        Some(text) => of_text(&text, state, depth + 1),
    }
}

/// An element of an array; a negative index counts from behind.
pub(crate) fn element<'a>(state: &'a State, name: &str, index: i64) -> Option<&'a str> {
    match state.variables.get(name)?.value.as_ref()? {
        Value::Text(text) => matches!(index, 0 | -1).then_some(text.as_str()),
        Value::List(list) => {
            let behind = list.last_key_value().map_or(0, |(last, _)| last.saturating_add(1));
            let index = if index < 0 { behind + index } else { index };
            list.get(&index).map(String::as_str)
        }
    }
}

fn write(target: &ArithmeticTarget, new: i64, state: &mut State, depth: usize) -> Result<i64, String> {
    match target {
        ArithmeticTarget::Variable(name) => state.set(name, &new.to_string())?,
        ArithmeticTarget::ArrayElement(name, index) => {
            let index = of(index, state, depth)?;
            state.set_element(name, index, &new.to_string())?;
        }
    }
    Ok(new)
}
