//! What to do about what the parser found.

/// Words that begin an advice behind a colon.
const ADVICE: [&str; 13] = [
    "add ",
    "write ",
    "put ",
    "use ",
    "join ",
    "leave ",
    "declare ",
    "begin ",
    "widen ",
    "take ",
    "number ",
    "it is one of ",
    "is it ",
];

/// What to do, from what the parser says is wrong: much of it says so itself, behind a colon.
pub(super) fn fix(problem: &str) -> String {
    if let Some((_, advice)) =
        problem.rsplit_once(": ").filter(|(_, advice)| ADVICE.iter().any(|begin| advice.starts_with(begin)))
    {
        return sentence(advice);
    }
    let quoted = |text: &str| text.split('`').nth(1).unwrap_or_default().to_owned();
    match problem {
        _ if problem.starts_with("unknown field") => {
            let known: Vec<&str> = problem.split('`').skip(3).step_by(2).collect();
            match known.is_empty() {
                true => format!("Take '{}' out", quoted(problem)),
                false => format!("Take '{}' out, or write one of {}", quoted(problem), known.join(", ")),
            }
        }
        _ if problem.starts_with("unknown variant") => {
            let known: Vec<&str> = problem.split('`').skip(3).step_by(2).collect();
            format!("Write one of {} in the place of '{}'", known.join(", "), quoted(problem))
        }
        _ if problem.starts_with("missing field") => format!("Add a line '{} = …'", quoted(problem)),
        _ if problem.starts_with("duplicate key") => "Take one of the two lines out".to_owned(),
        _ if problem.contains("has the id") => "Give one of the two another 'id'".to_owned(),
        _ if problem.contains("reads format") => {
            "Write 'format = 1', or use the vethlab that the pack was written for".to_owned()
        }
        _ if problem.contains("there is no file") => {
            "Write the name as it is in the folder, or take it out of the list".to_owned()
        }
        _ if problem.contains("not UTF-8") => "Save the file as UTF-8".to_owned(),
        _ if problem.contains("is larger than") => "Divide it in two".to_owned(),
        _ if problem.contains("cannot be read") => "Look at who may read the file".to_owned(),
        _ => "lessons/packs/FORMAT.md says what can be written here".to_owned(),
    }
}

/// The advice as a sentence of its own.
fn sentence(advice: &str) -> String {
    let mut characters = advice.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::fix;

    #[test]
    fn every_problem_has_an_advice() {
        for (problem, advice) in [
            (
                "an exercise needs a solution: add a 'vethlab solution' block",
                "Add a 'vethlab solution' block",
            ),
            ("unknown field `ups`, expected `up`", "Take 'ups' out, or write one of up"),
            ("unknown field `a`, expected one of `b`, `c`", "Take 'a' out, or write one of b, c"),
            ("unknown variant `a`, expected `b` or `c`", "Write one of b, c in the place of 'a'"),
            ("missing field `version`", "Add a line 'version = …'"),
            ("another check has the id 'a' already", "Give one of the two another 'id'"),
            ("'lan' is never so", "lessons/packs/FORMAT.md says what can be written here"),
        ] {
            assert_eq!(fix(problem), advice);
        }
    }
}
