//! Who is in a class.

use super::NotCollected;
use super::collect::cannot_read;
use crate::output::read_file;
use std::path::Path;
use vethlab_engine::classroom::StudentId;
use vethlab_engine::text::printable_line;

/// What columns of ids are called, the best first: in lists of one's own, and in the exports of learning platforms. In
/// that of Canvas `Student` is a name, and not an id.
const COLUMNS: [&str; 13] = [
    "sis login id",
    "sis user id",
    "student",
    "identifier",
    "username",
    "login",
    "github_username",
    "student id",
    "id number",
    "email address",
    "email",
    "e-mail",
    "id",
];

/// The largest file that is taken for a roster, in bytes.
const MOST_BYTES: usize = 16 << 20;

/// A class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// The students, in the order of the file.
    pub students: Vec<StudentId>,
    /// Rows that name nobody, each in one line that says why.
    pub warnings: Vec<String>,
}

/// Reads a class: one id a line, or values separated by commas, semicolons or tabs, with a first line that names the
/// column of the ids; without one it is the first column.
///
/// # Errors
/// The file cannot be read, is no text, or names nobody at all.
pub fn roster(path: &Path) -> Result<Roster, NotCollected> {
    let bytes = read_file(path, MOST_BYTES).map_err(|error| cannot_read(path, &error))?;
    let name = printable_line(&path.to_string_lossy());
    if bytes.len() > MOST_BYTES {
        return Err(NotCollected(format!("'{name}': it is larger than {} MiB", MOST_BYTES >> 20)));
    }
    let roster = Roster::parse(&bytes).map_err(|problem| NotCollected(format!("'{name}': {problem}")))?;
    if roster.students.is_empty() {
        let usual =
            "it names no student: write one id a line, or a column 'student' of comma-separated values";
        let problem = roster.warnings.first().map_or(usual, String::as_str);
        return Err(NotCollected(format!("'{name}': {problem}")));
    }
    Ok(roster)
}

impl Roster {
    /// Reads the bytes of such a file.
    ///
    /// # Errors
    /// It is no text.
    pub fn parse(bytes: &[u8]) -> Result<Roster, String> {
        if let Err(error) = std::str::from_utf8(bytes) {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            return Err(format!("line {line} is not UTF-8 text: save it as 'CSV UTF-8', or as UTF-8 text"));
        }
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let tells = |line: &&[u8]| !line.trim_ascii().is_empty() && !line.starts_with(b"#");
        let first = bytes.split(|byte| *byte == b'\n').find(tells).unwrap_or_default();
        let separates = |byte: &u8| first.contains(byte);
        let delimiter = [b',', b';', b'\t'].into_iter().find(separates).unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .delimiter(delimiter)
            .from_reader(bytes);
        let (mut roster, mut column) = (Roster::default(), 0);
        for (number, record) in (1..).zip(reader.records()) {
            let record = record.map_err(|error| error.to_string())?;
            if number == 1 {
                let names: Vec<String> = record.iter().map(|cell| cell.trim().to_lowercase()).collect();
                let known = |name: &str| names.iter().position(|cell| cell == name);
                if let Some(place) = COLUMNS.iter().find_map(|name| known(name)) {
                    column = place;
                    continue;
                }
            }
            let word = record.get(column).unwrap_or_default().trim();
            match word.parse() {
                _ if word.is_empty() => {}
                Ok(id) => roster.students.push(id),
                Err(error) => {
                    roster.warnings.push(format!("row {number} of the roster is left out: {error}"));
                }
            }
        }
        Ok(roster)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        Roster::parse(text.as_bytes()).expect("text").students.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn classes_come_in_many_forms() {
        for text in [
            "ann\nbob\n",
            "# my class\nann\n\nbob\n",
            "Student\nann\nbob\n",
            "\u{feff}Name;Username;Group\r\nAnn A.;ann;1\r\nBob;bob;2\r\n",
            "\"identifier\",\"github_username\"\n\"ann\",\"a\"\n\"bob\",\"\"\n",
            "Student Name,ID,SIS Login ID\n\"A, Ann\",17,ann\n\"B, Bob\",18,bob\n",
            "Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n\"A, Ann\",17,u1,ann,S\n\"B, Bob\",18,u2,bob,S\n",
            "ann,1\nbob,2\n",
            "# Autumn; group 2\nstudent,name\nann,Ann\nbob,Bob\n",
        ] {
            assert_eq!(names(text), ["ann", "bob"], "{text}");
        }
    }

    #[test]
    fn what_is_no_utf_8_says_where_and_what_to_do() {
        for (bytes, line) in
            [(&b"student,name\nzoe,Zo\xeb\n"[..], "line 2"), (b"\xff\xfea\0n\0n\0", "line 1")]
        {
            let problem = Roster::parse(bytes).expect_err("no text");
            assert!(problem.starts_with(line) && problem.contains("save it as 'CSV UTF-8'"), "{problem}");
        }
    }

    #[test]
    fn a_row_that_names_nobody_is_told_and_left_out() {
        let roster = Roster::parse(b"student\nann\n\"O'Brien, K\"\nbob\n").expect("text");
        assert_eq!(roster.students.len(), 2);
        assert_eq!(roster.warnings.len(), 1);
        assert!(roster.warnings[0].starts_with("row 3 of the roster is left out"), "{roster:?}");
    }
}
