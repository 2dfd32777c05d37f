//! `iptables-restore` (`xtables-restore.c`).

use super::command::{self, Asked, Line};
use super::execute;
use super::problem::{Outcome, Problem, Speaker, VERSION, wrong};
use super::tables;
use super::work::Work;
use crate::getopt::{Getopt, Long, Value};
use crate::{Context, Failure, Status};
use std::sync::Arc;
use vethlab_shared::netfilter::Counters;

const NAME: &str = "iptables-restore";

pub(crate) const LONGS: &[Long] = &[
    ("counters", 'c', Value::No),
    ("verbose", 'v', Value::No),
    ("version", 'V', Value::No),
    ("test", 't', Value::No),
    ("help", 'h', Value::No),
    ("noflush", 'n', Value::No),
    ("modprobe", 'M', Value::Required),
    ("table", 'T', Value::Required),
    ("wait", 'w', Value::Optional),
    ("wait-interval", 'W', Value::Optional),
];

/// What it is asked for.
#[derive(Clone, Debug, Default)]
struct Request {
    counters: bool,
    verbose: bool,
    /// Nothing is sent.
    test: bool,
    noflush: bool,
    /// Only this table.
    table: Option<String>,
    /// The file to read.
    file: Option<String>,
}

/// Runs `iptables-restore`.
pub(crate) fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let Some(request) = request(words, context)? else { return Ok(0) };
    let text: Arc<str> = match &request.file {
        Some(file) => context
            .files
            .read(file)
            .ok_or_else(|| Failure::exit(1, format_args!("Can't open {file}: No such file or directory")))?,
        None => std::mem::take(&mut context.input).text().ok_or_else(|| {
            Failure::exit(
                2,
                format_args!(
                    "vethlab: {NAME} reads no rules from the terminal: give it a FILE that 'iptables-save -f FILE' \
                     wrote, or 'echo -e … | {NAME}'"
                ),
            )
        })?,
    };
    let mut reader = Reader { request, table: None, in_table: false, line: 0, work: None };
    let result = reader.read_all(&text, context);
    let speaker = Speaker { name: NAME, line: Some(reader.line) };
    result.map(|()| 0).map_err(|problem| problem.failure(speaker))
}

fn request(words: &[String], context: &mut Context<'_>) -> Result<Option<Request>, Failure> {
    let mut request = Request::default();
    let mut options = Getopt::new("bcvVthnM:T:wW", LONGS, words);
    loop {
        let given = options.next().map_err(|error| {
            Failure::exit(1, format_args!("{NAME}: {error}\nTry `{NAME} -h' for more information."))
        })?;
        let Some(given) = given else { break };
        match given.letter {
            'c' => request.counters = true,
            'v' => request.verbose = true,
            't' => request.test = true,
            'n' => request.noflush = true,
            'T' => request.table = given.value,
            'w' => {}
            'V' => {
                context.console.out(&format!("{NAME} v{VERSION}\n"));
                return Ok(None);
            }
            letter => return Err(Failure::NotModelled(format!("{NAME} -{letter}"))),
        }
    }
    let mut operands = options.operands().into_iter();
    request.file = operands.next();
    if operands.next().is_some() {
        return Err(Failure::exit(1, "Unknown arguments found on commandline"));
    }
    Ok(Some(request))
}

/// Reads lines. What they ask for is kept until `COMMIT`.
struct Reader {
    request: Request,
    /// The table that was named last.
    table: Option<String>,
    in_table: bool,
    /// From 1.
    line: usize,
    /// What is to be sent for the table.
    work: Option<Vec<(usize, Step)>>,
}

/// What a line asks for.
enum Step {
    /// To take all of a table away.
    Flush(String),
    /// To make a chain of one's own, or to empty it.
    Chain(String, String),
    /// To set the policy of a built-in chain.
    Policy(String, String, String, Counters),
    /// What a command asks for.
    Command(Box<Line>),
}

impl Reader {
    fn read_all(&mut self, text: &str, context: &mut Context<'_>) -> Outcome<()> {
        for line in text.lines() {
            self.line += 1;
            self.read(line, context)?;
        }
        if self.in_table {
            let message = format!("{NAME}: COMMIT expected at line {}\n", self.line + 1);
            return Err(Problem::Exactly(message, 1));
        }
        Ok(())
    }

    /// `xtables_restore_parse_line`.
    fn read(&mut self, line: &str, context: &mut Context<'_>) -> Outcome<()> {
        if line.is_empty() {
            return Ok(());
        }
        if line.starts_with('#') {
            if self.request.verbose {
                context.console.out(&format!("{line}\n"));
            }
            return Ok(());
        }
        if self.in_table && line == "COMMIT" {
            self.in_table = false;
            return self.commit(context);
        }
        if let Some(name) = line.strip_prefix('*').filter(|_| !self.in_table) {
            return self.begin_table(name);
        }
        if !self.in_table {
            // Lines of a table that is left out.
            let is_left_out = self.request.table.is_some() && self.table != self.request.table;
            if is_left_out && self.table.is_some() {
                return Ok(());
            }
            let message = format!("{NAME}: line {} failed\n", self.line);
            return Err(Problem::Exactly(message, 1));
        }
        match line.strip_prefix(':') {
            Some(chain) => self.chain(chain),
            None => self.command(line, context),
        }
    }

    fn begin_table(&mut self, name: &str) -> Outcome<()> {
        let number = self.line;
        let Some(name) = name.split_ascii_whitespace().next() else {
            return wrong(format!("{NAME}: line {number} table name invalid"));
        };
        if tables::find(name).is_none() {
            return wrong(format!("{NAME}: line {number} table name '{name}' invalid"));
        }
        self.table = Some(name.to_owned());
        if self.request.table.as_deref().is_some_and(|wanted| wanted != name) {
            return Ok(());
        }
        self.in_table = true;
        self.work = Some(Vec::new());
        if !self.request.noflush {
            self.add(Step::Flush(name.to_owned()));
        }
        Ok(())
    }

    fn add(&mut self, step: Step) {
        self.work.get_or_insert_default().push((self.line, step));
    }

    fn chain(&mut self, text: &str) -> Outcome<()> {
        let (number, table) = (self.line, self.table.clone().unwrap_or_default());
        let mut words = text.split_ascii_whitespace();
        let Some(chain) = words.next() else {
            return wrong(format!("{NAME}: line {number} chain name invalid"));
        };
        command::check_chain_name(chain)?;
        let Some(policy) = words.next() else {
            return wrong(format!("{NAME}: line {number} policy invalid"));
        };
        let is_built_in = tables::find(&table).is_some_and(|table| table.chain(chain).is_some());
        if !is_built_in {
            self.add(Step::Chain(table, chain.to_owned()));
            return Ok(());
        }
        let mut counters = Counters::default();
        if self.request.counters {
            match words.next().and_then(in_brackets) {
                Some(found) => counters = found,
                None => return wrong(format!("invalid policy counters for chain '{chain}'")),
            }
        }
        self.add(Step::Policy(table, chain.to_owned(), policy.to_owned(), counters));
        Ok(())
    }

    fn command(&mut self, line: &str, context: &mut Context<'_>) -> Outcome<()> {
        let number = self.line;
        let mut words = Vec::new();
        if self.request.verbose && !self.request.noflush {
            words.push("-v".to_owned());
        }
        let mut rest = line;
        if let Some(inside) = line.strip_prefix('[') {
            let Some((counters, behind)) = inside.split_once(']') else {
                return wrong(format!("Bad line {number}: need ]"));
            };
            let Some((packets, bytes)) = counters.split_once(':') else {
                return wrong(format!("Bad line {number}: need ]"));
            };
            if self.request.counters {
                words.extend(["--set-counters", packets, bytes].map(str::to_owned));
            }
            rest = behind;
        }
        words.extend(split(rest));
        let speaker = Speaker { name: NAME, line: Some(number) };
        match command::parse(&words, speaker, self.table.as_deref())? {
            Asked::Print(text) => {
                context.console.out(&text);
                Ok(())
            }
            Asked::Do(line) => {
                context.console.err(&line.notes);
                self.add(Step::Command(line));
                Ok(())
            }
        }
    }

    /// Sends what a table's lines ask for, all or nothing.
    fn commit(&mut self, context: &mut Context<'_>) -> Outcome<()> {
        let steps = self.work.take().unwrap_or_default();
        if self.request.test {
            return Ok(());
        }
        let mut work = Work::new(&context.stack.ruleset(&context.namespace)?);
        let end = self.line;
        for (line, step) in steps {
            work.line = Some(line);
            let done = self.step(&step, &mut work);
            context.console.out(&std::mem::take(&mut work.out));
            if let Err(problem) = done {
                // A message of its own names the line that is read; what `nft_strerror` says, the line that asked.
                self.line = if matches!(problem, Problem::Refused(_)) { line } else { end };
                return Err(problem);
            }
        }
        super::commit(context, &mut work)
    }

    fn step(&self, step: &Step, work: &mut Work) -> Outcome<()> {
        match step {
            Step::Flush(table) if self.request.verbose => {
                work.flush(table, None, true)?;
                work.delete_chain(table, None, true)
            }
            Step::Flush(table) => {
                work.flush_table(table);
                Ok(())
            }
            Step::Chain(table, chain) => {
                work.restore_chain(table, chain);
                Ok(())
            }
            Step::Policy(table, chain, policy, counters) => work.set_policy(table, chain, policy, *counters),
            Step::Command(line) => execute::execute(line, work),
        }
    }
}

/// Counters as `[3:4]` (`parse_counters`).
fn in_brackets(text: &str) -> Option<Counters> {
    let (packets, bytes) = text.strip_prefix('[')?.split_once(':')?;
    Some(Counters { packets: packets.parse().ok()?, bytes: bytes.strip_suffix(']')?.parse().ok()? })
}

/// The words of a line (`add_param_to_argv`): quotes keep blanks, and a backslash within them any character.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut characters = line.chars();
    let mut is_quoted = false;
    while let Some(character) = characters.next() {
        match character {
            '\\' if is_quoted => word.extend(characters.next()),
            '"' => {
                // A quote ends a word, too.
                if is_quoted {
                    words.push(std::mem::take(&mut word));
                }
                is_quoted = !is_quoted;
            }
            ' ' | '\t' if !is_quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            other => word.push(other),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_the_tool_does() {
        assert_eq!(
            split("-A  INPUT -m comment --comment \"a \\\"b\" -j DROP"),
            ["-A", "INPUT", "-m", "comment", "--comment", "a \"b", "-j", "DROP"]
        );
        assert_eq!(in_brackets("[3:4]"), Some(Counters { packets: 3, bytes: 4 }));
        assert_eq!((in_brackets("[3]"), in_brackets("3:4")), (None, None));
    }
}
