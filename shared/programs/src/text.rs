//! The small tools that text is piped through: `grep`, `awk` and others, over what is piped to them and the files of the
//! session. What they print stands in `vethlab_text`.

use crate::process::Input;
use crate::shell::Surroundings;
use crate::{Context, Failure, Status};
use std::cell::RefCell;
use vethlab_shell::System;

/// Runs one of them.
pub(crate) fn run(name: &str, words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let input = match &context.input {
        Input::Bytes(bytes) => bytes.clone(),
        // What a person types is for the prompt.
        Input::Empty | Input::Silent => [].into(),
    };
    let output = {
        let surroundings = RefCell::new(Surroundings(context));
        let file = |path: &str| surroundings.borrow_mut().read(path).ok().map(String::into_bytes);
        vethlab_text::run(name, words, &input, &file)
    };
    let Some(output) = output else { return Err(Failure::NotModelled(name.to_owned())) };
    if output.has_read_input {
        context.input = Input::Empty;
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut status = output.status;
    if name == "tee" {
        status = status.max(tee(words, &text(&output.stdout), context));
    }
    context.console.out(&text(&output.stdout));
    let said = text(&output.stderr);
    // As a word of the shell it is told so.
    let said = if name == "printf" && !said.is_empty() && !said.starts_with("vethlab") {
        format!("bash: {said}")
    } else {
        said
    };
    context.console.err(&said);
    Ok(status)
}

/// Writes the files of `tee`.
fn tee(words: &[String], text: &str, context: &mut Context<'_>) -> Status {
    let Some(targets) = vethlab_text::tee_targets(words) else { return 0 };
    let mut status = 0;
    for path in &targets.files {
        let mut surroundings = Surroundings(context);
        let written = surroundings.open(path, targets.append).and_then(|()| surroundings.write(path, text));
        if let Err(error) = written {
            context.console.err(&format!("tee: {path}: {error}\n"));
            status = 1;
        }
    }
    status
}
