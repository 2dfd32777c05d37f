//! `$NAME` and `${NAME…}`.

use crate::arithmetic::element;
use crate::expand::{Expanded, Expander, Trouble};
use crate::fields::{self, Piece};
use crate::pattern::Pattern;
use crate::quote::single_quoted;
use crate::state::Value;
use brush_parser::ast::UnexpandedArithmeticExpr;
use brush_parser::word::{
    Parameter, ParameterExpr, ParameterTestType, ParameterTransformOp, SpecialParameter, SubstringMatchKind,
};

/// What a parameter holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Held {
    Nothing,
    Text(String),
    /// All of several; whether they become one text.
    All(Vec<String>, bool),
}

impl Expander<'_> {
    pub(crate) fn parameter(
        &mut self,
        expression: &ParameterExpr,
        quoted: bool,
        out: &mut Vec<Piece>,
    ) -> Expanded<()> {
        match expression {
            ParameterExpr::Parameter { parameter, indirect } => {
                let held = self.known(parameter, *indirect)?;
                self.push(held, quoted, out);
            }
            ParameterExpr::UseDefaultValues { parameter, indirect, test_type, default_value } => {
                match self.tested(parameter, *indirect, test_type)? {
                    Some(held) => self.push(held, quoted, out),
                    None => self.word(default_value.as_deref(), quoted, out)?,
                }
            }
            ParameterExpr::AssignDefaultValues { parameter, indirect, test_type, default_value } => {
                let held = match self.tested(parameter, *indirect, test_type)? {
                    Some(held) => held,
                    None => {
                        let value = self.text_of(default_value.as_deref())?;
                        let Parameter::Named(name) = parameter else {
                            return Err(Trouble::error(format!("{parameter}: cannot assign in this way")));
                        };
                        self.state.set(name, &value).map_err(Trouble::discards)?;
                        Held::Text(value)
                    }
                };
                self.push(held, quoted, out);
            }
            ParameterExpr::IndicateErrorIfNullOrUnset { parameter, indirect, test_type, error_message } => {
                match self.tested(parameter, *indirect, test_type)? {
                    Some(held) => self.push(held, quoted, out),
                    None => {
                        let words = match error_message.as_deref() {
                            None | Some("") => match test_type {
                                ParameterTestType::UnsetOrNull => "parameter null or not set".to_owned(),
                                ParameterTestType::Unset => "parameter not set".to_owned(),
                            },
                            message => self.text_of(message)?,
                        };
                        return Err(Trouble::error(format!("{}: {words}", bare(parameter))));
                    }
                }
            }
            ParameterExpr::UseAlternativeValue { parameter, indirect, test_type, alternative_value } => {
                if self.tested(parameter, *indirect, test_type)?.is_some() {
                    self.word(alternative_value.as_deref(), quoted, out)?;
                }
            }
            ParameterExpr::ParameterLength { parameter, indirect } => {
                let length = match self.known(parameter, *indirect)? {
                    Held::Nothing => 0,
                    Held::Text(text) => text.chars().count(),
                    Held::All(texts, _) => texts.len(),
                };
                self.push(Held::Text(length.to_string()), quoted, out);
            }
            ParameterExpr::RemoveSmallestSuffixPattern { parameter, indirect, pattern } => {
                self.trimmed(parameter, *indirect, pattern.as_deref(), quoted, out, |pattern, text| {
                    (0..=text.len()).rev().find(|&at| pattern.fits(&text[at..])).map(|at| text[..at].to_vec())
                })?;
            }
            ParameterExpr::RemoveLargestSuffixPattern { parameter, indirect, pattern } => {
                self.trimmed(parameter, *indirect, pattern.as_deref(), quoted, out, |pattern, text| {
                    (0..=text.len()).find(|&at| pattern.fits(&text[at..])).map(|at| text[..at].to_vec())
                })?;
            }
            ParameterExpr::RemoveSmallestPrefixPattern { parameter, indirect, pattern } => {
                self.trimmed(parameter, *indirect, pattern.as_deref(), quoted, out, |pattern, text| {
                    (0..=text.len()).find(|&at| pattern.fits(&text[..at])).map(|at| text[at..].to_vec())
                })?;
            }
            ParameterExpr::RemoveLargestPrefixPattern { parameter, indirect, pattern } => {
                self.trimmed(parameter, *indirect, pattern.as_deref(), quoted, out, |pattern, text| {
                    (0..=text.len()).rev().find(|&at| pattern.fits(&text[..at])).map(|at| text[at..].to_vec())
                })?;
            }
            ParameterExpr::Substring { parameter, indirect, offset, length } => {
                self.substring(parameter, *indirect, offset, length.as_ref(), quoted, out)?;
            }
            ParameterExpr::ReplaceSubstring { parameter, indirect, pattern, replacement, match_kind } => {
                let pattern = Pattern::new(&self.pattern(pattern)?);
                let with = self.text_of(replacement.as_deref())?;
                let held = self.known(parameter, *indirect)?;
                let held = each(held, |text| replaced(&text, &pattern, &with, match_kind));
                self.push(held, quoted, out);
            }
            ParameterExpr::UppercaseFirstChar { parameter, indirect, .. } => {
                self.recased(parameter, *indirect, quoted, out, |text| {
                    first(text, |letter| letter.to_uppercase().collect())
                })?;
            }
            ParameterExpr::LowercaseFirstChar { parameter, indirect, .. } => {
                self.recased(parameter, *indirect, quoted, out, |text| {
                    first(text, |letter| letter.to_lowercase().collect())
                })?;
            }
            ParameterExpr::UppercasePattern { parameter, indirect, .. } => {
                self.recased(parameter, *indirect, quoted, out, str::to_uppercase)?;
            }
            ParameterExpr::LowercasePattern { parameter, indirect, .. } => {
                self.recased(parameter, *indirect, quoted, out, str::to_lowercase)?;
            }
            ParameterExpr::Transform { parameter, indirect, op } => {
                let held = self.known(parameter, *indirect)?;
                let held = match op {
                    ParameterTransformOp::Quoted => each(held, |text| single_quoted(&text)),
                    ParameterTransformOp::ToUpperCase => each(held, |text| text.to_uppercase()),
                    ParameterTransformOp::ToLowerCase => each(held, |text| text.to_lowercase()),
                    ParameterTransformOp::CapitalizeInitial => {
                        each(held, |text| first(&text, |letter| letter.to_uppercase().collect()))
                    }
                    _ => return Err(Trouble::NotModelled("${…@…}".to_owned())),
                };
                self.push(held, quoted, out);
            }
            ParameterExpr::VariableNames { prefix, concatenate } => {
                let names =
                    self.state.variables.keys().filter(|name| name.starts_with(prefix)).cloned().collect();
                self.push(Held::All(names, *concatenate), quoted, out);
            }
            ParameterExpr::MemberKeys { variable_name, concatenate } => {
                let keys = match self
                    .state
                    .variables
                    .get(variable_name)
                    .and_then(|variable| variable.value.as_ref())
                {
                    None => Vec::new(),
                    Some(Value::Text(_)) => vec!["0".to_owned()],
                    Some(Value::List(list)) => list.keys().map(i64::to_string).collect(),
                };
                self.push(Held::All(keys, *concatenate), quoted, out);
            }
        }
        Ok(())
    }

    /// What a parameter holds; with `set -u` it has to be there.
    fn known(&mut self, parameter: &Parameter, indirect: bool) -> Expanded<Held> {
        let held = self.held(parameter, indirect)?;
        if held == Held::Nothing && self.state.options.nounset {
            return Err(Trouble::error(format!("{}: unbound variable", bare(parameter))));
        }
        Ok(held)
    }

    fn held(&mut self, parameter: &Parameter, indirect: bool) -> Expanded<Held> {
        let held = self.direct(parameter)?;
        if !indirect {
            return Ok(held);
        }
        let Held::Text(name) = held else { return Ok(Held::Nothing) };
        match brush_parser::word::parse_parameter(&name, &crate::syntax::options()) {
            Ok(parameter) => self.direct(&parameter),
            Err(_) => Err(Trouble::error(format!("{name}: invalid variable name"))),
        }
    }

    fn direct(&mut self, parameter: &Parameter) -> Expanded<Held> {
        let text = |text: Option<&str>| text.map_or(Held::Nothing, |text| Held::Text(text.to_owned()));
        Ok(match parameter {
            Parameter::Positional(0) => Held::Text(self.state.name.clone()),
            Parameter::Positional(number) => {
                text(self.state.positional.get(*number as usize - 1).map(String::as_str))
            }
            Parameter::Special(special) => match special {
                SpecialParameter::AllPositionalParameters { concatenate } => {
                    Held::All(self.state.positional.clone(), *concatenate)
                }
                SpecialParameter::PositionalParameterCount => {
                    Held::Text(self.state.positional.len().to_string())
                }
                SpecialParameter::LastExitStatus => Held::Text(self.state.status.to_string()),
                SpecialParameter::CurrentOptionFlags => Held::Text(self.state.flags()),
                SpecialParameter::ProcessId => Held::Text("1000".to_owned()),
                SpecialParameter::LastBackgroundProcessId => match self.state.background.as_str() {
                    "" => Held::Nothing,
                    number => Held::Text(number.to_owned()),
                },
                SpecialParameter::ShellName => Held::Text(self.state.name.clone()),
            },
            Parameter::Named(name) => match name.as_str() {
                "RANDOM" => Held::Text((self.system.random() & 0x7fff).to_string()),
                "SECONDS" => {
                    let now = self.system.seconds();
                    let began = *self.state.began.get_or_insert(now);
                    Held::Text((now - began).to_string())
                }
                "LINENO" => Held::Text(self.state.line.to_string()),
                name => text(self.state.value(name)),
            },
            Parameter::NamedWithIndex { name, index } => {
                let index = self.arithmetic(index)?;
                text(element(self.state, name, index))
            }
            Parameter::NamedWithAllIndices { name, concatenate } => {
                let value = self.state.variables.get(name).and_then(|variable| variable.value.as_ref());
                let values = match value {
                    None => Vec::new(),
                    Some(Value::Text(text)) => vec![text.clone()],
                    Some(Value::List(list)) => list.values().cloned().collect(),
                };
                Held::All(values, *concatenate)
            }
        })
    }

    /// What a parameter holds, unless it is missing as the operator tests it.
    fn tested(
        &mut self,
        parameter: &Parameter,
        indirect: bool,
        test: &ParameterTestType,
    ) -> Expanded<Option<Held>> {
        let held = self.held(parameter, indirect)?;
        let is_empty = match &held {
            Held::Nothing => return Ok(None),
            Held::Text(text) => text.is_empty(),
            Held::All(texts, _) if texts.is_empty() => return Ok(None),
            Held::All(texts, _) => texts.iter().all(String::is_empty),
        };
        let missing = is_empty && matches!(test, ParameterTestType::UnsetOrNull);
        Ok((!missing).then_some(held))
    }

    fn push(&mut self, held: Held, quoted: bool, out: &mut Vec<Piece>) {
        match held {
            Held::Nothing if quoted => out.push(Piece::quoted("")),
            Held::Nothing => {}
            Held::Text(text) if quoted => out.push(Piece::quoted(text)),
            Held::Text(text) => out.push(Piece::Split(text)),
            Held::All(texts, true) if quoted => {
                let between = self
                    .state
                    .value("IFS")
                    .map_or(" ".to_owned(), |letters| letters.chars().take(1).collect());
                out.push(Piece::quoted(texts.join(&between)));
            }
            Held::All(texts, _) => {
                for (place, text) in texts.into_iter().enumerate() {
                    if place > 0 {
                        out.push(Piece::Break);
                    }
                    out.push(if quoted { Piece::quoted(text) } else { Piece::Split(text) });
                }
            }
        }
    }

    /// The word behind an operator, as a part of the word around it.
    fn word(&mut self, word: Option<&str>, quoted: bool, out: &mut Vec<Piece>) -> Expanded<()> {
        let pieces = self.pieces(word.unwrap_or_default())?;
        out.extend(pieces.into_iter().map(|piece| match piece {
            Piece::Text { text, quoted: own } => match (quoted, own) {
                (true, _) | (_, true) => Piece::quoted(text),
                (false, false) => Piece::Split(text),
            },
            Piece::Split(text) if quoted => Piece::quoted(text),
            other => other,
        }));
        Ok(())
    }

    fn text_of(&mut self, word: Option<&str>) -> Expanded<String> {
        Ok(fields::joined(&self.pieces(word.unwrap_or_default())?))
    }

    fn trimmed(
        &mut self,
        parameter: &Parameter,
        indirect: bool,
        pattern: Option<&str>,
        quoted: bool,
        out: &mut Vec<Piece>,
        rest: impl Fn(&Pattern, &[char]) -> Option<Vec<char>>,
    ) -> Expanded<()> {
        let pattern = Pattern::new(&self.pattern(pattern.unwrap_or_default())?);
        let held = each(self.known(parameter, indirect)?, |text| {
            let letters: Vec<char> = text.chars().collect();
            rest(&pattern, &letters).map_or(text, |rest| rest.into_iter().collect())
        });
        self.push(held, quoted, out);
        Ok(())
    }

    fn recased(
        &mut self,
        parameter: &Parameter,
        indirect: bool,
        quoted: bool,
        out: &mut Vec<Piece>,
        change: impl Fn(&str) -> String,
    ) -> Expanded<()> {
        let held = each(self.known(parameter, indirect)?, |text| change(&text));
        self.push(held, quoted, out);
        Ok(())
    }

    fn substring(
        &mut self,
        parameter: &Parameter,
        indirect: bool,
        offset: &UnexpandedArithmeticExpr,
        length: Option<&UnexpandedArithmeticExpr>,
        quoted: bool,
        out: &mut Vec<Piece>,
    ) -> Expanded<()> {
        let held = self.known(parameter, indirect)?;
        let offset = self.arithmetic(&offset.value)?;
        let length = length.map(|length| self.arithmetic(&length.value)).transpose()?;
        let range = |count: usize| -> Expanded<std::ops::Range<usize>> {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            let begin = if offset < 0 { count + offset } else { offset };
            if begin < 0 || begin > count {
                return Ok(0..0);
            }
            let end = match length {
                None => count,
                Some(length) if length < 0 => count + length,
                Some(length) => begin.saturating_add(length).min(count),
            };
            if end < begin {
                let length = length.unwrap_or_default();
                return Err(Trouble::error(format!("{length}: substring expression < 0")));
            }
            Ok(begin as usize..end as usize)
        };
        let held = match held {
            Held::Nothing => Held::Nothing,
            Held::Text(text) => {
                let letters: Vec<char> = text.chars().collect();
                Held::Text(letters[range(letters.len())?].iter().collect())
            }
            Held::All(mut texts, concatenate) => {
                let is_positional = matches!(parameter, Parameter::Special(_));
                if is_positional {
                    texts.insert(0, self.state.name.clone());
                }
                let range = range(texts.len())?;
                Held::All(texts[range].to_vec(), concatenate)
            }
        };
        self.push(held, quoted, out);
        Ok(())
    }
}

/// A parameter as bash names it in errors.
fn bare(parameter: &Parameter) -> String {
    match parameter {
        Parameter::Named(name) => name.clone(),
        Parameter::NamedWithIndex { name, index } => format!("{name}[{index}]"),
        Parameter::Positional(number) => format!("${number}"),
        other => other.to_string(),
    }
}

fn each(held: Held, change: impl Fn(String) -> String) -> Held {
    match held {
        Held::Nothing => Held::Nothing,
        Held::Text(text) => Held::Text(change(text)),
        Held::All(texts, concatenate) => Held::All(texts.into_iter().map(change).collect(), concatenate),
    }
}

fn first(text: &str, change: impl Fn(char) -> String) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |letter| change(letter) + letters.as_str())
}

/// `${NAME/PATTERN/WITH}`: the longest that fits, from left to right.
fn replaced(text: &str, pattern: &Pattern, with: &str, kind: &SubstringMatchKind) -> String {
    let letters: Vec<char> = text.chars().collect();
    let longest =
        |begin: usize| (begin + 1..=letters.len()).rev().find(|&end| pattern.fits(&letters[begin..end]));
    let mut out = String::new();
    let mut at = 0;
    match kind {
        SubstringMatchKind::Prefix => {
            if let Some(end) = longest(0) {
                out.push_str(with);
                at = end;
            }
        }
        SubstringMatchKind::Suffix => {
            let begin = (0..letters.len()).find(|&begin| pattern.fits(&letters[begin..]));
            if let Some(begin) = begin {
                out.extend(&letters[..begin]);
                out.push_str(with);
                return out;
            }
        }
        SubstringMatchKind::FirstOccurrence | SubstringMatchKind::Anywhere => {
            while at < letters.len() {
                if let Some(end) = longest(at) {
                    out.push_str(with);
                    at = end;
                    if matches!(kind, SubstringMatchKind::FirstOccurrence) {
                        break;
                    }
                } else {
                    out.push(letters[at]);
                    at += 1;
                }
            }
        }
    }
    out.extend(&letters[at..]);
    out
}
