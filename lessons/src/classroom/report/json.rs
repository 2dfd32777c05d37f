//! One JSON document with all that is known.

use super::{NoReport, Reader, VERSION};
use crate::classroom::grade::{Grades, Summary};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    format: u32,
    reader: &'static str,
    #[serde(flatten)]
    grades: &'a Grades,
    /// Of a class only.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Summary>,
}

pub(super) fn json(grades: &Grades, reader: Reader<'_>) -> Result<String, NoReport> {
    let (reader, summary) = match reader {
        Reader::Teacher => ("teacher", Some(grades.summary())),
        Reader::Student(_) => ("student", None),
    };
    let document = Document { format: VERSION, reader, grades, summary };
    let text = serde_json::to_string_pretty(&document);
    text.map(|text| text + "\n").map_err(|error| NoReport::Unwritable(error.to_string()))
}
