//! `[ … ]`, `test …` and `[[ … ]]`.

use crate::System;
use crate::expand::{Expanded, Expander, Trouble};
use crate::pattern::Pattern;
use crate::state::State;
use crate::{arithmetic, room};
use brush_parser::ast::{BinaryPredicate, ExtendedTestExpr};

impl Expander<'_> {
    /// Whether the condition of `[[ … ]]` holds.
    pub(crate) fn condition(&mut self, expression: &ExtendedTestExpr) -> Expanded<bool> {
        // One more part lies within this one, or none.
        room::for_depth(1, || self.part(expression))
    }

    fn part(&mut self, expression: &ExtendedTestExpr) -> Expanded<bool> {
        Ok(match expression {
            ExtendedTestExpr::And(left, right) => self.condition(left)? && self.condition(right)?,
            ExtendedTestExpr::Or(left, right) => self.condition(left)? || self.condition(right)?,
            ExtendedTestExpr::Not(inner) => !self.condition(inner)?,
            ExtendedTestExpr::Parenthesized(inner) => self.condition(inner)?,
            ExtendedTestExpr::UnaryTest(predicate, word) => {
                let word = self.single(&word.value)?;
                unary(&predicate.to_string(), &word, self.state, self.system)?
            }
            ExtendedTestExpr::BinaryTest(predicate, left, right) => {
                let left = self.single(&left.value)?;
                match predicate {
                    BinaryPredicate::StringExactlyMatchesPattern => {
                        Pattern::new(&self.pattern(&right.value)?).fits_text(&left)
                    }
                    BinaryPredicate::StringDoesNotExactlyMatchPattern => {
                        !Pattern::new(&self.pattern(&right.value)?).fits_text(&left)
                    }
                    BinaryPredicate::StringMatchesRegex | BinaryPredicate::StringContainsSubstring => {
                        return Err(Trouble::NotModelled("=~ in [[ … ]]".to_owned()));
                    }
                    BinaryPredicate::LeftSortsBeforeRight => left < self.single(&right.value)?,
                    BinaryPredicate::LeftSortsAfterRight => left > self.single(&right.value)?,
                    BinaryPredicate::StringExactlyMatchesString => left == self.single(&right.value)?,
                    BinaryPredicate::StringDoesNotExactlyMatchString => left != self.single(&right.value)?,
                    BinaryPredicate::FilesReferToSameDeviceAndInodeNumbers
                    | BinaryPredicate::LeftFileIsNewerOrExistsWhenRightDoesNot
                    | BinaryPredicate::LeftFileIsOlderOrDoesNotExistWhenRightDoes => {
                        return Err(Trouble::NotModelled(format!("{predicate} in [[ … ]]")));
                    }
                    _ => {
                        let left = arithmetic::value(&left, self.state).map_err(Trouble::discards)?;
                        let right = self.single(&right.value)?;
                        let right = arithmetic::value(&right, self.state).map_err(Trouble::discards)?;
                        numbers(&predicate.to_string(), left, right).unwrap_or_default()
                    }
                }
            }
        })
    }
}

fn unary(operator: &str, word: &str, state: &State, system: &mut dyn System) -> Expanded<bool> {
    Ok(match operator {
        "-n" => !word.is_empty(),
        "-z" => word.is_empty(),
        "-e" | "-a" => system.folder(word).is_some(),
        "-f" => system.folder(word) == Some(false),
        "-d" => system.folder(word) == Some(true),
        "-r" | "-w" => system.folder(word).is_some(),
        "-x" => system.folder(word) == Some(true),
        "-s" => system.read(word).is_ok_and(|text| !text.is_empty()),
        "-v" => state.variables.get(word).is_some_and(|variable| variable.value.is_some()),
        // Nothing here is a terminal to a script, a link, or a special file.
        "-t" | "-L" | "-h" | "-b" | "-c" | "-p" | "-S" | "-g" | "-u" | "-k" => false,
        other => return Err(Trouble::NotModelled(format!("test {other}"))),
    })
}

fn numbers(operator: &str, left: i64, right: i64) -> Option<bool> {
    Some(match operator {
        "-eq" => left == right,
        "-ne" => left != right,
        "-lt" => left < right,
        "-le" => left <= right,
        "-gt" => left > right,
        "-ge" => left >= right,
        _ => return None,
    })
}

/// `test` and `[`: the words between, as POSIX.1-2017 orders them by their number, and more by `-a`, `-o`, `!`, `( )`.
///
/// # Errors
/// The words make no condition: in bash's words, without the name.
pub(crate) fn test(words: &[String], state: &State, system: &mut dyn System) -> Result<bool, Trouble> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    posix(&words, state, system, 0)
}

const UNARY: [&str; 20] = [
    "-n", "-z", "-e", "-a", "-f", "-d", "-r", "-w", "-x", "-s", "-v", "-t", "-L", "-h", "-b", "-c", "-p",
    "-S", "-o", "-g",
];
const BINARY: [&str; 11] = ["=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"];

fn posix(words: &[&str], state: &State, system: &mut dyn System, depth: usize) -> Result<bool, Trouble> {
    if depth > 64 {
        return Err(Trouble::discards("too many arguments".to_owned()));
    }
    let mut inner = |words: &[&str]| posix(words, state, system, depth + 1);
    match words {
        [] => Ok(false),
        [word] => Ok(!word.is_empty()),
        ["!", word] => Ok(word.is_empty()),
        [operator, word] => {
            if UNARY.contains(operator) {
                unary(operator, word, state, system)
            } else {
                Err(Trouble::discards(format!("{operator}: unary operator expected")))
            }
        }
        [left, operator, right] if BINARY.contains(operator) => binary(left, operator, right),
        [left, "-a", right] => Ok(!left.is_empty() && !right.is_empty()),
        [left, "-o", right] => Ok(!left.is_empty() || !right.is_empty()),
        ["!", rest @ ..] if words.len() <= 4 => inner(rest).map(|holds| !holds),
        ["(", between @ .., ")"] if words.len() <= 4 => inner(between),
        [_, operator, _] => Err(Trouble::discards(format!("{operator}: binary operator expected"))),
        _ => longer(words, &mut inner),
    }
}

/// Five words and more: `-o` binds least, then `-a`.
fn longer(words: &[&str], inner: &mut dyn FnMut(&[&str]) -> Result<bool, Trouble>) -> Result<bool, Trouble> {
    for operator in ["-o", "-a"] {
        let mut parentheses = 0;
        for (place, word) in words.iter().enumerate() {
            match *word {
                "(" => parentheses += 1,
                ")" => parentheses -= 1,
                word if word == operator && parentheses == 0 && place > 0 && place + 1 < words.len() => {
                    let (left, right) = (inner(&words[..place])?, inner(&words[place + 1..])?);
                    return Ok(if operator == "-o" { left || right } else { left && right });
                }
                _ => {}
            }
        }
    }
    match words {
        ["!", rest @ ..] => inner(rest).map(|holds| !holds),
        ["(", between @ .., ")"] => inner(between),
        _ => Err(Trouble::discards("too many arguments".to_owned())),
    }
}

fn binary(left: &str, operator: &str, right: &str) -> Result<bool, Trouble> {
    match operator {
        "=" | "==" => Ok(left == right),
        "!=" => Ok(left != right),
        "<" => Ok(left < right),
        ">" => Ok(left > right),
        _ => {
            let number = |text: &str| {
                text.trim()
                    .parse::<i64>()
                    .map_err(|_| Trouble::discards(format!("{text}: integer expression expected")))
            };
            Ok(numbers(operator, number(left)?, number(right)?).unwrap_or_default())
        }
    }
}
