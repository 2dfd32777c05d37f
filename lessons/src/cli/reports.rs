//! Where reports go: to standard output, to a file for the teacher, or to a folder with a file for each student.

use super::Failure;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use vethlab::classroom::report::{Format, NoReport, Reader};
use vethlab::output::{reason, write_file};
use vethlab::same_file::Target;
use vethlab_engine::classroom::{Grade, Grades};
use vethlab_engine::text::printable_line;

/// A report that is asked for: `csv`, `csv=grades.csv`, `markdown=feedback/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    format: Format,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    StandardOutput,
    File(PathBuf),
    Folder(PathBuf),
}

/// All reports, ready to be written.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// What goes to standard output, if anything does.
    pub(super) standard_output: Option<String>,
    /// How many answers have no file of their own, because they name no student.
    pub(super) nameless: usize,
    folders: Vec<PathBuf>,
    /// Each file by where it really is or will be, as it was named, with its text.
    files: BTreeMap<Target, (PathBuf, String)>,
}

impl Request {
    /// Where it goes, where it is written while answers are graded: a file, or standard output.
    pub(super) fn stream(&self) -> Option<Option<&Path>> {
        match &self.place {
            _ if self.format != Format::Jsonl => None,
            Place::StandardOutput => Some(None),
            Place::File(path) => Some(Some(path)),
            Place::Folder(_) => None,
        }
    }

    /// Whether it tells more of a grade than a line.
    pub(super) fn is_full(&self) -> bool {
        self.stream().is_none() && self.format != Format::Csv
    }
}

impl FromStr for Request {
    type Err = String;

    fn from_str(text: &str) -> Result<Request, String> {
        let (format, path) = match text.split_once('=') {
            None => (text, None),
            Some((_, "")) => return Err("a file or a folder stands behind '='".to_owned()),
            Some((format, path)) => (format, Some(path)),
        };
        let place = match path {
            None => Place::StandardOutput,
            Some(path) if path.ends_with('/') || Path::new(path).is_dir() => Place::Folder(path.into()),
            Some(path) => Place::File(path.into()),
        };
        Ok(Request { format: format.parse()?, place })
    }
}

/// Refuses what cannot be, before anything is graded.
pub(super) fn check(requests: &[Request], answers: usize, read: &BTreeSet<Target>) -> Result<(), Failure> {
    let mut taken = BTreeSet::new();
    for Request { place, .. } in requests {
        if let Place::File(path) = place {
            let target = Target::of(path);
            spare(path, &target, read)?;
            if !taken.insert(target) {
                return Err(taken_twice(path));
            }
            let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
            fs::metadata(folder.join(".")).map_err(|error| cannot_write(path, &error))?;
        }
    }
    if requests.iter().filter(|request| request.place == Place::StandardOutput).count() > 1 {
        let problem = "only one report can go to standard output: name files for the others, as in \
                       '--report csv=grades.csv'";
        return Err(Failure::bad_input(problem));
    }
    if requests.iter().filter(|request| request.stream().is_some()).count() > 1 {
        return Err(Failure::bad_input("one report in the format jsonl is enough: leave the other out"));
    }
    let for_one = |request: &Request| {
        request.format == Format::Gradescope && !matches!(request.place, Place::Folder(_))
    };
    match answers {
        1 => Ok(()),
        _ if requests.iter().any(for_one) => Err(Failure::bad_input(NoReport::OneAnswer)),
        _ => Ok(()),
    }
}

/// Refuses to write over a file that the grades were made from.
fn spare(path: &Path, place: &Target, read: &BTreeSet<Target>) -> Result<(), Failure> {
    match read.contains(place) {
        false => Ok(()),
        true => Err(Failure::bad_input(format_args!(
            "a report cannot be written over '{}', which is read here: name another place",
            printable_line(&path.to_string_lossy())
        ))),
    }
}

fn taken_twice(path: &Path) -> Failure {
    let path = printable_line(&path.to_string_lossy());
    Failure::bad_input(format_args!("two reports would be written to '{path}'"))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    let path = printable_line(&path.to_string_lossy());
    Failure::bad_input(format_args!("cannot write '{path}': {}", reason(error)))
}

impl Reports {
    /// Writes all of them, though to no file yet, and to none of those that were read.
    pub(super) fn new(
        requests: &[Request],
        grades: &Grades,
        read: &BTreeSet<Target>,
    ) -> Result<Reports, Failure> {
        let mut reports = Reports::default();
        let write = |format: Format, reader| format.write(grades, reader).map_err(Failure::bad_input);
        // The others were written while answers were graded.
        for Request { format, place } in requests.iter().filter(|request| request.stream().is_none()) {
            match place {
                Place::StandardOutput => reports.standard_output = Some(write(*format, Reader::Teacher)?),
                Place::File(path) => reports.add(path.clone(), write(*format, Reader::Teacher)?, read)?,
                Place::Folder(folder) => {
                    for (name, grade) in files_of_students(&grades.grades) {
                        let path = folder.join(format!("{name}.{}", format.ending()));
                        reports.add(path, write(*format, Reader::Student(grade))?, read)?;
                    }
                    reports.folders.push(folder.clone());
                    reports.nameless = grades.grades.iter().filter(|grade| grade.student.is_none()).count();
                }
            }
        }
        Ok(reports)
    }

    fn add(&mut self, path: PathBuf, text: String, read: &BTreeSet<Target>) -> Result<(), Failure> {
        let place = Target::of(&path);
        spare(&path, &place, read)?;
        if self.files.contains_key(&place) {
            return Err(taken_twice(&path));
        }
        self.files.insert(place, (path, text));
        Ok(())
    }

    /// Writes the files, each whole or not at all.
    pub(super) fn save(&self) -> Result<(), Failure> {
        for folder in &self.folders {
            fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
        }
        for (path, text) in self.files.values() {
            write_file(path, text.as_bytes()).map_err(|error| cannot_write(path, &error))?;
        }
        Ok(())
    }
}

/// The names, without ending, of each student's files. A second answer of the same student gets a number behind a
/// character that no id has; ids that differ in case only are one file on some systems, and count as the same.
fn files_of_students(grades: &[Grade]) -> Vec<(String, &Grade)> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let named = grades.iter().filter_map(|grade| Some((grade.student.as_ref()?, grade)));
    let name = |(student, grade): (_, _)| {
        let student: &vethlab_engine::classroom::StudentId = student;
        let count = taken.entry(student.as_str().to_lowercase()).or_default();
        *count += 1;
        let name = if *count == 1 { student.to_string() } else { format!("{student}~{count}") };
        (name, grade)
    };
    named.map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_a_format_and_a_place() {
        let request = |text: &str| text.parse::<Request>();
        let csv = |place| Ok(Request { format: Format::Csv, place });
        assert_eq!(request("csv"), csv(Place::StandardOutput));
        assert_eq!(request("csv=a=b.csv"), csv(Place::File("a=b.csv".into())));
        assert_eq!(request("csv=feedback/"), csv(Place::Folder("feedback/".into())));
        assert_eq!(request("csv=."), csv(Place::Folder(".".into())));
        assert!(
            request("xls").expect_err("no format").contains("json, jsonl, csv, junit, gradescope, markdown")
        );
        assert!(request("csv=").expect_err("no path").contains("behind '='"));
    }

    #[test]
    fn no_two_answers_share_a_file() {
        let grades: Vec<Grade> = ["Ann", "ann", "ann", "ann.2", "bob"]
            .iter()
            .map(|id| Grade::missing(id.parse().expect("an id")))
            .collect();
        let names: Vec<String> = files_of_students(&grades).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["Ann", "ann~2", "ann~3", "ann.2", "bob"]);
    }
}
