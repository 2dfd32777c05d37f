//! The linter of packs: a broken pack for each of its rules, and the packs of this project, which are good.

mod cases;

use cases::{CASES, Case, Edit};
use libtest_mimic::Failed;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use vethlab::authoring::{Contents, new_pack};
use vethlab::lint::{self, Playing, Report, Rule, Settings};
use vethlab_engine::limits::Allowed;
use vethlab_engine::stacks::StackChoice;
use vethlab_tests::trial::Trial;
use vethlab_tests::{classroom, files};

pub(crate) fn trials(missing: Option<&str>) -> Result<Vec<Trial>, Failed> {
    let mut trials = Vec::new();
    for pack in packs()? {
        let name = pack.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let both = pack.clone();
        // Solutions wait for servers that begin, and for time-outs of connections.
        trials
            .push(Trial::on_kernel(format!("{name}_is_good"), missing, move || good_on_both(&both)).timed());
        trials.push(Trial::new(format!("{name}_is_good_on_sim"), move || good(&pack, &[StackChoice::Sim])));
    }
    trials.extend([
        Trial::new("each_rule_has_a_broken_pack", each_rule_has_a_broken_pack),
        Trial::new("the_page_on_packs_lists_each_rule", the_page_on_packs_lists_each_rule),
        Trial::new("a_new_pack_is_good_on_sim", || good(&new(&[])?.1, &[StackChoice::Sim])),
        Trial::new("what_is_played_is_told", what_is_played_is_told),
        Trial::new("what_a_check_needs_may_be_a_ping", what_a_check_needs_may_be_a_ping),
        Trial::on_kernel("a_new_pack_is_good_on_both", missing, || good(&new(&[])?.1, &StackChoice::BOTH)),
    ]);
    for (number, case) in CASES.iter().enumerate() {
        let name = format!("{}_{number}", case.rule.name());
        trials.push(match case.rule {
            Rule::StacksDiffer => Trial::on_kernel(name, missing, || broken(case, &StackChoice::BOTH)),
            _ => Trial::new(name, || broken(case, &[StackChoice::Sim])),
        });
    }
    Ok(trials)
}

/// The folders of this project's packs, and of the one that its tests grade.
fn packs() -> std::io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(files::crate_folder().join("../lessons/packs"))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    folders.push(classroom::pack());
    folders.sort();
    Ok(folders)
}

/// A new pack with a lesson and an exercise, broken by these edits.
fn new(edits: &[(&str, Edit)]) -> Result<(tempfile::TempDir, PathBuf), Failed> {
    let folder = tempfile::tempdir()?;
    let pack = folder.path().join("my-pack");
    fs::create_dir(&pack)?;
    for (name, text) in new_pack("my-pack", Contents { lesson: true, exercise: true })? {
        fs::write(pack.join(name), text)?;
    }
    for (file, edit) in edits {
        let path = pack.join(file);
        let text = fs::read_to_string(&path).unwrap_or_default();
        let edited = match edit {
            Edit::Replace(from, to) => text.replace(from, to),
            Edit::Cut(from, to) => {
                let start = text.find(from).ok_or_else(|| format!("{file} has no '{from}'"))?;
                let end = text[start..].find(to).map_or(text.len(), |length| start + length);
                format!("{}{}", &text[..start], &text[end..])
            }
            Edit::File(text) => (*text).to_owned(),
        };
        if edited == text {
            return Err(format!("{file}: an edit alters nothing").into());
        }
        fs::write(path, edited)?;
    }
    Ok((folder, pack))
}

fn check(pack: &Path, stacks: &[StackChoice], seeds: u64) -> Result<Report, Failed> {
    Ok(lint::check(pack, &Settings { seeds, stacks: stacks.to_vec(), allowed: Allowed::default() })?)
}

fn good(pack: &Path, stacks: &[StackChoice]) -> Result<(), Failed> {
    nothing_is_wrong(&check(pack, stacks, 40)?, stacks)
}

/// So many seeds are tried on the kernel, however many are asked for; those on the simulator are what it is held against.
/// That they do not draw every case is no fault: on the simulator there are ten times as many.
fn good_on_both(pack: &Path) -> Result<(), Failed> {
    let mut report = check(pack, &StackChoice::BOTH, 4)?;
    report.findings.retain(|finding| finding.rule != Rule::NotDrawn);
    nothing_is_wrong(&report, &StackChoice::BOTH)
}

fn nothing_is_wrong(report: &Report, stacks: &[StackChoice]) -> Result<(), Failed> {
    let played: BTreeSet<StackChoice> = report.editions.keys().copied().collect();
    if !report.findings.is_empty() || played != stacks.iter().copied().collect() {
        return Err(format!("{report:#?}").into());
    }
    Ok(())
}

fn broken(case: &Case, stacks: &[StackChoice]) -> Result<(), Failed> {
    let edits: Vec<(&str, Edit)> = case.edits.iter().map(|edit| (case.file, *edit)).collect();
    let (_folder, pack) = new(&edits)?;
    let report = check(&pack, stacks, 2)?;
    let path = pack.join(case.file);
    let text = fs::read_to_string(&path)?;
    let line = match (case.at, text.find(case.at)) {
        ("", _) => 0,
        (at, None) => return Err(format!("'{at}' is not in {}", case.file).into()),
        (_, Some(place)) => 1 + text[..place].matches('\n').count(),
    };
    let is_it = |finding: &&lint::Finding| {
        finding.rule == case.rule
            && Path::new(&finding.file) == path
            && finding.line == line
            && finding.problem.contains(case.words)
    };
    let Some(finding) = report.findings.iter().find(is_it) else {
        return Err(format!("no '{}' in line {line}: {report:#?}", case.words).into());
    };
    // A fix that sends to the page on packs tells nothing.
    if finding.fix.is_empty() || finding.fix.contains("FORMAT.md") || finding.severity != case.rule.severity()
    {
        return Err(format!("{finding:?}").into());
    }
    let expected = |finding: &lint::Finding| finding.rule == case.rule || case.also.contains(&finding.rule);
    match report.findings.iter().find(|finding| !expected(finding)) {
        None => Ok(()),
        Some(other) => Err(format!("something else is found too: {other}").into()),
    }
}

fn each_rule_has_a_broken_pack() -> Result<(), Failed> {
    match Rule::ALL.iter().find(|rule| !CASES.iter().any(|case| case.rule == **rule)) {
        None => Ok(()),
        Some(rule) => Err(format!("no pack breaks the rule '{}'", rule.name()).into()),
    }
}

fn the_page_on_packs_lists_each_rule() -> Result<(), Failed> {
    let page = fs::read_to_string(files::crate_folder().join("../lessons/packs/FORMAT.md"))?;
    for rule in Rule::ALL {
        let row = format!("| `{}` | {} |", rule.name(), rule.severity());
        if !page.contains(&row) {
            return Err(format!("FORMAT.md has no row '{row}'").into());
        }
    }
    Ok(())
}

/// Each file once it begins, and how many are done.
fn what_is_played_is_told() -> Result<(), Failed> {
    let (_folder, pack) = new(&[])?;
    let told = Mutex::new(Vec::new());
    let tell = |playing: &Playing| told.lock().unwrap_or_else(PoisonError::into_inner).push(playing.clone());
    let settings = Settings { seeds: 2, stacks: vec![StackChoice::Sim], allowed: Allowed::default() };
    lint::check_and_tell(&pack, &settings, &tell)?;
    let told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    let files: BTreeSet<&str> =
        told.iter().flat_map(|playing| playing.now.values()).map(|(file, _)| file.as_str()).collect();
    let last = told.last().ok_or("nothing was told")?;
    let done: Vec<usize> = told.iter().map(|playing| playing.done).collect();
    // Which thread begins first, and whether both are at work at once, is chance.
    let says = |playing: &Playing| {
        let now = playing.now.values().map(|(file, stack)| format!("{file} on {stack}"));
        let now = now.collect::<Vec<_>>().join(", ");
        let said = format!("{} of 2 files done; playing {now}", playing.done);
        playing.now.is_empty() || playing.to_string() == said
    };
    if files != BTreeSet::from(["first-exercise.md", "first-lesson.md"])
        || (last.done, last.all, last.now.len()) != (2, 2, 0)
        || !done.is_sorted()
        || !told.iter().all(says)
    {
        return Err(format!("{told:#?}").into());
    }
    Ok(())
}

/// A check that reads can wait for one that sends, and a guard for what its points count with.
fn what_a_check_needs_may_be_a_ping() -> Result<(), Failed> {
    let ping = Edit::Replace("say = \"{people.1} reaches", "id = \"reaches\"\nsay = \"{people.1} reaches");
    let more = "[[check]]
say = \"The cable carries\"
link = \"cable\"
carrier = true
in = \"{people.2}\"
needs = [\"reaches\"]

[[check]]
say = \"The loopback link stays off\"
link = \"lo\"
up = false
in = \"{people.2}\"
guard = true
needs = [\"reaches\"]

# What holds";
    let more = Edit::Replace("# What holds", more);
    let (_folder, pack) = new(&[("first-exercise.md", ping), ("first-exercise.md", more)])?;
    good(&pack, &[StackChoice::Sim])
}
