//! Events as lines of JSON, for other programs: the form that `EVENTS.md` describes.
//!
//! The first line says that it is this form, and which version of it; then comes one event a line.

use super::Event;
use crate::text::printable_line;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// What the form calls itself.
pub const FORMAT: &str = "vethlab-events";

/// The version that is written, and the only one that is read. It rises with every change of the form: of a name,
/// a meaning, or what there is.
pub const VERSION: u32 = 1;

/// What is told of a last line without its newline.
const CUT_OFF: &str =
    "the line is cut off: what wrote it was ended in the middle, and the lines before it are whole";

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    version: u32,
}

/// The first line, its newline included.
///
/// # Errors
/// Those of [`serde_json`], of which plain data has none.
pub fn header() -> serde_json::Result<String> {
    let header = Header { format: FORMAT.to_owned(), version: VERSION };
    Ok(serde_json::to_string(&header)? + "\n")
}

/// Events, each as a line with its newline: what follows the first line.
///
/// # Errors
/// Those of [`serde_json`], of which events, being plain data, have none.
pub fn lines(events: &[Event]) -> serde_json::Result<String> {
    let mut text = String::new();
    for event in events {
        text.push_str(&serde_json::to_string(event)?);
        text.push('\n');
    }
    Ok(text)
}

/// Reads all of it, the first line included.
///
/// # Errors
/// The first line that is not what this version of the form has there: another format or version, broken JSON, an
/// event that there is none of, a field too many or too few, a value in other words, or a line that was cut off.
pub fn read(text: &str) -> Result<Vec<Event>, Broken> {
    let mut lines = text.split_inclusive('\n').zip(1..);
    let (first, _) = lines.next().ok_or(Broken { line: 1, problem: "it is empty".to_owned() })?;
    read_header(first).map_err(|problem| Broken { line: 1, problem })?;
    lines.map(|(line, number)| read_event(line).map_err(|problem| Broken { line: number, problem })).collect()
}

fn read_header(line: &str) -> Result<(), String> {
    // The version is judged before the rest of the line, which another one may have more on.
    let header: Value = serde_json::from_str(line).unwrap_or_default();
    if header.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(format!("it does not begin with the format \"{FORMAT}\""));
    }
    match header.get("version") {
        Some(version) if version.as_u64() != Some(u64::from(VERSION)) => {
            let version = printable_line(&version.to_string());
            Err(format!("it has version {version} of the form, and only version {VERSION} is understood"))
        }
        _ => serde_json::from_str(line).map(|Header { .. }| ()).map_err(|error| words(&error)),
    }
}

fn read_event(line: &str) -> Result<Event, String> {
    let Some(line) = line.strip_suffix('\n') else { return Err(CUT_OFF.to_owned()) };
    let value: Value = serde_json::from_str(line).map_err(|error| words(&error))?;
    let event: Event = serde_json::from_str(line).map_err(|error| words(&error))?;
    let written = serde_json::to_value(&event).map_err(|error| words(&error))?;
    match difference(&value, &written) {
        Some(field) => Err(format!("an event of this kind has no such '{}'", printable_line(&field))),
        None => Ok(event),
    }
}

/// The first field that would be written in another way than it was read: one that is unknown, left out, or put in
/// other words.
fn difference(read: &Value, written: &Value) -> Option<String> {
    let (Some(read), Some(written)) = (read.as_object(), written.as_object()) else {
        return (read != written).then(|| "event".to_owned());
    };
    let fields = read.keys().chain(written.keys());
    fields.into_iter().find(|field| read.get(*field) != written.get(*field)).cloned()
}

/// What is wrong, without the place within the line that `serde_json` counts. It may quote what stands there.
fn words(error: &serde_json::Error) -> String {
    let text = printable_line(&error.to_string());
    text.rsplit_once(" at line ").map_or(text.as_str(), |(words, _)| words).to_owned()
}

/// A text that is not this form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The line where it shows, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for Broken {}
