//! Words as one would type them.

/// A word so that a shell reads it as this word: bare where that does, else between single quotes
/// (`sh_contains_shell_metas` and `sh_single_quote` of bash).
pub fn quoted(word: &str) -> String {
    if word.is_empty() {
        return "''".to_owned();
    }
    let begins_badly = word.starts_with(['#', '~']);
    let is_bare = !word.chars().any(|letter| {
        matches!(letter, ' ' | '\t' | '\n' | '\'' | '"' | '\\' | '|' | '&' | ';' | '(' | ')' | '<' | '>')
            || matches!(letter, '!' | '{' | '}' | '*' | '[' | ']' | '?' | '^' | '$' | '`')
    });
    if is_bare && !begins_badly { word.to_owned() } else { single_quoted(word) }
}

/// Between single quotes, whatever it is.
pub(crate) fn single_quoted(word: &str) -> String {
    match word {
        "'" => "\\'".to_owned(),
        _ => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
