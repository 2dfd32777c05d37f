//! What platforms make of reports and exit codes, held against what their own documents say.

use crate::grade::Class;
use crate::reports::{HIDDEN, class, students, teachers, tells_of_nothing_hidden};
use libtest_mimic::Failed;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use vethlab::classroom::report::{Format, NoReport, Reader};
use vethlab_tests::trial::{Trial, equal};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::new("gradescope_takes_its_results", gradescope_takes_its_results),
        Trial::new("gradescope_shows_the_score", gradescope_shows_the_score),
        Trial::new("github_classroom_gives_the_points", github_classroom_gives_the_points),
        Trial::new("moodle_imports_the_table", moodle_imports_the_table),
        Trial::new("gitlab_counts_every_test", gitlab_counts_every_test),
    ]
}

/// What "Output format" of Gradescope's Autograder Specifications lets stand in `results.json`, with the type of each.
const RESULTS: [(&str, &str); 10] = [
    ("score", "number"),
    ("execution_time", "number"),
    ("output", "text"),
    ("output_format", "format"),
    ("test_output_format", "format"),
    ("test_name_format", "format"),
    ("visibility", "visibility"),
    ("stdout_visibility", "visibility"),
    ("extra_data", "object"),
    ("tests", "tests"),
];

/// The same of a test.
const TEST: [(&str, &str); 11] = [
    ("score", "number"),
    ("max_score", "number"),
    ("status", "status"),
    ("name", "text"),
    ("name_format", "format"),
    ("number", "text"),
    ("output", "text"),
    ("output_format", "format"),
    ("tags", "texts"),
    ("visibility", "visibility"),
    ("extra_data", "object"),
];

/// Whether a value is of a type of [`RESULTS`] and [`TEST`].
fn is_a(value: &Value, kind: &str) -> bool {
    let word = |words: &[&str]| value.as_str().is_some_and(|text| words.contains(&text));
    match kind {
        "number" => value.is_number(),
        "text" => value.is_string(),
        "texts" => value.as_array().is_some_and(|texts| texts.iter().all(Value::is_string)),
        "object" => value.is_object(),
        "format" => word(&["text", "html", "simple_format", "md", "ansi"]),
        "visibility" => word(&["hidden", "after_due_date", "after_published", "visible"]),
        "status" => word(&["passed", "failed"]),
        "tests" => value.as_array().is_some_and(|tests| tests.iter().all(|test| has_only(test, &TEST))),
        _ => false,
    }
}

fn has_only(object: &Value, keys: &[(&str, &str)]) -> bool {
    let known = |key: &str, value: &Value| keys.iter().any(|(name, kind)| *name == key && is_a(value, kind));
    object.as_object().is_some_and(|object| object.iter().all(|(key, value)| known(key, value)))
}

/// Each student's results for Gradescope.
fn results() -> Result<Vec<(String, Value)>, Failed> {
    let read = |(student, text): (String, String)| Ok((student, serde_json::from_str(&text)?));
    students(Format::Gradescope)?.into_iter().map(read).collect()
}

fn gradescope_takes_its_results() -> Result<(), Failed> {
    let of_many = Format::Gradescope.write(&class()?, Reader::Teacher);
    equal("many answers", &of_many, &Err(NoReport::OneAnswer))?;
    for (student, results) in results()? {
        equal(&format!("{student}: {results}"), &has_only(&results, &RESULTS), &true)?;
        // "required if not on each test case"
        let score = results["score"].as_u64().ok_or("no score")?;
        let tests = results["tests"].as_array().ok_or("no tests")?;
        let sum = |key: &str| tests.iter().map(|test| test[key].as_u64()).sum::<Option<u64>>();
        let (gained, worth) = (sum("score").ok_or("no score")?, sum("max_score").ok_or("no max_score")?);
        if tests.is_empty() {
            equal(&student, &score, &0)?;
            continue;
        }
        equal("maximum", &worth, &8)?;
        let cost =
            u64::from(results["output"].as_str().is_some_and(|output| output.contains("costs 1 point")));
        equal(&format!("the score of {student}"), &score, &(gained - cost))?;
        // Full points are marked as passing unless a status says otherwise: an optional check is worth none.
        for test in tests {
            let (gained, worth) = (&test["score"], &test["max_score"]);
            equal("at most", &(gained.as_u64() <= worth.as_u64()), &true)?;
            if worth.as_u64() > Some(0) {
                equal(&format!("{test}"), &(test["status"] == "passed"), &(gained == worth))?;
            }
        }
    }
    Ok(())
}

/// "If test cases are hidden, students will not be able to see their total score": `hidden` ones are so for ever, and
/// `after_published` ones until the grades are published. Until then nothing tells of them.
fn gradescope_shows_the_score() -> Result<(), Failed> {
    for (student, results) in results()? {
        let tests = results["tests"].as_array().ok_or("no tests")?;
        equal(&student, &tests.iter().any(|test| test["visibility"] == "hidden"), &false)?;
        for test in tests {
            let is_secret = test["name"].as_str().is_some_and(|name| name.contains(HIDDEN[0]));
            let visibility = if is_secret { "after_published" } else { "visible" };
            equal(&format!("{student}: {test}"), &test["visibility"], &visibility.into())?;
        }
        let visible = tests.iter().filter(|test| test["visibility"] == "visible");
        let shown: String = visible.chain([&results["output"]]).map(Value::to_string).collect();
        tells_of_nothing_hidden(&student, &shown)?;
        equal("notes are not shown", &shown.contains("answers name this student"), &false)?;
        if student == "dan" {
            let notes = &results["extra_data"]["notes"];
            equal("notes", notes, &serde_json::json!(["2 answers name this student"]))?;
        }
    }
    Ok(())
}

/// The command grader gives all points of its test where the command ends with 0, and none otherwise ("A zero exit code
/// signifies a successful test", `action.yml` of `classroom-resources/autograding-command-grader`). It runs the command
/// in a shell.
fn github_classroom_gives_the_points() -> Result<(), Failed> {
    let class = Class::new()?;
    for (student, full) in [("ann", true), ("cleo", true), ("dan", false), ("eve", false)] {
        for words in ["grade cable all/STUDENT.answer", "check cable all/STUDENT.answer"] {
            let words = words.replace("STUDENT", student);
            let code = class.command(&words.split(' ').collect::<Vec<_>>()).output()?.status.code();
            equal(&format!("vethlab {words}"), &(code == Some(0)), &full)?;
        }
    }
    Ok(())
}

/// Moodle reads UTF-8 with one row of names, maps columns by name, and takes plain numbers ("Grade import": "CSV file").
fn moodle_imports_the_table() -> Result<(), Failed> {
    let text = teachers(Format::Csv)?;
    equal("a byte order mark", &text.starts_with('\u{feff}'), &false)?;
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    let names = reader.headers()?.clone();
    let different: BTreeSet<&str> = names.iter().collect();
    equal("names that differ", &different.len(), &names.len())?;
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let row = row?;
        let (points, maximum): (u32, u32) = (row["points"].parse()?, row["maximum"].parse()?);
        equal("no more than the maximum", &(points <= maximum), &true)?;
        // An empty cell would take away what the item has.
        equal("feedback", &row["feedback"].is_empty(), &false)?;
    }
    Ok(())
}

/// GitLab knows a test by its class and its name, and ignores all but the first of the same ("Unit test reports": "File
/// requirements"). It reads one `failure`, `error` or `skipped` of it.
fn gitlab_counts_every_test() -> Result<(), Failed> {
    let text = teachers(Format::Junit)?;
    let document = roxmltree::Document::parse(&text)?;
    let cases: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testcase")).collect();
    let known = |case: &roxmltree::Node<'_, '_>| {
        Some([case.attribute("classname")?, case.attribute("name")?].map(str::to_owned))
    };
    let names: Option<BTreeSet<_>> = cases.iter().map(known).collect();
    equal("tests that differ", &names.map(|names| names.len()), &Some(cases.len()))?;
    for case in cases {
        let ends = ["failure", "error", "skipped"];
        let count = case.children().filter(|node| ends.iter().any(|end| node.has_tag_name(*end))).count();
        equal("one end", &(count <= 1), &true)?;
    }
    Ok(())
}
