//! Expressions, evaluated.

use super::array::Key;
use super::execute::Machine;
use super::number;
use super::program::{Binary, Comparison, Expression, Place, SUBSEP};
use super::value::{Value, compare_numbers};
use crate::call::{MOST, STEP, Stop};
use crate::regex::{Dialect, Pattern, Regex, Span, Syntax, Wrong};

/// How many expressions are kept ready.
const KEPT: usize = 200;

/// Makes a regular expression ready.
pub(super) fn compile(text: &[u8]) -> Result<Regex, Wrong> {
    let syntax = Syntax { dialect: Dialect::Awk, extended: true, fold: false, groups: false };
    Pattern::read(text, &syntax)?.compile()
}

/// A place that was looked up: what is between brackets, or behind `$`, is evaluated once.
enum Found {
    Variable(usize),
    Field(usize),
    Element(usize, Key),
}

impl Machine<'_, '_, '_> {
    pub(super) fn evaluate(&mut self, expression: &Expression) -> Result<Value, Stop> {
        self.call.work(STEP)?;
        let truth = |holds: bool| Value::Number(f64::from(u8::from(holds)));
        Ok(match expression {
            Expression::Number(number) => Value::Number(*number),
            Expression::Text(text) => {
                self.call.work(text.len())?;
                Value::Text(text.clone())
            }
            Expression::Matches(_) => {
                let text = self.record_text()?;
                truth(self.matches(&text, expression)?)
            }
            Expression::Place(place) => {
                let found = self.look_up(place)?;
                self.value(&found)?
            }
            Expression::Array(number) => self.variable(*number)?,
            Expression::Assign(place, how, value) => self.assign(place, *how, value)?,
            Expression::Increment(place, step, old) => {
                let found = self.look_up(place)?;
                let before = self.value(&found)?.number();
                self.put_value(&found, Value::Number(before + step))?;
                Value::Number(if *old { before } else { before + step })
            }
            Expression::Negate(value) => Value::Number(-self.evaluate(value)?.number()),
            Expression::Plus(value) => Value::Number(self.evaluate(value)?.number()),
            Expression::Not(value) => truth(!self.holds(value)?),
            Expression::Calculate(how, left, right) => {
                let (left, right) = (self.evaluate(left)?.number(), self.evaluate(right)?.number());
                Value::Number(calculate(*how, left, right))
            }
            Expression::Compare(how, left, right) => {
                let (left, right) = (self.evaluate(left)?, self.evaluate(right)?);
                truth(self.compare(*how, &left, &right)?)
            }
            Expression::Match(wanted, text, pattern) => {
                let text = self.evaluate(text)?;
                let text = self.text(&text)?;
                truth(self.matches(&text, pattern)? == *wanted)
            }
            Expression::Concatenate(parts) => {
                let mut text = Vec::new();
                for part in parts {
                    let part = self.evaluate(part)?;
                    text.extend(self.text(&part)?);
                    if text.len() > MOST {
                        return Err(Stop::TooMuch);
                    }
                }
                Value::Text(text)
            }
            Expression::And(left, right) => truth(self.holds(left)? && self.holds(right)?),
            Expression::Or(left, right) => truth(self.holds(left)? || self.holds(right)?),
            Expression::Choose(condition, yes, no) => {
                if self.holds(condition)? {
                    self.evaluate(yes)?
                } else {
                    self.evaluate(no)?
                }
            }
            Expression::In(keys, array) => {
                let key = self.key(keys)?;
                truth(self.array(*array)?.has(&key))
            }
            Expression::Call(function, arguments) => self.function(*function, arguments)?,
        })
    }

    fn assign(&mut self, place: &Place, how: Option<Binary>, value: &Expression) -> Result<Value, Stop> {
        let Some(how) = how else {
            // The place comes first: `a[i++] = i`.
            let found = self.look_up(place)?;
            let value = self.evaluate(value)?;
            self.put_value(&found, value.clone())?;
            return Ok(value);
        };
        let found = self.look_up(place)?;
        let right = self.evaluate(value)?.number();
        let left = self.value(&found)?.number();
        let value = Value::Number(calculate(how, left, right));
        self.put_value(&found, value.clone())?;
        Ok(value)
    }

    fn look_up(&mut self, place: &Place) -> Result<Found, Stop> {
        Ok(match place {
            Place::Variable(number) => Found::Variable(*number),
            Place::Field(number) => {
                let number = self.evaluate(number)?.number();
                Found::Field(self.field_number(number, "")?)
            }
            Place::Element(array, keys) => {
                let key = self.key(keys)?;
                // It is made now, before what is assigned to it is evaluated.
                self.element(*array, &key)?;
                Found::Element(*array, key)
            }
        })
    }

    fn value(&mut self, found: &Found) -> Result<Value, Stop> {
        match found {
            Found::Variable(number) => self.variable(*number),
            Found::Field(number) => self.field(*number),
            Found::Element(array, key) => self.element(*array, key),
        }
    }

    fn put_value(&mut self, found: &Found, value: Value) -> Result<(), Stop> {
        match found {
            Found::Variable(number) => self.assign_variable(*number, value),
            Found::Field(number) => self.set_field(*number, value),
            Found::Element(array, key) => self.assign_element(*array, key, value),
        }
    }

    /// Evaluates a place, and puts another value there if one comes of it.
    pub(super) fn alter(
        &mut self,
        place: &Place,
        alter: impl FnOnce(&mut Self, Vec<u8>) -> Result<(Value, Option<Vec<u8>>), Stop>,
    ) -> Result<Value, Stop> {
        let found = self.look_up(place)?;
        let value = self.value(&found)?;
        let text = self.text(&value)?;
        let (result, text) = alter(self, text)?;
        if let Some(text) = text {
            self.put_value(&found, Value::Text(text))?;
        }
        Ok(result)
    }

    /// The key of an element: an integer, or a text.
    pub(super) fn key(&mut self, keys: &[Expression]) -> Result<Key, Stop> {
        if let [key] = keys {
            let value = self.evaluate(key)?;
            if let Value::Number(value) = value
                && number::integer(value) as f64 == value
            {
                return Ok(Key::Integer(number::integer(value)));
            }
            return Ok(Key::Text(self.text(&value)?));
        }
        let between = self.special_text(SUBSEP)?;
        let mut text = Vec::new();
        for (index, key) in keys.iter().enumerate() {
            if index > 0 {
                text.extend_from_slice(&between);
            }
            let key = self.evaluate(key)?;
            text.extend(self.text(&key)?);
        }
        Ok(Key::Text(text))
    }

    /// Numbers are compared as such, and so is what looks like one; all else as texts.
    fn compare(&mut self, how: Comparison, left: &Value, right: &Value) -> Result<bool, Stop> {
        let order = if left.is_text() || right.is_text() {
            let (left, right) = (self.text(left)?, self.text(right)?);
            left.cmp(&right)
        } else {
            compare_numbers(left.number(), right.number())
        };
        Ok(match how {
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        })
    }

    /// The text of a regular expression: what is between slashes, or a value.
    pub(super) fn pattern(&mut self, expression: &Expression) -> Result<Vec<u8>, Stop> {
        if let Expression::Matches(number) = expression {
            return Ok(self.program.expressions.get(*number).cloned().unwrap_or_default());
        }
        let value = self.evaluate(expression)?;
        self.text(&value)
    }

    fn matches(&mut self, text: &[u8], pattern: &Expression) -> Result<bool, Stop> {
        let pattern = self.pattern(pattern)?;
        self.keep(&pattern)?;
        match self.regexes.get(&pattern) {
            Some(regex) => regex.is_match(self.call, text),
            None => Ok(false),
        }
    }

    /// The first match that begins at `from` or later.
    pub(super) fn find(&mut self, pattern: &[u8], text: &[u8], from: usize) -> Result<Option<Span>, Stop> {
        self.keep(pattern)?;
        match self.regexes.get_mut(pattern) {
            Some(regex) => regex.find(self.call, text, from),
            None => Ok(None),
        }
    }

    fn keep(&mut self, pattern: &[u8]) -> Result<(), Stop> {
        if self.regexes.contains_key(pattern) {
            return Ok(());
        }
        if self.regexes.len() >= KEPT {
            self.regexes.clear();
        }
        self.call.work(pattern.len().saturating_mul(200).saturating_add(20_000))?;
        let regex = compile(pattern).map_err(|wrong| match wrong {
            Wrong::Message(what) => {
                let shown = String::from_utf8_lossy(pattern).into_owned();
                self.run_time_error(&format!("regular expression compile failed ({what})\n{shown}"))
            }
            Wrong::Refused(what) => Stop::Refused(format!("awk {what}")),
        })?;
        self.regexes.insert(pattern.to_vec(), regex);
        Ok(())
    }
}

/// Calculates. What comes of an operation that has no result is a NaN with a sign, as on x86.
fn calculate(how: Binary, left: f64, right: f64) -> f64 {
    let result = match how {
        Binary::Add => left + right,
        Binary::Subtract => left - right,
        Binary::Multiply => left * right,
        Binary::Divide => left / right,
        Binary::Modulo => left % right,
        Binary::Power => left.powf(right),
    };
    if !result.is_nan() {
        return result;
    }
    match (left.is_nan(), right.is_nan()) {
        (true, _) => left,
        (false, true) => right,
        (false, false) => f64::NAN.copysign(-1.0),
    }
}
