//! Reads programs: rules and statements.

mod expression;

use super::lex::{self, Placed, Token, syntax};
use super::program::{Expression, Pattern, Program, Rule, SPECIAL, Statement, Target};
use crate::call::{Call, Stop};
use crate::regex::Wrong;
use std::collections::BTreeMap;

/// How deep a program may be.
const DEPTH: usize = 50;

/// The names of variables and arrays, each with its number.
pub(super) struct Names(BTreeMap<String, usize>);

impl Names {
    pub(super) fn new() -> Names {
        Names(SPECIAL.iter().enumerate().map(|(number, name)| ((*name).to_owned(), number)).collect())
    }

    pub(super) fn number(&mut self, name: &str) -> usize {
        let next = self.0.len();
        *self.0.entry(name.to_owned()).or_insert(next)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

const KEYWORDS: [&str; 18] = [
    "BEGIN", "END", "if", "else", "while", "do", "for", "in", "next", "nextfile", "exit", "break",
    "continue", "delete", "print", "printf", "getline", "return",
];

/// Functions of mawk that are not modelled, and words.
const REFUSED: [&str; 17] = [
    "rand", "srand", "sin", "cos", "atan2", "exp", "log", "system", "close", "getline", "strftime",
    "systime", "mktime", "function", "func", "nextfile", "return",
];

/// Whether a name is none of a variable: what follows it begins a value.
pub(super) fn is_own_word(name: &str) -> bool {
    KEYWORDS.contains(&name) || REFUSED.contains(&name) || expression::builtin(name).is_some()
}

struct Parser<'n> {
    tokens: Vec<Placed>,
    at: usize,
    names: &'n mut Names,
    depth: usize,
    loops: usize,
    /// Whether `next` has a line to leave.
    in_rule: bool,
    /// Whether `>` is a redirection here.
    printing: bool,
    expressions: Vec<Vec<u8>>,
}

/// Reads a program.
pub(super) fn program(call: &mut Call<'_>, text: &[u8], names: &mut Names) -> Result<Program, Stop> {
    call.work(text.len().saturating_mul(16))?;
    let tokens = lex::tokens(text)?;
    let mut parser = Parser {
        tokens,
        at: 0,
        names,
        depth: 0,
        loops: 0,
        in_rule: false,
        printing: false,
        expressions: Vec::new(),
    };
    let mut program = Program::default();
    loop {
        parser.skip_terminators();
        if *parser.peek() == Token::End {
            break;
        }
        parser.rule(&mut program)?;
    }
    for text in &parser.expressions {
        super::evaluate::compile(text).map_err(|wrong| match wrong {
            Wrong::Message(what) => {
                let shown = String::from_utf8_lossy(text).into_owned();
                syntax(1, &format!("regular expression compile failed ({what})\n{shown}"))
            }
            Wrong::Refused(what) => Stop::Refused(format!("awk {what}")),
        })?;
    }
    program.expressions = parser.expressions;
    Ok(program)
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)].0
    }

    fn line(&self) -> usize {
        self.tokens[self.at.min(self.tokens.len() - 1)].1
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(found) if *found == sign)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Name(found, _) if found == word)
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), Stop> {
        if self.take(sign) { Ok(()) } else { Err(self.wrong()) }
    }

    fn wrong(&self) -> Stop {
        let near = match self.peek() {
            Token::End => return syntax(self.line() + 1, "syntax error at or near end of line"),
            Token::Newline => "end of line".to_owned(),
            Token::Number(number) => number.to_string(),
            Token::Text(text) => format!("\"{}\"", String::from_utf8_lossy(text)),
            Token::Matches(text) => format!("/{}/", String::from_utf8_lossy(text)),
            Token::Name(name, _) => name.clone(),
            Token::Sign(sign) => (*sign).to_owned(),
        };
        syntax(self.line(), &format!("syntax error at or near {near}"))
    }

    fn skip_newlines(&mut self) {
        while *self.peek() == Token::Newline {
            self.at += 1;
        }
    }

    fn skip_terminators(&mut self) {
        while *self.peek() == Token::Newline || self.is(";") {
            self.at += 1;
        }
    }

    fn deeper(&mut self) -> Result<(), Stop> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Stop::Refused(format!("awk with more than {DEPTH} levels")));
        }
        Ok(())
    }

    fn rule(&mut self, program: &mut Program) -> Result<(), Stop> {
        for word in REFUSED {
            if self.is_word(word) {
                return Err(Stop::Refused(format!("awk {word}")));
            }
        }
        if self.take_word("BEGIN") {
            let action = self.block()?;
            program.begin.push(action);
            return Ok(());
        }
        if self.take_word("END") {
            let action = self.block()?;
            program.end.push(action);
            return Ok(());
        }
        self.in_rule = true;
        let pattern = if self.is("{") {
            Pattern::Always
        } else {
            let first = self.expression()?;
            if self.take(",") {
                self.skip_newlines();
                Pattern::Range(first, self.expression()?)
            } else {
                Pattern::Holds(first)
            }
        };
        let action = if self.is("{") { Some(self.block()?) } else { None };
        self.in_rule = false;
        if action.is_none() && !matches!(self.peek(), Token::Newline | Token::End) && !self.is(";") {
            return Err(self.wrong());
        }
        program.rules.push(Rule { pattern, action });
        Ok(())
    }

    fn block(&mut self) -> Result<Statement, Stop> {
        self.expect("{")?;
        self.deeper()?;
        let mut statements = Vec::new();
        loop {
            self.skip_terminators();
            if self.take("}") {
                break;
            }
            if *self.peek() == Token::End {
                return Err(syntax(self.line() + 1, "missing } near end of file"));
            }
            statements.push(self.statement()?);
        }
        self.depth -= 1;
        Ok(Statement::Block(statements))
    }

    /// Reads what ends a simple statement. A brace that closes is left.
    fn end_statement(&mut self) -> Result<(), Stop> {
        if self.is("}") || *self.peek() == Token::End {
            return Ok(());
        }
        if self.take(";") {
            return Ok(());
        }
        if *self.peek() == Token::Newline {
            self.at += 1;
            return Ok(());
        }
        Err(self.wrong())
    }

    /// A statement after a condition: newlines may stand before it.
    fn body(&mut self) -> Result<Box<Statement>, Stop> {
        self.skip_newlines();
        self.deeper()?;
        let statement = self.statement()?;
        self.depth -= 1;
        Ok(Box::new(statement))
    }

    fn looped(&mut self) -> Result<Box<Statement>, Stop> {
        self.loops += 1;
        let body = self.body();
        self.loops -= 1;
        body
    }

    fn condition(&mut self) -> Result<Expression, Stop> {
        self.expect("(")?;
        let condition = self.inside(Parser::expression)?;
        self.expect(")")?;
        Ok(condition)
    }

    /// Reads something in which `>` compares.
    fn inside<T>(&mut self, read: fn(&mut Self) -> Result<T, Stop>) -> Result<T, Stop> {
        let printing = std::mem::replace(&mut self.printing, false);
        let found = read(self);
        self.printing = printing;
        found
    }

    fn statement(&mut self) -> Result<Statement, Stop> {
        if self.is("{") {
            return self.block();
        }
        if self.take(";") {
            return Ok(Statement::Nothing);
        }
        let word = match self.peek() {
            Token::Name(name, _) if KEYWORDS.contains(&name.as_str()) => name.clone(),
            _ => {
                let expression = self.expression()?;
                self.end_statement()?;
                return Ok(Statement::Expression(expression));
            }
        };
        self.at += 1;
        let statement = match word.as_str() {
            "if" => return self.conditional(),
            "while" => {
                let condition = self.condition()?;
                if self.take(";") {
                    return Ok(Statement::While(condition, Box::new(Statement::Nothing)));
                }
                let body = self.looped()?;
                return Ok(Statement::While(condition, body));
            }
            "do" => {
                let body = self.looped()?;
                self.skip_terminators();
                if !self.take_word("while") {
                    return Err(self.wrong());
                }
                Statement::DoWhile(body, self.condition()?)
            }
            "for" => return self.counted(),
            "next" if self.in_rule => Statement::Next,
            "next" => return Err(syntax(self.line(), "improper use of next")),
            "exit" => {
                let ends = self.is("}") || self.is(";") || matches!(self.peek(), Token::Newline | Token::End);
                Statement::Exit(if ends { None } else { Some(self.expression()?) })
            }
            "break" | "continue" if self.loops == 0 => {
                return Err(syntax(self.line(), &format!("{word} statement outside of loop")));
            }
            "break" => Statement::Break,
            "continue" => Statement::Continue,
            "delete" => self.delete()?,
            "print" | "printf" => self.print(word == "printf")?,
            word if REFUSED.contains(&word) => return Err(Stop::Refused(format!("awk {word}"))),
            _ => {
                self.at -= 1;
                return Err(self.wrong());
            }
        };
        self.end_statement()?;
        Ok(statement)
    }

    fn conditional(&mut self) -> Result<Statement, Stop> {
        let condition = self.condition()?;
        let yes = self.body()?;
        // `else` may stand behind newlines and a semicolon.
        let before = self.at;
        self.skip_terminators();
        if !self.take_word("else") {
            self.at = before;
            return Ok(Statement::If(condition, yes, None));
        }
        Ok(Statement::If(condition, yes, Some(self.body()?)))
    }

    fn counted(&mut self) -> Result<Statement, Stop> {
        self.expect("(")?;
        if let [
            (Token::Name(name, _), _),
            (Token::Name(within, _), _),
            (Token::Name(array, _), _),
            (Token::Sign(")"), _),
        ] = &self.tokens[self.at..self.tokens.len().min(self.at + 4)]
            && within == "in"
        {
            let (name, array) = (name.clone(), array.clone());
            self.at += 4;
            let (variable, array) = (self.variable(&name)?, self.variable(&array)?);
            return Ok(Statement::ForIn(variable, array, self.looped()?));
        }
        let simple = |parser: &mut Self, end: &str| {
            if parser.take(end) {
                return Ok(None);
            }
            let found = parser.inside(Parser::expression)?;
            parser.expect(end)?;
            Ok(Some(found))
        };
        let first = simple(self, ";")?;
        self.skip_newlines();
        let condition = simple(self, ";")?;
        self.skip_newlines();
        let step = simple(self, ")")?;
        if self.take(";") {
            return Ok(Statement::For(first, condition, step, Box::new(Statement::Nothing)));
        }
        Ok(Statement::For(first, condition, step, self.looped()?))
    }

    fn delete(&mut self) -> Result<Statement, Stop> {
        let Token::Name(name, _) = self.peek().clone() else { return Err(self.wrong()) };
        self.at += 1;
        let array = self.variable(&name)?;
        if !self.take("[") {
            return Ok(Statement::Delete(array, None));
        }
        let keys = self.inside(Parser::list)?;
        self.expect("]")?;
        Ok(Statement::Delete(array, Some(keys)))
    }

    fn print(&mut self, formatted: bool) -> Result<Statement, Stop> {
        let ends = |parser: &Self| {
            [";", "}", ">", ">>", "|"].iter().any(|sign| parser.is(sign))
                || matches!(parser.peek(), Token::Newline | Token::End)
        };
        let mut values = Vec::new();
        if !ends(self) {
            let before = self.at;
            let mut whole = None;
            if self.take("(") {
                let list = self.inside(Parser::list);
                if let Ok(list) = list
                    && self.take(")")
                    && ends(self)
                {
                    whole = Some(list);
                }
            }
            values = match whole {
                Some(list) => list,
                None => {
                    self.at = before;
                    self.printing = true;
                    let list = self.list();
                    self.printing = false;
                    list?
                }
            };
        }
        let target = self.target()?;
        if formatted {
            if values.is_empty() {
                return Err(syntax(self.line(), "no arguments in call to printf"));
            }
            return Ok(Statement::Printf(values, target));
        }
        Ok(Statement::Print(values, target))
    }

    fn target(&mut self) -> Result<Target, Stop> {
        if self.is("|") {
            return Err(Stop::Refused("awk print | COMMAND".to_owned()));
        }
        if !self.take(">") && !self.take(">>") {
            return Ok(Target::Output);
        }
        let target = match self.peek() {
            Token::Text(name) if name == b"/dev/stderr" => Target::Error,
            Token::Text(name) if name == b"/dev/stdout" => Target::Output,
            _ => return Err(Stop::Refused("awk print > FILE".to_owned())),
        };
        self.at += 1;
        if !self.is(";") && !self.is("}") && !matches!(self.peek(), Token::Newline | Token::End) {
            return Err(Stop::Refused("awk print > FILE".to_owned()));
        }
        Ok(target)
    }
}
