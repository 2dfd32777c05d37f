//! Scripts, as the shell takes them apart and goes through them.

use super::is_one_line;
use crate::scripted::Fake;
use vethlab_shell::{
    Demand, Machine, Mode, Read, Route, Script, State, System as _, is_complete, is_plain, quoted,
};

/// The most bytes that are tried: more would be more of the same.
const LONGEST: usize = 4096;
/// How often a script is asked for what it needs: a loop may have no end.
const MOST_DEMANDS: usize = 200;

/// A text is a script or is told in one line why it is none, and a script goes the same way each time.
pub(super) fn run(bytes: &[u8]) {
    if bytes.len() > LONGEST {
        return;
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let _ = (is_complete(text), is_plain(&words, text));
    match Script::parse(text) {
        Ok(script) => assert_eq!(went(&script), went(&script), "{text:?}"),
        Err(problem) => is_one_line(&problem.to_string()),
    }
}

/// How far a script went: its status where it ended, and how much it printed.
fn went(script: &Script) -> (Option<u8>, usize) {
    let mut fake = Fake::default();
    let mut state = State::new("script", &["one".to_owned(), "two".to_owned()], true);
    state.export(&[("EXPORTED".to_owned(), "value".to_owned())]);
    state.set_options("u");
    let input = Some("a line\nand one more\n".into());
    let mut machine = Machine::new(script, state, Mode::Script, input);
    for _ in 0..MOST_DEMANDS {
        match machine.next(&mut fake) {
            Demand::Run(call) => {
                let words: Vec<String> = call.words.iter().map(|word| quoted(word)).collect();
                let piped =
                    if let Read::Text(text) = &call.input { text.len().to_string() } else { String::new() };
                let text = format!("{} {piped}\n", words.join(" "));
                match call.out {
                    Route::Machine => machine.took(false, &text, &mut fake),
                    Route::Out | Route::Error => fake.print(false, &text),
                }
                match call.words.first().map_or(0, String::len) % 3 {
                    0 => machine.left_unread(call.words.len()),
                    1 => machine.not_found("name", &mut fake),
                    _ => {}
                }
                machine.ended(u8::from(call.words.len() % 2 == 0), call.words.len() > 5, &mut fake);
            }
            Demand::Spawn { text, .. } => machine.spawned("%1", u8::from(text.is_empty())),
            Demand::Pause => break,
            Demand::Ended { status, .. } => {
                let state = machine.into_state();
                let _ =
                    (state.status(), state.has_function("f"), state.acts_at_its_end(), state.environment());
                return (Some(status), fake.printed());
            }
        }
    }
    machine.interrupt(130);
    (None, fake.printed())
}
