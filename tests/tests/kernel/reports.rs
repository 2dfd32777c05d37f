//! Reports of a class with all that can be in one: read back by what reads such reports, without what students must not
//! see, and without what would do harm.

use libtest_mimic::Failed;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use vethlab::classroom::report::{Detail, Format, Reader, table};
use vethlab_engine::classroom::Assignment;
use vethlab_engine::classroom::StudentId;
use vethlab_engine::classroom::{Grades, Submission};
use vethlab_engine::paint::Paint;
use vethlab_tests::trial::{Trial, equal};
use vethlab_tests::{classroom, files, tools};

/// What the hidden check of the exercise says, and its id.
pub(crate) const HIDDEN: [&str; 2] = ["SECRET", "check-4"];

pub(crate) fn trials() -> Vec<Trial> {
    let no_xmllint = (!tools::is_installed("xmllint")).then_some("not installed: xmllint (libxml2-utils)");
    vec![
        Trial::new("json_is_read_back", json_is_read_back),
        Trial::new("csv_is_read_back", csv_is_read_back),
        Trial::new("junit_holds_every_check", junit_holds_every_check),
        Trial::with_tool("junit_is_valid", no_xmllint, junit_is_valid),
        Trial::with_tool("the_schema_refuses_other_forms", no_xmllint, the_schema_refuses_other_forms),
        Trial::new(
            "markdown_has_a_row_for_each_and_a_story_for_one",
            markdown_has_a_row_for_each_and_a_story_for_one,
        ),
        Trial::new("students_see_nothing_of_hidden_checks", students_see_nothing_of_hidden_checks),
        Trial::new("nothing_acts_on_a_terminal", nothing_acts_on_a_terminal),
        Trial::new("a_class_is_held_against_its_roster", a_class_is_held_against_its_roster),
        Trial::new("neither_threads_nor_order_matter", neither_threads_nor_order_matter),
    ]
}

/// Answers of every kind, by file.
fn submissions(assignment: &Assignment) -> Result<Vec<Submission>, Failed> {
    let student = |id: &str| id.parse::<StudentId>();
    let whole = |id: &str| -> Result<_, Failed> { Ok(classroom::answer(assignment, &student(id)?, 0)?) };
    let mut submissions = Vec::new();
    let mut add = |file: &str, named: Option<&str>, bytes: Vec<u8>| -> Result<(), Failed> {
        let student = named.map(student).transpose()?;
        submissions.push(Submission { file: file.to_owned(), bytes: Ok(bytes), student });
        Ok(())
    };
    add("in/ann.answer", Some("ann"), whole("ann")?.to_string().into_bytes())?;
    // Neither end is up: the ping is not answered.
    let bob = classroom::answer(assignment, &student("bob")?, 2)?;
    add("in/bob.answer", Some("bob"), bob.to_string().into_bytes())?;
    let mut cleo = whole("cleo")?;
    cleo.commands.push("ip netns add more".to_owned());
    add("in/cleo.answer", Some("cleo"), cleo.to_string().into_bytes())?;
    let mut dan = whole("dan")?;
    if let Some(head) = &mut dan.head {
        head.hints = 1;
    }
    add("in/dan.answer", Some("dan"), dan.to_string().into_bytes())?;
    let changed = whole("dan")?.to_string().replacen("# hints opened: 0", "# hints opened:  0", 1);
    add("in/late/dan.answer", Some("dan"), changed.replace("opened:  0", "opened: 0").into_bytes())?;
    add("in/eve.sh", Some("eve"), b"ip netns del red\nip netns add \"e\x1b[31m|<&\xef\xbf\xbf\"\n".to_vec())?;
    // The longest name that there can be begins with what a spreadsheet would reckon.
    add("in/fay.sh", Some("fay"), b"ip netns del red\nip netns add \"=1+1\"\n".to_vec())?;
    add("in/gus.sh", Some("gus"), b"\xff\xfe".to_vec())?;
    let other = whole("hal")?.to_string().replacen("classroom/cable", "x\x1b[2J/<y>&", 1);
    add("in/hal.answer", Some("hal"), other.into_bytes())?;
    add("in/=no \x1b[7m|body.txt", None, b"ip link\n".to_vec())?;
    Ok(submissions)
}

pub(crate) fn class() -> Result<Grades, Failed> {
    let assignment = classroom::assignment("cable")?;
    let roster: Vec<StudentId> =
        ["ann", "bob", "cleo", "dan", "eve", "fay", "gus", "ivy"].iter().flat_map(|id| id.parse()).collect();
    Ok(classroom::graded_in_class(&assignment, &submissions(&assignment)?, 1, Some(&roster))?)
}

pub(crate) fn teachers(format: Format) -> Result<String, Failed> {
    Ok(format.write(&class()?, Reader::Teacher)?)
}

/// The report of each answer that has a student, as that student may see it.
pub(crate) fn students(format: Format) -> Result<Vec<(String, String)>, Failed> {
    let grades = class()?;
    let named = grades.grades.iter().filter_map(|grade| Some((grade.student.as_ref()?.to_string(), grade)));
    named.map(|(name, grade)| Ok((name, format.write(&grades, Reader::Student(grade))?))).collect()
}

fn json_is_read_back() -> Result<(), Failed> {
    let text = teachers(Format::Json)?;
    let document: Value = serde_json::from_str(&text)?;
    // A key that stands twice would be read once.
    let again = serde_json::to_string_pretty(&document)?;
    equal("lines", &text.lines().count(), &again.lines().count())?;
    equal("format", &document["format"], &1.into())?;
    equal("reader", &document["reader"], &"teacher".into())?;
    equal("exercise", &document["exercise"], &"classroom/cable".into())?;
    equal("maximum", &document["maximum"], &8.into())?;
    let grades = document["grades"].as_array().ok_or("no grades")?;
    let found: Vec<(Option<&str>, &str, u64)> = grades
        .iter()
        .map(|grade| {
            let text = |key: &str| grade[key].as_str();
            (text("student"), text("status").unwrap_or_default(), grade["points"].as_u64().unwrap_or(99))
        })
        .collect();
    let expected = [
        (None, "refused", 0),
        (Some("ann"), "full", 8),
        (Some("bob"), "partial", 3),
        (Some("cleo"), "full", 8),
        (Some("dan"), "partial", 7),
        (Some("dan"), "full", 8),
        (Some("eve"), "partial", 0),
        (Some("fay"), "partial", 0),
        (Some("gus"), "refused", 0),
        (Some("hal"), "refused", 0),
        (Some("ivy"), "missing", 0),
    ];
    equal("grades", &found, &expected.to_vec())?;
    let bob = &grades[2];
    let ping = bob["checks"].as_array().and_then(|checks| checks.iter().find(|check| check["id"] == "reach"));
    let finding = &ping.ok_or("no check 'reach'")?["finding"];
    equal("cause", &finding["cause"], &"link-down".into())?;
    let page = fs::read_to_string(files::crate_folder().join("../lessons/REPORTS.md"))?;
    let row = page
        .lines()
        .find(|line| line.starts_with("| `checks` | of each check `id`, `say`"))
        .ok_or("no row")?;
    for check in grades.iter().filter_map(|grade| grade["checks"].as_array()).flatten() {
        let keys = check.as_object().ok_or("a check is an object")?.keys();
        if let Some(key) = keys.into_iter().find(|key| !row.contains(&format!("`{key}`"))) {
            return Err(format!("REPORTS.md does not describe '{key}' of a check").into());
        }
        let waits = check["outcome"] == "waiting";
        let says =
            check["words"].as_str().is_some_and(|words| words.starts_with("looked at when this holds: "));
        equal("vethlab's own words", &says, &waits)?;
    }
    equal("a story", &finding["story"].as_array().is_some_and(|story| !story.is_empty()), &true)?;
    equal("evidence", &finding["evidence"].as_array().is_some_and(|one| !one.is_empty()), &true)?;
    equal("hints", &[&grades[4]["hints"], &grades[4]["hint_cost"]], &[&1.into(), &1.into()])?;
    let summary = serde_json::json!({
        "total": 11, "full": 3, "partial": 4, "refused": 3, "missing": 1, "warned": 1,
        "most_failed": {"id": "check-4", "answers": 3},
    });
    equal("summary", &document["summary"], &summary)
}

fn csv_is_read_back() -> Result<(), Failed> {
    let text = teachers(Format::Csv)?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads = reader.headers()?.clone();
    let expected = "student,points,maximum,percent,status,feedback,red-there,red-address,reach,check-4,tidy,one-link,\
                    file,notes";
    equal("columns", &heads.iter().collect::<Vec<_>>().join(","), &expected.to_owned())?;
    let mut rows = Vec::new();
    for record in reader.deserialize::<BTreeMap<String, String>>() {
        rows.push(record?);
    }
    equal("rows", &rows.len(), &11)?;
    let cell = |row: usize, column: &str| rows[row].get(column).map(String::as_str).unwrap_or_default();
    equal("ann", &(cell(1, "points"), cell(1, "percent"), cell(1, "status")), &("8", "100.0", "full"))?;
    equal("ann", &cell(1, "feedback").starts_with("all that was asked for is there; "), &true)?;
    equal("bob", &(cell(2, "percent"), cell(2, "reach"), cell(2, "one-link")), &("37.5", "0", "1"))?;
    equal("cleo", &(cell(3, "tidy"), cell(1, "tidy")), &("warning", "ok"))?;
    equal("dan", &cell(4, "feedback").contains("1 hint opened, which costs 1 point"), &true)?;
    equal("dan", &cell(4, "notes"), &"2 answers name this student")?;
    equal("gus", &(cell(8, "status"), cell(8, "reach")), &("refused", ""))?;
    equal("hal", &cell(9, "notes"), &"not in the roster")?;
    equal("ivy", &(cell(10, "status"), cell(10, "feedback")), &("missing", "nothing was handed in"))?;
    equal("a file", &cell(0, "file"), &"in/=no \\u{1b}[7m|body.txt")?;
    for (row, (column, cell)) in
        rows.iter().enumerate().flat_map(|(number, row)| row.iter().map(move |c| (number, c)))
    {
        if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            return Err(format!("row {row}, {column}: {cell:?} is a formula").into());
        }
        if column == "feedback" && HIDDEN.iter().any(|hidden| cell.contains(hidden)) {
            return Err(format!("row {row}: the feedback tells of a hidden check: {cell}").into());
        }
    }
    Ok(())
}

fn junit_holds_every_check() -> Result<(), Failed> {
    let text = teachers(Format::Junit)?;
    let document = roxmltree::Document::parse(&text)?;
    let suites: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testsuite")).collect();
    equal("suites", &suites.len(), &11)?;
    let names: BTreeSet<_> = suites.iter().filter_map(|suite| suite.attribute("name")).collect();
    equal("names", &names.len(), &11)?;
    let count = |tag: &str| document.descendants().filter(|node| node.has_tag_name(tag)).count();
    // Seven answers with six checks each, and four of which there is nothing to tell.
    equal("cases", &count("testcase"), &(7 * 6 + 4))?;
    equal("errors", &count("error"), &4)?;
    let root = document.root_element();
    for (tag, attribute) in
        [("failure", "failures"), ("error", "errors"), ("skipped", "skipped"), ("testcase", "tests")]
    {
        equal(attribute, &root.attribute(attribute), &Some(count(tag).to_string().as_str()))?;
    }
    let find = |suite: &str, start: &str| {
        let suite = suites.iter().find(|node| node.attribute("name") == Some(suite))?;
        suite.children().find(|node| node.attribute("name").is_some_and(|name| name.starts_with(start)))
    };
    let reach = find("bob", "reach: ").ok_or("no test 'reach' of bob")?;
    let failure = reach.children().find(|node| node.has_tag_name("failure")).ok_or("no failure")?;
    equal("type", &failure.attribute("type"), &Some("link-down"))?;
    let said = failure.text().unwrap_or_default();
    for words in ["Follow the packet\n", "expected: a ping from red to ", "found: ", "cause: link-down: "] {
        equal(words, &said.contains(words), &true)?;
    }
    let tidy = find("cleo", "tidy: ").ok_or("no test 'tidy' of cleo")?;
    equal("a warning", &tidy.children().any(|node| node.has_tag_name("system-out")), &true)?;
    let eve = find("eve", "red-there: ").ok_or("no test 'red-there' of eve")?;
    let shown = eve.descendants().filter_map(|node| node.attribute("message")).collect::<String>();
    equal("what XML cannot hold", &shown.contains("e\\u{1b}[31m|<&\\u{ffff}"), &true)
}

fn junit_is_valid() -> Result<(), Failed> {
    validate(&teachers(Format::Junit)?).map_err(Failed::from)?;
    for (student, text) in students(Format::Junit)? {
        validate(&text).map_err(|problem| format!("{student}: {problem}"))?;
    }
    Ok(())
}

fn the_schema_refuses_other_forms() -> Result<(), Failed> {
    let good = teachers(Format::Junit)?;
    for (from, to) in [
        ("<testsuite ", "<suite "),
        (" classname=", " class="),
        (" tests=\"", " tests=\"some"),
        ("<failure message=", "<failure text="),
        ("name=\"bob\"", "name=\"ann\""),
    ] {
        let bad = good.replacen(from, to, 1);
        if bad == good || validate(&bad).is_ok() {
            return Err(format!("the schema takes {to}").into());
        }
    }
    Ok(())
}

/// What xmllint has against a report.
fn validate(text: &str) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let folder = tempfile::tempdir().map_err(told)?;
    let file = folder.path().join("report.xml");
    fs::write(&file, text).map_err(told)?;
    let schema = files::crate_folder().join("schemas/junit.xsd");
    let output = Command::new("xmllint")
        .env("PATH", tools::PATH)
        .args(["--nonet", "--noout", "--schema"])
        .args([&schema, &file])
        .output()
        .map_err(told)?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

fn markdown_has_a_row_for_each_and_a_story_for_one() -> Result<(), Failed> {
    let text = teachers(Format::Markdown)?;
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
    // Two heads with two rules, eleven answers, six checks.
    equal("rows", &rows.len(), &(4 + 11 + 6))?;
    for row in rows {
        let borders = row.replace("\\|", "").matches('|').count();
        equal(row, &borders, &6)?;
    }
    let feedback: BTreeMap<String, String> = students(Format::Markdown)?.into_iter().collect();
    let bob = &feedback["bob"];
    for words in [
        "\\| between \\*two\\*: bob",
        "**3 of 8 points**",
        "- ✗ red reaches blue (0 of 3 points)",
        "Follow the packet",
        "cause: link-down",
    ] {
        equal(words, &bob.contains(words), &true)?;
    }
    equal("praise", &bob.contains("A good start"), &true)?;
    equal("gus", &feedback["gus"].contains("not graded, because line 1 is not UTF-8"), &true)
}

fn students_see_nothing_of_hidden_checks() -> Result<(), Failed> {
    // The teacher sees all of it.
    for format in [Format::Json, Format::Junit] {
        equal(format.name(), &teachers(format)?.contains(HIDDEN[0]), &true)?;
    }
    for format in [Format::Json, Format::Csv, Format::Junit, Format::Markdown] {
        for (student, text) in students(format)? {
            tells_of_nothing_hidden(&format!("{format} of {student}"), &text)?;
            for others in ["in/", "2 answers", "roster"] {
                equal(&format!("{format} of {student} tells of {others}"), &text.contains(others), &false)?;
            }
            if student == "ann" {
                let told =
                    if format == Format::Json { "\"worth\": 2" } else { "1 hidden check: 2 of 2 points" };
                equal(&format!("{format}: {told}"), &text.contains(told), &true)?;
                equal("all points", &text.contains('8'), &true)?;
            }
        }
    }
    Ok(())
}

pub(crate) fn tells_of_nothing_hidden(whose: &str, text: &str) -> Result<(), Failed> {
    match HIDDEN.iter().find(|hidden| text.contains(**hidden)) {
        Some(hidden) => Err(format!("{whose}: {hidden:?} is told: {text}").into()),
        None => Ok(()),
    }
}

fn nothing_acts_on_a_terminal() -> Result<(), Failed> {
    let grades = class()?;
    let mut texts =
        vec![table(&grades, Detail::Full, Paint::PLAIN), table(&grades, Detail::Short, Paint::PLAIN)];
    for format in Format::ALL {
        texts.extend(students(format)?.into_iter().map(|(_, text)| text));
        if format != Format::Gradescope {
            texts.push(teachers(format)?);
        }
    }
    equal("what was in the answers is there", &texts[0].contains("e\\u{1b}[31m|<&"), &true)?;
    match texts.iter().find(|text| text.chars().any(|c| c.is_control() && c != '\n')) {
        Some(text) => Err(format!("a control character: {text:?}").into()),
        None => Ok(()),
    }
}

fn a_class_is_held_against_its_roster() -> Result<(), Failed> {
    let grades = class()?;
    let notes = |id: &str| {
        let grade =
            grades.grades.iter().find(|grade| grade.student.as_ref().is_some_and(|one| one.as_str() == id));
        grade.map(|grade| (grade.points, grade.file.clone(), grade.notes.join("; ")))
    };
    equal("ivy", &notes("ivy"), &Some((0, String::new(), String::new())))?;
    equal("hal", &notes("hal"), &Some((0, "in/hal.answer".to_owned(), "not in the roster".to_owned())))
}

fn neither_threads_nor_order_matter() -> Result<(), Failed> {
    let assignment = classroom::assignment("cable")?;
    let mut submissions = submissions(&assignment)?;
    submissions.extend(classroom::class(&assignment, 40)?);
    let expected = classroom::graded(&assignment, &submissions, 1)?;
    for threads in [2, 3, 16] {
        submissions.reverse();
        equal(
            &format!("{threads} threads"),
            &classroom::graded(&assignment, &submissions, threads)?,
            &expected,
        )?;
    }
    Ok(())
}
