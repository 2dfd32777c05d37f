//! Reads expressions.

use super::super::lex::{Token, syntax};
use super::super::program::{Binary, Builtin, Comparison, Expression, Place, RS};
use super::{KEYWORDS, Parser, REFUSED};
use crate::call::Stop;

/// How many operators may follow each other on one level.
const CHAIN: usize = 100;

pub(super) fn builtin(name: &str) -> Option<Builtin> {
    Some(match name {
        "length" => Builtin::Length,
        "substr" => Builtin::Substr,
        "index" => Builtin::Index,
        "split" => Builtin::Split,
        "sub" => Builtin::Sub,
        "gsub" => Builtin::Gsub,
        "match" => Builtin::Match,
        "sprintf" => Builtin::Sprintf,
        "toupper" => Builtin::ToUpper,
        "tolower" => Builtin::ToLower,
        "int" => Builtin::Int,
        "sqrt" => Builtin::Sqrt,
        "fflush" => Builtin::Fflush,
        _ => return None,
    })
}

impl Parser<'_> {
    pub(super) fn list(&mut self) -> Result<Vec<Expression>, Stop> {
        let mut list = vec![self.expression()?];
        while self.take(",") {
            self.skip_newlines();
            list.push(self.expression()?);
        }
        Ok(list)
    }

    pub(super) fn variable(&mut self, name: &str) -> Result<usize, Stop> {
        if KEYWORDS.contains(&name) || builtin(name).is_some() {
            return Err(self.wrong());
        }
        if ["ENVIRON", "ARGV", "ARGC"].contains(&name) || REFUSED.contains(&name) {
            return Err(Stop::Refused(format!("awk {name}")));
        }
        Ok(self.names.number(name))
    }

    pub(super) fn expression(&mut self) -> Result<Expression, Stop> {
        self.deeper()?;
        let condition = self.binary(0)?;
        let found = if self.take("?") {
            self.skip_newlines();
            let yes = self.expression()?;
            self.skip_newlines();
            self.expect(":")?;
            self.skip_newlines();
            let no = self.expression()?;
            Expression::Choose(Box::new(condition), Box::new(yes), Box::new(no))
        } else {
            condition
        };
        self.depth -= 1;
        Ok(found)
    }

    /// The operators of two sides, the weakest first: `||`, `&&`, `in`, `~`, comparisons, and what stands side by side.
    fn binary(&mut self, level: usize) -> Result<Expression, Stop> {
        const LEVELS: [&[&str]; 5] =
            [&["||"], &["&&"], &["in"], &["~", "!~"], &["<", "<=", "==", "!=", ">", ">="]];
        let Some(signs) = LEVELS.get(level) else { return self.side_by_side() };
        let mut left = self.binary(level + 1)?;
        for _ in 0..CHAIN {
            if level == 2 {
                if !self.take_word("in") {
                    return Ok(left);
                }
                let Token::Name(name, _) = self.peek().clone() else { return Err(self.wrong()) };
                self.at += 1;
                left = Expression::In(vec![left], self.variable(&name)?);
                continue;
            }
            let found = signs.iter().find(|sign| self.is(sign) && !(self.printing && **sign == ">"));
            let Some(sign) = found else { return Ok(left) };
            self.at += 1;
            self.skip_newlines_after(sign);
            let right = Box::new(self.binary(level + 1)?);
            let one = Box::new(left);
            left = match *sign {
                "||" => Expression::Or(one, right),
                "&&" => Expression::And(one, right),
                "~" => Expression::Match(true, one, right),
                "!~" => Expression::Match(false, one, right),
                sign => Expression::Compare(comparison(sign), one, right),
            };
        }
        Err(Stop::Refused(format!("awk with more than {CHAIN} operators in a row")))
    }

    fn skip_newlines_after(&mut self, sign: &str) {
        if matches!(sign, "||" | "&&") {
            self.skip_newlines();
        }
    }

    /// Whether a value begins here, which nothing joins to the one before.
    fn begins_value(&self) -> bool {
        match self.peek() {
            Token::Number(_) | Token::Text(_) | Token::Matches(_) => true,
            Token::Name(name, _) => !KEYWORDS.contains(&name.as_str()),
            Token::Sign(sign) => matches!(*sign, "$" | "!" | "(" | "++" | "--"),
            Token::Newline | Token::End => false,
        }
    }

    fn side_by_side(&mut self) -> Result<Expression, Stop> {
        let first = self.sum()?;
        if let Expression::Place(place) = &first
            && let Some(how) = self.assignment()
        {
            if matches!(place, Place::Variable(RS)) {
                return Err(Stop::Refused("awk RS".to_owned()));
            }
            self.at += 1;
            self.skip_newlines();
            let value = self.expression()?;
            return Ok(Expression::Assign(place.clone(), how, Box::new(value)));
        }
        if !self.begins_value() {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.begins_value() {
            parts.push(self.sum()?);
        }
        Ok(Expression::Concatenate(parts))
    }

    fn assignment(&self) -> Option<Option<Binary>> {
        let Token::Sign(sign) = self.peek() else { return None };
        Some(match *sign {
            "=" => None,
            "+=" => Some(Binary::Add),
            "-=" => Some(Binary::Subtract),
            "*=" => Some(Binary::Multiply),
            "/=" => Some(Binary::Divide),
            "%=" => Some(Binary::Modulo),
            "^=" => Some(Binary::Power),
            _ => return None,
        })
    }

    fn sum(&mut self) -> Result<Expression, Stop> {
        let mut left = self.product()?;
        for _ in 0..CHAIN {
            let how = if self.take("+") {
                Binary::Add
            } else if self.take("-") {
                Binary::Subtract
            } else {
                return Ok(left);
            };
            left = Expression::Calculate(how, Box::new(left), Box::new(self.product()?));
        }
        Err(Stop::Refused(format!("awk with more than {CHAIN} operators in a row")))
    }

    fn product(&mut self) -> Result<Expression, Stop> {
        let mut left = self.unary()?;
        for _ in 0..CHAIN {
            let how = if self.take("*") {
                Binary::Multiply
            } else if self.take("/") {
                Binary::Divide
            } else if self.take("%") {
                Binary::Modulo
            } else {
                return Ok(left);
            };
            left = Expression::Calculate(how, Box::new(left), Box::new(self.unary()?));
        }
        Err(Stop::Refused(format!("awk with more than {CHAIN} operators in a row")))
    }

    fn unary(&mut self) -> Result<Expression, Stop> {
        let sign = ["!", "-", "+"].into_iter().find(|sign| self.is(sign));
        let Some(sign) = sign else { return self.power() };
        self.at += 1;
        self.deeper()?;
        let value = Box::new(self.unary()?);
        self.depth -= 1;
        Ok(match sign {
            "!" => Expression::Not(value),
            "-" => Expression::Negate(value),
            _ => Expression::Plus(value),
        })
    }

    fn power(&mut self) -> Result<Expression, Stop> {
        let base = self.postfix()?;
        if !self.take("^") {
            return Ok(base);
        }
        self.deeper()?;
        let exponent = self.unary()?;
        self.depth -= 1;
        Ok(Expression::Calculate(Binary::Power, Box::new(base), Box::new(exponent)))
    }

    fn postfix(&mut self) -> Result<Expression, Stop> {
        let value = self.primary()?;
        if let Expression::Place(place) = &value {
            if self.take("++") {
                return Ok(Expression::Increment(place.clone(), 1.0, true));
            }
            if self.take("--") {
                return Ok(Expression::Increment(place.clone(), -1.0, true));
            }
        }
        Ok(value)
    }

    fn primary(&mut self) -> Result<Expression, Stop> {
        let token = self.peek().clone();
        self.at += 1;
        match token {
            Token::Number(number) => Ok(Expression::Number(number)),
            Token::Text(text) => Ok(Expression::Text(text)),
            Token::Matches(text) => {
                self.expressions.push(text);
                Ok(Expression::Matches(self.expressions.len() - 1))
            }
            Token::Sign("(") => self.grouped(),
            Token::Sign("$") => {
                self.deeper()?;
                let signed = ["-", "+", "!"].iter().any(|sign| self.is(sign));
                let number = if signed { self.unary()? } else { self.primary()? };
                self.depth -= 1;
                Ok(Expression::Place(Place::Field(Box::new(number))))
            }
            Token::Sign(sign @ ("++" | "--")) => {
                self.deeper()?;
                let Expression::Place(place) = self.primary()? else { return Err(self.wrong()) };
                self.depth -= 1;
                Ok(Expression::Increment(place, if sign == "++" { 1.0 } else { -1.0 }, false))
            }
            Token::Name(name, open) => self.named(&name, open),
            _ => {
                self.at -= 1;
                Err(self.wrong())
            }
        }
    }

    fn grouped(&mut self) -> Result<Expression, Stop> {
        let mut list = self.inside(Parser::list)?;
        self.expect(")")?;
        if list.len() > 1 {
            if !self.take_word("in") {
                return Err(self.wrong());
            }
            let Token::Name(name, _) = self.peek().clone() else { return Err(self.wrong()) };
            self.at += 1;
            return Ok(Expression::In(list, self.variable(&name)?));
        }
        Ok(list.remove(0))
    }

    fn named(&mut self, name: &str, open: bool) -> Result<Expression, Stop> {
        if let Some(function) = builtin(name) {
            return self.call(function);
        }
        if REFUSED.contains(&name) {
            return Err(Stop::Refused(format!("awk {name}")));
        }
        if KEYWORDS.contains(&name) {
            self.at -= 1;
            return Err(self.wrong());
        }
        if open {
            return Err(syntax(self.line(), &format!("function {name} never defined")));
        }
        let number = self.variable(name)?;
        if !self.take("[") {
            return Ok(Expression::Place(Place::Variable(number)));
        }
        self.deeper()?;
        let keys = self.inside(Parser::list)?;
        self.expect("]")?;
        self.depth -= 1;
        Ok(Expression::Place(Place::Element(number, keys)))
    }

    fn call(&mut self, function: Builtin) -> Result<Expression, Stop> {
        let mut arguments = Vec::new();
        if self.take("(") {
            self.deeper()?;
            if !self.take(")") {
                arguments = self.inside(Parser::list)?;
                self.expect(")")?;
            }
            self.depth -= 1;
        } else if function != Builtin::Length {
            return Err(self.wrong());
        }
        let wrong = || syntax(self.line(), "wrong number of arguments in call");
        let fits = match function {
            Builtin::Length | Builtin::Fflush => arguments.len() <= 1,
            Builtin::ToUpper | Builtin::ToLower | Builtin::Int | Builtin::Sqrt => arguments.len() == 1,
            Builtin::Index | Builtin::Match => arguments.len() == 2,
            Builtin::Substr | Builtin::Split | Builtin::Sub | Builtin::Gsub => {
                matches!(arguments.len(), 2 | 3)
            }
            Builtin::Sprintf => !arguments.is_empty(),
        };
        if !fits {
            return Err(wrong());
        }
        // Of a name alone, whether it is an array is seen when it is used.
        let whole = match function {
            Builtin::Length => 0,
            Builtin::Split => 1,
            _ => usize::MAX,
        };
        if let Some(argument) = arguments.get_mut(whole)
            && let Expression::Place(Place::Variable(number)) = argument
        {
            *argument = Expression::Array(*number);
        } else if function == Builtin::Split {
            return Err(self.wrong());
        }
        if matches!(function, Builtin::Sub | Builtin::Gsub)
            && arguments.get(2).is_some_and(|target| !matches!(target, Expression::Place(_)))
        {
            return Err(Stop::Refused("awk sub and gsub on what is no variable".to_owned()));
        }
        Ok(Expression::Call(function, arguments))
    }
}

fn comparison(sign: &str) -> Comparison {
    match sign {
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        "==" => Comparison::Equal,
        "!=" => Comparison::NotEqual,
        ">" => Comparison::Greater,
        _ => Comparison::GreaterOrEqual,
    }
}
