//! A name that nothing has: what was meant perhaps, and what there is.

use super::Failure;
use vethlab_engine::page;

/// The failure for a name that nothing has. `lists` holds what there is, each list with what it is of.
pub(super) fn unknown(kind: &str, name: &str, lists: &[(&str, Vec<&str>)]) -> Failure {
    Failure::bad_input(message(kind, name, lists, super::terminal_width()))
}

fn message(kind: &str, name: &str, lists: &[(&str, Vec<&str>)], width: usize) -> String {
    let known = lists.iter().flat_map(|(_, names)| names.iter().copied());
    let meant = nearest(name, known).map_or_else(String::new, |near| format!(": did you mean '{near}'?"));
    let mut text = format!("there is no {kind} '{name}'{meant}\n");
    let widest = lists.iter().map(|(of, _)| of.chars().count()).max().unwrap_or(0);
    for (of, names) in lists {
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        text.push_str(&page::beside(
            &format!("  {:widest$}  ", format!("{of}:"), widest = widest + 1),
            widest + 5,
            &names,
            width,
        ));
    }
    text.trim_end().to_owned()
}

/// The word that is most like a name, where one is alike. A pack that stands before the name does not count.
fn nearest<'a>(name: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    vethlab_programs::nearest(name.rsplit('/').next().unwrap_or(name), words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 4] = ["interfaces", "loopback", "two-namespaces", "two-paths"];

    #[test]
    fn what_is_alike_is_found_and_nothing_else() {
        for (name, meant) in [
            ("looback", Some("loopback")),
            ("interface", Some("interfaces")),
            ("two-namspaces", Some("two-namespaces")),
            ("some-pack/two-path", Some("two-paths")),
            ("Loopback", Some("loopback")),
            ("xyz", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, WORDS.into_iter()), meant, "{name}");
        }
    }

    #[test]
    fn what_there_is_stands_on_lines_that_fit() {
        let exercises: Vec<&str> = std::iter::repeat_n("two-namespaces", 15).collect();
        let text = message("lesson", "loopbak", &[("lessons", WORDS.to_vec()), ("exercises", exercises)], 60);
        assert!(
            text.starts_with(
                "there is no lesson 'loopbak': did you mean 'loopback'?\n  lessons:    interfaces,"
            ),
            "{text}"
        );
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
        assert_eq!(
            message("exercise", "x", &[("exercises", Vec::new())], 60),
            "there is no exercise 'x'\n  exercises:  none"
        );
    }
}
