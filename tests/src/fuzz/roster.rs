//! Classes.

use super::is_one_line;
use vethlab::classroom::grade::Roster;

/// Every student of a class is one of the same class written anew.
pub(super) fn run(bytes: &[u8]) {
    match Roster::parse(bytes) {
        Ok(roster) => {
            roster.warnings.iter().for_each(|warning| is_one_line(warning));
            let ids = roster.students.iter().map(|id| format!("\n{id}")).collect::<String>();
            let again = Roster::parse(format!("student{ids}\n").as_bytes()).expect("a class");
            assert_eq!((again.students, again.warnings.len()), (roster.students, 0));
        }
        Err(problem) => is_one_line(&problem),
    }
}
