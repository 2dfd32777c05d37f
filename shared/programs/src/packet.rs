//! `packet N`: one frame, layer by layer and field by field.

use super::manual::own;
use super::packets::{Record, command_of, end, record, way};
use super::{Context, Failure, Status};
use serde::Serialize;
use vethlab_explain::dissect::{Layer, dissect, render, wrap};
use vethlab_explain::journal::Crossing;

/// A frame in full, for programs.
#[derive(Serialize)]
struct Full<'a> {
    #[serde(flatten)]
    record: Record<'a>,
    layers: &'a [Layer],
}

pub(super) fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    if words.iter().any(|word| word == "--help" || word == "-h") {
        context.console.out(&own::PACKET.text());
        return Ok(0);
    }
    let bad = |what: String| Failure::exit(2, format_args!("packet: {what} (packet --help)"));
    let (mut wanted, mut json) = (None, false);
    for word in words {
        match (word.as_str(), word.parse::<usize>()) {
            ("--json", _) => json = true,
            (_, Ok(number)) if wanted.is_none() => wanted = Some(number),
            (_, Ok(_)) => return Err(bad(format!("one number, and '{word}' is a second"))),
            _ => return Err(bad(format!("'{word}' is not the number of a frame"))),
        }
    }
    let wanted = wanted.ok_or_else(|| bad("which one? A number is needed".to_owned()))?;
    let frames: Vec<(usize, Crossing)> = context.journal.frames().collect();
    let first = frames.first().map(|(number, _)| *number);
    let crossing = first
        .and_then(|first| frames.get(wanted.checked_sub(first)?))
        .map(|(_, crossing)| crossing)
        .ok_or_else(|| {
            let there = match (first, frames.last()) {
                (Some(first), Some((last, _))) => format!("there are {first} to {last}"),
                _ => "no frame has crossed a link so far".to_owned(),
            };
            Failure::exit(1, format_args!("packet: no frame {wanted}: {there} (see 'packets all')"))
        })?;
    let dissection = dissect(&crossing.frame);
    if json {
        let command = command_of(crossing, context.journal);
        let record = record(wanted, crossing, command, &dissection.what);
        let full = Full { record, layers: &dissection.layers };
        let text = serde_json::to_string(&full).map_err(|error| Failure::exit(1, error))?;
        context.console.out(&format!("{text}\n"));
        return Ok(0);
    }
    let became = end(crossing, context.journal);
    let became = became.unwrap_or_else(|| {
        if crossing.received.is_some() { "arrived" } else { "not arrived yet" }.to_owned()
    });
    let (way, what, bytes) = (way(crossing, context.journal), dissection.what.as_str(), crossing.frame.len());
    let width = context.console.width();
    let mut text = String::new();
    for line in [format!("Frame {wanted}: {what} ({bytes} bytes)"), format!("{way}: {became}")] {
        text += &(wrap(&line, width).join("\n  ") + "\n");
    }
    context.console.out(&(text + &render(&dissection, width)));
    Ok(0)
}
