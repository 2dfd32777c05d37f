//! `map`: the network as a picture. No tool of Linux draws one; this is vethlab's own.

mod live;

use super::manual::own;
use super::{Context, Failure, Status, refused};
use vethlab_explain::map::{Network, Pen, Position, dot, draw, mermaid, svg};

/// How slow and how fast packets may move, as factors.
const SLOWEST: f64 = 0.1;
const FASTEST: f64 = 10.0;

/// What to make of the network, and into which file.
enum Form {
    Help,
    Text(Pen),
    Live(f64),
    Svg(String),
    Dot(Option<String>),
    Mermaid(Option<String>),
}

/// Runs `map`.
pub(super) fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let (text, file) = match parse(words)? {
        Form::Help => (own::MAP.text(), None),
        Form::Text(pen) => {
            let network = read(context)?;
            let position = Position::of(context.journal);
            let mut text =
                draw(&network, position.as_ref().and_then(|position| position.spot(&network)), &pen);
            if let Some(position) = position {
                text.push_str(&format!("\n{} {position}\n", pen.packet));
            }
            (text, None)
        }
        Form::Live(speed) => {
            let network = read(context)?;
            live::play(&network, speed, context);
            return Ok(0);
        }
        Form::Svg(file) => (svg(&read(context)?), Some(file)),
        Form::Dot(file) => (dot(&read(context)?), file),
        Form::Mermaid(file) => (mermaid(&read(context)?), file),
    };
    match file {
        None => context.console.out(&text),
        Some(file) => context
            .console
            .save(&file, text.as_bytes())
            .map_err(|reason| Failure::exit(2, format_args!("map: cannot write '{file}': {reason}")))?,
    }
    Ok(0)
}

fn read(context: &mut Context<'_>) -> Result<Network, Failure> {
    Network::read(context.stack).map_err(|error| refused(error, 1, |errno| format!("map: {errno}")))
}

fn parse(words: &[String]) -> Result<Form, Failure> {
    let wrong = |message: String| Err(Failure::exit(2, format_args!("map: {message} ('map --help' helps)")));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Ok(match words[..] {
        [] => Form::Text(Pen::UNICODE),
        ["--ascii"] => Form::Text(Pen::ASCII),
        ["--help" | "-h"] => Form::Help,
        ["--live"] => Form::Live(1.0),
        ["--live", speed] => match speed.parse() {
            Ok(factor) if (SLOWEST..=FASTEST).contains(&factor) => Form::Live(factor),
            _ => {
                return wrong(format!(
                    "the speed is a number from {SLOWEST} to {FASTEST}, and '{speed}' is none"
                ));
            }
        },
        ["--svg"] => return wrong("--svg needs the name of a file".to_owned()),
        [option @ ("--svg" | "--dot" | "--mermaid"), file @ ("-" | "")] => {
            return wrong(format!("{option} needs the name of a file, and '{file}' is none"));
        }
        ["--svg", file] => Form::Svg(file.to_owned()),
        ["--dot"] => Form::Dot(None),
        ["--dot", file] => Form::Dot(Some(file.to_owned())),
        ["--mermaid"] => Form::Mermaid(None),
        ["--mermaid", file] => Form::Mermaid(Some(file.to_owned())),
        ["--ascii", extra, ..] | [_, _, extra, ..] => {
            return wrong(format!("'{extra}' is one word too many"));
        }
        [unknown, ..] => return wrong(format!("'{unknown}' is no option of it")),
    })
}
