//! One call of a tool: what it is given, what it has printed, and why it stops.

use std::borrow::Cow;

/// How many bytes a tool may print, and say.
pub const MOST: usize = 16 << 20;

/// How much work a tool may do: about one step for each byte that it looks at, and [`STEP`] for each step of a script.
const WORK: usize = 1 << 26;

/// What a step of a script takes.
pub(crate) const STEP: usize = 32;

/// Why a tool ends before it is done.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    /// It was asked for what is not modelled: the name of that.
    Refused(String),
    /// It says something, after its name, and ends with a status.
    Failed(u8, String),
    /// The same, without its name in front.
    Bare(u8, String),
    /// It has printed as much as may be.
    TooMuch,
    /// It has worked as long as may be.
    TooLong,
}

/// The files that a tool may read.
pub(crate) type Files<'a> = &'a dyn Fn(&str) -> Option<Vec<u8>>;

/// What files hold, and whether all of them were there.
pub(crate) type Contents<'a> = (Vec<Cow<'a, [u8]>>, bool);

/// A call of a tool.
pub(crate) struct Call<'a> {
    /// What it calls itself.
    pub(crate) name: &'a str,
    /// The words after its name.
    pub(crate) arguments: &'a [String],
    /// What it has printed.
    pub(crate) out: Vec<u8>,
    /// What it has said.
    pub(crate) err: Vec<u8>,
    /// Not there once it was read.
    input: Option<&'a [u8]>,
    file: Files<'a>,
    work: usize,
}

impl<'a> Call<'a> {
    pub(crate) fn new(name: &'a str, arguments: &'a [String], input: &'a [u8], file: Files<'a>) -> Call<'a> {
        Call { name, arguments, out: Vec::new(), err: Vec::new(), input: Some(input), file, work: WORK }
    }

    /// Prints bytes.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        if bytes.len() > MOST - self.out.len() {
            return Err(Stop::TooMuch);
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// Says a line, after its name.
    pub(crate) fn say(&mut self, text: &str) {
        let line = format!("{}: {text}\n", self.name);
        self.say_bare(line.as_bytes());
    }

    /// Says bytes as they are. What is too much is left out.
    pub(crate) fn say_bare(&mut self, bytes: &[u8]) {
        if bytes.len() <= MOST - self.err.len() {
            self.err.extend_from_slice(bytes);
        }
    }

    /// Counts work.
    pub(crate) fn work(&mut self, steps: usize) -> Result<(), Stop> {
        self.work = self.work.checked_sub(steps).ok_or(Stop::TooLong)?;
        Ok(())
    }

    /// Whether the input was read.
    pub(crate) fn has_read_input(&self) -> bool {
        self.input.is_none()
    }

    /// What stands on the input, once: whoever reads it again finds its end.
    pub(crate) fn input(&mut self) -> &'a [u8] {
        self.input.take().unwrap_or_default()
    }

    /// Whether there is such a file, or such input, and something in it.
    pub(crate) fn has_text(&mut self, name: &str) -> Result<bool, Stop> {
        if name == "-" {
            return Ok(self.input.is_some_and(|input| !input.is_empty()));
        }
        Ok(self.read_file(name)?.is_some_and(|text| !text.is_empty()))
    }

    /// The bytes of a file. `None` where there is none of that name.
    pub(crate) fn read_file(&mut self, name: &str) -> Result<Option<Vec<u8>>, Stop> {
        let Some(bytes) = (self.file)(name) else { return Ok(None) };
        self.work(bytes.len().saturating_add(1))?;
        Ok(Some(bytes))
    }

    /// The bytes of a file, or of the input where it is called `-`. `None` where there is no such file.
    pub(crate) fn read(&mut self, name: &str) -> Result<Option<Cow<'a, [u8]>>, Stop> {
        if name == "-" {
            return Ok(Some(Cow::Borrowed(self.input())));
        }
        Ok(self.read_file(name)?.map(Cow::Owned))
    }

    /// What one of the [`sources`] holds. A file that is not there is told, with these words before its name.
    ///
    /// # Errors
    /// There is more than is taken.
    pub(crate) fn source(&mut self, name: Option<&String>, lead: &str) -> Result<Option<Vec<u8>>, Stop> {
        let Some(name) = name else { return Ok(Some(self.input().to_vec())) };
        let text = self.read_file(name)?;
        if text.is_none() {
            self.say(&format!("{lead}{name}: No such file or directory"));
        }
        Ok(text)
    }

    /// What these files hold, one after the other; the input where there are none. A file that is not there is told
    /// of: the second value says whether all were there.
    pub(crate) fn read_all(&mut self, names: &[String]) -> Result<Contents<'a>, Stop> {
        if names.is_empty() {
            return Ok((vec![Cow::Borrowed(self.input())], true));
        }
        let mut all = true;
        let mut contents = Vec::new();
        for name in names {
            match self.read(name)? {
                Some(bytes) => contents.push(bytes),
                None => {
                    all = false;
                    self.say(&format!("{}: No such file or directory", shown(name)));
                }
            }
        }
        Ok((contents, all))
    }
}

/// The lines of a text, without what ends them. A text that does not end in a newline has one line more.
pub(crate) fn lines(bytes: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    if bytes.is_empty() || bytes.ends_with(b"\n") {
        lines.next_back();
    }
    lines
}

/// The lines of a text, with what ends them.
pub(crate) fn whole_lines(bytes: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n')
}

/// A name in a message of GNU's tools, as `quotef` has it: within quotes where a shell would need them.
pub(crate) fn shown(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"%+,-./:@_]{}^".contains(&byte);
    let bare = !name.is_empty()
        && name.bytes().all(|byte| plain(byte) || byte == b'#' || byte == b'~')
        && !name.starts_with(['#', '~'])
        && name != "{"
        && name != "}";
    if bare { name.to_owned() } else { quoted(name) }
}

/// A name within quotes, as `quoteaf` has it.
pub(crate) fn quoted(name: &str) -> String {
    let printable = name.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if printable {
        if !name.contains('\'') {
            return format!("'{name}'");
        }
        if !name.contains(['"', '$', '`', '\\', '!']) {
            return format!("\"{name}\"");
        }
        return format!("'{}'", name.replace('\'', "'\\''"));
    }
    let mut text = String::from("'");
    let mut escaped = false;
    for byte in name.bytes() {
        let plain = (b' '..=b'~').contains(&byte);
        if plain && escaped && byte != b'\'' {
            text.push_str("''");
            escaped = false;
        }
        if !plain && !escaped {
            text.push_str("'$'");
            escaped = true;
        }
        match byte {
            b'\n' => text.push_str("\\n"),
            b'\t' => text.push_str("\\t"),
            b'\r' => text.push_str("\\r"),
            7 => text.push_str("\\a"),
            8 => text.push_str("\\b"),
            11 => text.push_str("\\v"),
            12 => text.push_str("\\f"),
            b'\'' if escaped => text.push_str("\\'"),
            b'\'' => text.push_str("'\\''"),
            _ if plain => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text.push('\'');
    text
}

/// A word within quotes, as `quote` has it in the C locale.
pub(crate) fn quote(word: &str) -> String {
    let mut text = String::from("'");
    for byte in word.bytes() {
        match byte {
            b'\'' => text.push_str("\\'"),
            b'\\' => text.push_str("\\\\"),
            b'\n' => text.push_str("\\n"),
            b'\t' => text.push_str("\\t"),
            b'\r' => text.push_str("\\r"),
            7 => text.push_str("\\a"),
            8 => text.push_str("\\b"),
            11 => text.push_str("\\v"),
            12 => text.push_str("\\f"),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text.push('\'');
    text
}

/// What is read: the input, which has no name, where no file is named. A file may be called `-`.
pub(crate) fn sources(operands: &[String]) -> Vec<Option<&String>> {
    if operands.is_empty() { vec![None] } else { operands.iter().map(Some).collect() }
}
