//! `true`, `false` and `echo`.

use super::{Context, Failure, Status};

/// `true`: does nothing, well.
pub(super) fn succeed(_words: &[String], _context: &mut Context<'_>) -> Result<Status, Failure> {
    Ok(0)
}

/// `false`: does nothing, badly.
pub(super) fn fail(_words: &[String], _context: &mut Context<'_>) -> Result<Status, Failure> {
    Ok(1)
}

/// `echo`, as built into bash: the words with spaces between, and a newline unless `-n` comes first.
pub(super) fn echo(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let is_option = |word: &String| {
        word.strip_prefix('-')
            .is_some_and(|letters| !letters.is_empty() && letters.chars().all(|c| "neE".contains(c)))
    };
    let options = words.iter().take_while(|word| is_option(word)).count();
    let (options, words) = words.split_at(options);
    if let Some(option) = options.iter().find(|option| option.contains('e')) {
        return Err(Failure::NotModelled(format!("echo {option}")));
    }
    let end = if options.iter().any(|option| option.contains('n')) { "" } else { "\n" };
    context.console.out(&format!("{}{end}", words.join(" ")));
    Ok(0)
}
