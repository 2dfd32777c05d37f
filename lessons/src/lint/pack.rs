//! Rules for the folder and for what a pack says of itself.

use super::report::Collector;
use super::rule::Rule;
use crate::folder::{Item, Links};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use vethlab_engine::lesson::is_word;
use vethlab_engine::lesson::pack::{LONGEST_WORD, Lined, PACK_FILE, PackFile};
use vethlab_engine::lesson::{Exercise, LessonError};

/// What a file is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartKind {
    Lesson,
    Exercise,
}

/// A file that a pack consists of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    /// Its name within the folder.
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    pub(super) kind: PartKind,
}

/// A folder that is looked at.
#[derive(Debug)]
pub(super) struct Folder<'a> {
    pub(super) path: &'a Path,
    pub(super) items: BTreeMap<String, Item>,
}

impl Folder<'_> {
    /// How a file of it is named in findings.
    pub(super) fn file(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }

    fn text(&self, name: &str) -> Option<&str> {
        match self.items.get(name)? {
            Item::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Looks at the folder and at the pack's own file; gives the parts. Where that file cannot be read, every Markdown
    /// file is taken for one.
    pub(super) fn parts(&self, collector: &mut Collector) -> Vec<Part<'_>> {
        for item in self.items.values() {
            if let Item::Unusable(error) = item {
                collector.file(&error.file).add_error(Rule::Unreadable, error);
            }
        }
        let Some(text) = self.text(PACK_FILE) else { return self.guessed() };
        let file = self.file(PACK_FILE);
        let pack = match PackFile::parse(text) {
            Ok(pack) => pack,
            Err(error) => {
                collector.file(&file).add_error(Rule::Format, &error);
                return self.guessed();
            }
        };
        self.about(&pack, &file, collector);
        let mut seen = BTreeSet::new();
        let mut parts = Vec::new();
        for (kind, names) in [(PartKind::Lesson, &pack.lessons), (PartKind::Exercise, &pack.exercises)] {
            for Lined { line, text: name } in names {
                if !seen.insert(name.as_str()) {
                    let problem = format!("'{name}' is listed twice");
                    collector.file(&file).add(
                        Rule::Pack,
                        *line,
                        problem,
                        "Take one of the two out of its list",
                    );
                    continue;
                }
                match self.items.get_key_value(name) {
                    Some((name, Item::Text(text))) => parts.push(Part { name, text, kind }),
                    Some((_, Item::Unusable(_))) => {}
                    Some((_, Item::Other)) => {
                        let problem = format!(
                            "'{name}' cannot be a part: it is a folder or a link, or does not end in .md"
                        );
                        let fix = "Put the file itself into the folder, under a name that ends in .md";
                        collector.file(&file).add(Rule::Pack, *line, problem, fix);
                    }
                    None => {
                        let error = LessonError {
                            file: file.clone(),
                            line: *line,
                            problem: format!("there is no file '{name}' in this folder"),
                        };
                        collector.file(&file).add_error(Rule::Pack, &error);
                    }
                }
            }
        }
        parts
    }

    fn guessed(&self) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        for (name, item) in &self.items {
            if let Item::Text(text) = item
                && text.starts_with("---")
            {
                let front_matter = text.lines().skip(1).take_while(|line| line.trim_end() != "---");
                let is_exercise =
                    front_matter.into_iter().any(|line| line.trim_start().starts_with("version"));
                let kind = if is_exercise { PartKind::Exercise } else { PartKind::Lesson };
                parts.push(Part { name, text, kind });
            }
        }
        parts
    }

    /// What the pack says of itself.
    fn about(&self, pack: &PackFile, file: &str, collector: &mut Collector) {
        let mut notes = collector.file(file);
        let id = &pack.id;
        if !is_word(&id.text) {
            let fix = "Write the folder's name, such as 'my-pack'";
            let problem = format!("'id' is made of small letters, digits and '-', {LONGEST_WORD} at most");
            notes.add(Rule::Pack, id.line, problem, fix);
        }
        for (key, value) in [("title", &pack.title), ("about", &pack.about)] {
            if value.text.trim().is_empty() {
                notes.add(
                    Rule::Empty,
                    value.line,
                    format_args!("'{key}' is empty"),
                    "Write what 'vethlab list' is to show",
                );
            }
        }
        if pack.lessons.is_empty() && pack.exercises.is_empty() {
            let fix = "Add 'lessons = [\"….md\"]' or 'exercises = [\"….md\"]'";
            notes.add(Rule::Empty, 1, "the pack lists no lesson and no exercise", fix);
        }
    }

    /// Looks at what names there are. Where the pack's own file cannot be read, that is told already.
    pub(super) fn names(&self, parts: &[Part<'_>], collector: &mut Collector) {
        let pack = self.text(PACK_FILE).and_then(|text| PackFile::parse(text).ok());
        let Some(pack) = pack else { return };
        self.not_listed(&pack, parts, collector);
        // A copy for students lies wherever a teacher wants it.
        let is_copy = |part: &Part<'_>| {
            part.kind == PartKind::Exercise
                && Exercise::read("", part.text).is_ok_and(|exercise| exercise.handed_out)
        };
        if is_word(&pack.id.text)
            && self.path.file_name().is_some_and(|name| name.to_str() != Some(&pack.id.text))
            && !parts.iter().any(is_copy)
        {
            let problem = format!("the pack is '{}', and its folder has another name", pack.id.text);
            let fix = format!("Name the folder '{}'", pack.id.text);
            collector.file(&self.file(PACK_FILE)).add(Rule::FolderName, pack.id.line, problem, fix);
        }
    }

    /// What lies in the folder and is neither listed, nor linked to, nor one of the files that say what a folder is.
    fn not_listed(&self, pack: &PackFile, parts: &[Part<'_>], collector: &mut Collector) {
        let listed: BTreeSet<&str> =
            pack.lessons.iter().chain(&pack.exercises).map(|listed| listed.text.as_str()).collect();
        let links = Links::of(parts.iter().map(|part| part.text));
        let usable = |(name, item)| (!matches!(item, &Item::Unusable(_))).then_some(name);
        for name in self.items.iter().filter_map(usable) {
            let name: &String = name;
            let is_usual = name == PACK_FILE || name.starts_with("README") || name.starts_with("LICENSE");
            if !is_usual && !listed.contains(name.as_str()) && !links.lead_to(name) {
                let fix = format!("List it in {PACK_FILE}, or take it out of the folder");
                collector.file(&self.file(name)).add(
                    Rule::NotListed,
                    0,
                    "nothing lists this file, so it is never shown",
                    fix,
                );
            }
        }
    }
}
