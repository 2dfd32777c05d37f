//! Comma-separated values: one row for each answer.

use super::{NoReport, Reader, words};
use vethlab_engine::classroom::Outcome;
use vethlab_engine::classroom::{Grade, Grades};
use vethlab_engine::text::printable_line;

const FIRST: [&str; 6] = ["student", "points", "maximum", "percent", "status", "feedback"];
/// Behind the checks, for the teacher.
const LAST: [&str; 2] = ["file", "notes"];

pub(super) fn csv(grades: &Grades, reader: Reader<'_>) -> Result<String, NoReport> {
    let for_teacher = reader == Reader::Teacher;
    let mut rows = vec![FIRST.map(str::to_owned).to_vec()];
    rows[0].extend(grades.checks.iter().map(|check| check.id.clone()));
    if for_teacher {
        rows[0].extend(LAST.map(str::to_owned));
    }
    for grade in &grades.grades {
        let mut row = row(grades, grade);
        if for_teacher {
            row.extend([printable_line(&grade.file), printable_line(&grade.notes.join("; "))]);
        }
        rows.push(row);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let unwritable = |error: &dyn ToString| NoReport::Unwritable(error.to_string());
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell))).map_err(|error| unwritable(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| unwritable(&error))?;
    String::from_utf8(bytes).map_err(|error| unwritable(&error))
}

fn row(grades: &Grades, grade: &Grade) -> Vec<String> {
    let mut row = vec![
        grade.student.as_ref().map(ToString::to_string).unwrap_or_default(),
        grade.points.to_string(),
        grades.maximum.to_string(),
        words::percent(grade.points, grades.maximum),
        grade.standing().name().to_owned(),
        words::feedback(grade),
    ];
    // One for each check, empty where nothing was graded.
    row.extend((0..grades.checks.len()).map(|place| {
        let check = grade.verdict().and_then(|verdict| verdict.checks.get(place));
        check.map_or_else(String::new, |check| match (check.worth, check.outcome) {
            (0, Outcome::Passed) => "ok".to_owned(),
            (0, _) => "warning".to_owned(),
            _ => check.points.to_string(),
        })
    }));
    row
}

/// A cell that no spreadsheet takes for a formula. Those in the full width of East Asian letters count as such too.
fn harmless(cell: &str) -> String {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_for_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert_eq!(harmless(cell), format!("'{cell}"));
        }
        for cell in ["", "ann", "1", "66.6", "a=b", "'quoted'"] {
            assert_eq!(harmless(cell), cell);
        }
    }
}
