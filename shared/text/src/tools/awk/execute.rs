//! A program, executed: on no line, on each, and at the end.

use super::array::{Array, ELEMENT, Key};
use super::format::{self, Fault};
use super::input::Source;
use super::number;
use super::parse::Names;
use super::program::{
    CONVFMT, Expression, FILENAME, FNR, FS, NF, NR, OFMT, OFS, ORS, Pattern, Program, RLENGTH, RS, RSTART,
    SPECIAL, SUBSEP, Statement, Target,
};
use super::record::Record;
use super::value::Value;
use crate::call::{Call, MOST, STEP, Stop};
use crate::regex::Regex;
use std::collections::BTreeMap;

/// How many bytes all variables together may hold.
const MEMORY: usize = 4 * MOST;

/// What a name stands for.
#[derive(Debug)]
pub(super) enum Cell {
    /// It was not yet used as one or the other.
    Unknown,
    Scalar(Value),
    Array(Box<Array>),
}

/// How a statement ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
    Next,
    Exit,
}

/// A program that is executed.
pub(super) struct Machine<'m, 'p, 'c> {
    pub(super) call: &'m mut Call<'c>,
    pub(super) program: &'p Program,
    pub(super) names: Names,
    pub(super) source: Source<'c>,
    pub(super) record: Record,
    pub(super) regexes: BTreeMap<Vec<u8>, Regex>,
    cells: Vec<Cell>,
    /// Which rules are between their two patterns.
    within: Vec<bool>,
    held: usize,
    status: u8,
}

impl<'m, 'p, 'c> Machine<'m, 'p, 'c> {
    pub(super) fn new(
        call: &'m mut Call<'c>,
        program: &'p Program,
        names: Names,
        operands: Vec<String>,
    ) -> Machine<'m, 'p, 'c> {
        let mut machine = Machine {
            call,
            program,
            names,
            source: Source::new(operands),
            record: Record::default(),
            regexes: BTreeMap::new(),
            cells: Vec::new(),
            within: vec![false; program.rules.len()],
            held: 0,
            status: 0,
        };
        machine.cells.extend(SPECIAL.iter().map(|_| Cell::Scalar(Value::Nothing)));
        let texts: [(usize, &[u8]); 7] = [
            (FS, b" "),
            (OFS, b" "),
            (ORS, b"\n"),
            (RS, b"\n"),
            (OFMT, b"%.6g"),
            (CONVFMT, b"%.6g"),
            (SUBSEP, b"\x1c"),
        ];
        for (which, text) in texts {
            machine.put_special(which, Value::Text(text.to_vec()));
        }
        for which in [NR, FNR, RSTART] {
            machine.put_special(which, Value::Number(0.0));
        }
        machine.put_special(RLENGTH, Value::Number(-1.0));
        machine.put_special(FILENAME, Value::Text(Vec::new()));
        machine
    }

    /// Executes all. The status that it ends with.
    pub(super) fn run(mut self) -> Result<u8, Stop> {
        let program = self.program;
        let mut flow = Flow::On;
        for action in &program.begin {
            if flow == Flow::On {
                flow = self.execute(action)?;
            }
        }
        let reads = !program.rules.is_empty() || !program.end.is_empty();
        while flow != Flow::Exit && reads && self.next_line()? {
            flow = self.rules()?;
        }
        for action in &program.end {
            if self.execute(action)? == Flow::Exit {
                break;
            }
        }
        Ok(self.status)
    }

    fn rules(&mut self) -> Result<Flow, Stop> {
        let program = self.program;
        for (index, rule) in program.rules.iter().enumerate() {
            let meant = match &rule.pattern {
                Pattern::Always => true,
                Pattern::Holds(condition) => self.holds(condition)?,
                Pattern::Range(from, to) => {
                    let begins = self.within[index] || self.holds(from)?;
                    if begins {
                        self.within[index] = !self.holds(to)?;
                    }
                    begins
                }
            };
            if !meant {
                continue;
            }
            let flow = match &rule.action {
                Some(action) => self.execute(action)?,
                None => {
                    self.print(&[], Target::Output)?;
                    Flow::On
                }
            };
            match flow {
                Flow::Next => break,
                Flow::Exit => return Ok(Flow::Exit),
                _ => {}
            }
        }
        Ok(Flow::On)
    }

    pub(super) fn holds(&mut self, condition: &Expression) -> Result<bool, Stop> {
        Ok(self.evaluate(condition)?.is_true())
    }

    fn execute(&mut self, statement: &Statement) -> Result<Flow, Stop> {
        self.call.work(STEP)?;
        match statement {
            Statement::Nothing => {}
            Statement::Expression(expression) => {
                self.evaluate(expression)?;
            }
            Statement::Print(values, target) => self.print(values, *target)?,
            Statement::Printf(values, target) => {
                let mut found = Vec::new();
                for value in values {
                    found.push(self.evaluate(value)?);
                }
                let mut out = Vec::new();
                let result = self.format("printf", &found, &mut out);
                self.put(&out, *target)?;
                result?;
            }
            Statement::Block(statements) => {
                for statement in statements {
                    let flow = self.execute(statement)?;
                    if flow != Flow::On {
                        return Ok(flow);
                    }
                }
            }
            Statement::If(condition, yes, no) => {
                if self.holds(condition)? {
                    return self.execute(yes);
                }
                if let Some(no) = no {
                    return self.execute(no);
                }
            }
            Statement::While(condition, body) => {
                while self.holds(condition)? {
                    match self.execute(body)? {
                        Flow::On | Flow::Continue => {}
                        Flow::Break => break,
                        flow => return Ok(flow),
                    }
                }
            }
            Statement::DoWhile(body, condition) => loop {
                match self.execute(body)? {
                    Flow::On | Flow::Continue => {}
                    Flow::Break => break,
                    flow => return Ok(flow),
                }
                if !self.holds(condition)? {
                    break;
                }
            },
            Statement::For(first, condition, step, body) => {
                if let Some(first) = first {
                    self.evaluate(first)?;
                }
                loop {
                    if let Some(condition) = condition
                        && !self.holds(condition)?
                    {
                        break;
                    }
                    match self.execute(body)? {
                        Flow::On | Flow::Continue => {}
                        Flow::Break => break,
                        flow => return Ok(flow),
                    }
                    if let Some(step) = step {
                        self.evaluate(step)?;
                    }
                }
            }
            Statement::ForIn(variable, array, body) => {
                let keys = self.array(*array)?.keys();
                self.call.work(keys.iter().map(|key| key.len() + 8).sum())?;
                for key in keys {
                    self.assign_variable(*variable, Value::Text(key))?;
                    match self.execute(body)? {
                        Flow::On | Flow::Continue => {}
                        Flow::Break => break,
                        flow => return Ok(flow),
                    }
                }
            }
            Statement::Next => return Ok(Flow::Next),
            Statement::Exit(status) => {
                if let Some(status) = status {
                    self.status = number::integer(self.evaluate(status)?.number()) as u8;
                }
                return Ok(Flow::Exit);
            }
            Statement::Break => return Ok(Flow::Break),
            Statement::Continue => return Ok(Flow::Continue),
            Statement::Delete(array, None) => {
                let size = self.array(*array)?.size();
                self.held = self.held.saturating_sub(size);
                *self.array(*array)? = Array::default();
            }
            Statement::Delete(array, Some(keys)) => {
                let key = self.key(keys)?;
                if let Some(value) = self.array(*array)?.remove(&key) {
                    self.held = self.held.saturating_sub(value.size() + ELEMENT);
                }
            }
        }
        Ok(Flow::On)
    }

    fn print(&mut self, values: &[Expression], target: Target) -> Result<(), Stop> {
        let mut line = Vec::new();
        if values.is_empty() {
            line = self.record_text()?;
        }
        let mut found = Vec::new();
        for value in values {
            found.push(self.evaluate(value)?);
        }
        let (between, end, by) = (self.special_text(OFS)?, self.special_text(ORS)?, self.special_text(OFMT)?);
        for (index, value) in found.iter().enumerate() {
            if index > 0 {
                line.extend_from_slice(&between);
            }
            match value {
                Value::Number(value) => line.extend(number::written(self.call, *value, &by)?),
                value => line.extend(self.text(value)?),
            }
        }
        line.extend_from_slice(&end);
        self.put(&line, target)
    }

    fn put(&mut self, bytes: &[u8], target: Target) -> Result<(), Stop> {
        self.call.work(bytes.len())?;
        match target {
            Target::Output => self.call.put(bytes),
            Target::Error => {
                self.call.say_bare(bytes);
                Ok(())
            }
        }
    }

    /// Puts values into the format that the first of them is.
    pub(super) fn format(&mut self, who: &str, values: &[Value], out: &mut Vec<u8>) -> Result<(), Stop> {
        let Some((format, values)) = values.split_first() else { return Ok(()) };
        let format = self.text(format)?;
        let by = self.special_text(CONVFMT)?;
        format::put(self.call, &format, values, &by, out).map_err(|fault| {
            let shown = String::from_utf8_lossy(&format).into_owned();
            match fault {
                Fault::Stop(stop) => stop,
                Fault::Missing => {
                    self.run_time_error(&format!("not enough arguments passed to {who}(\"{shown}\")"))
                }
                Fault::Improper(number) => self
                    .run_time_error(&format!("improper conversion(number {number}) in {who}(\"{shown}\")")),
            }
        })
    }

    /// What mawk says of a mistake that it finds while it works.
    pub(super) fn run_time_error(&self, text: &str) -> Stop {
        let name = match self.special(FILENAME) {
            Value::Text(text) | Value::Both(text, _) => String::from_utf8_lossy(text).into_owned(),
            _ => String::new(),
        };
        let (record, line) = (self.special(FNR).number(), self.special(NR).number());
        Stop::Failed(2, format!("run time error: {text}\n\tFILENAME=\"{name}\" FNR={record} NR={line}"))
    }

    /// A value as a text.
    pub(super) fn text(&mut self, value: &Value) -> Result<Vec<u8>, Stop> {
        self.call.work(value.size())?;
        Ok(match value {
            Value::Nothing => Vec::new(),
            Value::Text(text) | Value::Both(text, _) => text.clone(),
            Value::Number(value) => {
                let by = match self.special(CONVFMT) {
                    Value::Text(text) | Value::Both(text, _) => text.clone(),
                    _ => b"%.6g".to_vec(),
                };
                number::written(self.call, *value, &by)?
            }
        })
    }

    /// The value of a variable that means something to `awk`.
    pub(super) fn special(&self, which: usize) -> &Value {
        match self.cells.get(which) {
            Some(Cell::Scalar(value)) => value,
            _ => &Value::Nothing,
        }
    }

    pub(super) fn special_text(&mut self, which: usize) -> Result<Vec<u8>, Stop> {
        let value = self.special(which).clone();
        self.text(&value)
    }

    pub(super) fn put_special(&mut self, which: usize, value: Value) {
        self.cells[which] = Cell::Scalar(value);
    }

    /// Sets a variable that means something, before anything is read.
    pub(super) fn set_special(&mut self, which: usize, value: Value) -> Result<(), Stop> {
        self.assign_variable(which, value)
    }

    fn cell(&mut self, number: usize) -> &mut Cell {
        while self.cells.len() <= number.max(self.names.len()) {
            self.cells.push(Cell::Unknown);
        }
        &mut self.cells[number]
    }

    pub(super) fn is_array(&mut self, number: usize) -> bool {
        matches!(self.cell(number), Cell::Array(_))
    }

    /// An array. A name that nothing was assigned to becomes one.
    pub(super) fn array(&mut self, number: usize) -> Result<&mut Array, Stop> {
        if matches!(self.cell(number), Cell::Unknown) {
            *self.cell(number) = Cell::Array(Box::default());
        }
        match self.cell(number) {
            Cell::Array(array) => Ok(array),
            _ => Err(Stop::Failed(2, "line 1: syntax error: a variable is used as an array".to_owned())),
        }
    }

    pub(super) fn variable(&mut self, number: usize) -> Result<Value, Stop> {
        if number == NF {
            return Ok(Value::Number(self.field_count()? as f64));
        }
        let value = match self.cell(number) {
            Cell::Unknown => Value::Nothing,
            Cell::Scalar(value) => value.clone(),
            Cell::Array(_) => {
                return Err(Stop::Failed(2, "line 1: illegal reference to array".to_owned()));
            }
        };
        self.call.work(value.size())?;
        Ok(value)
    }

    pub(super) fn assign_variable(&mut self, number: usize, value: Value) -> Result<(), Stop> {
        match number {
            NF => return self.set_field_count(&value),
            RS => return Err(Stop::Refused("awk RS".to_owned())),
            FS => self.split_before_change()?,
            _ => {}
        }
        let size = value.size();
        let before = match self.cell(number) {
            Cell::Unknown => 0,
            Cell::Scalar(old) => old.size(),
            Cell::Array(_) => return Err(Stop::Failed(2, "line 1: illegal reference to array".to_owned())),
        };
        *self.cell(number) = Cell::Scalar(value);
        self.hold(before, size)
    }

    /// Counts what variables hold.
    fn hold(&mut self, before: usize, after: usize) -> Result<(), Stop> {
        self.held = self.held.saturating_sub(before).saturating_add(after);
        if self.held > MEMORY { Err(Stop::TooMuch) } else { Ok(()) }
    }

    /// What an element holds. It is made where there is none.
    pub(super) fn element(&mut self, array: usize, key: &Key) -> Result<Value, Stop> {
        let array = self.array(array)?;
        let before = array.len();
        let value = array.element(key).clone();
        let more = (array.len() - before) * ELEMENT;
        self.call.work(value.size() + 8)?;
        self.hold(0, more)?;
        Ok(value)
    }

    pub(super) fn assign_element(&mut self, array: usize, key: &Key, value: Value) -> Result<(), Stop> {
        let size = value.size();
        let array = self.array(array)?;
        let count = array.len();
        let place = array.element(key);
        let before = place.size();
        *place = value;
        let more = (array.len() - count) * ELEMENT;
        self.call.work(8)?;
        self.hold(before, size + more)
    }

    /// Puts another array in the place of one.
    pub(super) fn assign_array(&mut self, number: usize, array: Array) -> Result<(), Stop> {
        let size = array.size();
        let place = self.array(number)?;
        let before = place.size();
        *place = array;
        self.hold(before, size)
    }
}
