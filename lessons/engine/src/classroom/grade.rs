//! What became of an answer: its grade, or why it has none.

use super::answer::digest;
use super::attempt::{self, Attempt};
use super::{Answer, Assignment, CheckedNetwork, Head, Outcome, StudentId, Verdict, assess_on_sim};
use crate::bounded::Stop;
use crate::lesson::{Edition, Exercise};
use crate::stacks::StackChoice;
use std::path::Path;
use vethlab_shared::budget::Limits;
use vethlab_shared::stack::NetworkStack;

/// A file that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The file, as it was found.
    pub file: String,
    /// What it holds, or why it cannot be read.
    pub bytes: Result<Vec<u8>, String>,
    /// Whose it is, as far as its name tells.
    pub student: Option<StudentId>,
}

impl Submission {
    /// Whose it counts as, where that can be found out: as its head says, or else its name.
    pub fn counts_as(&self) -> Option<StudentId> {
        let head = self.bytes.as_ref().ok().and_then(|bytes| Answer::parse(bytes).ok()?.head);
        head.and_then(|head| head.student).or_else(|| self.student.clone())
    }

    /// The SHA-256 digest of the file, in hexadecimal digits; empty where the file cannot be read.
    pub fn digest(&self) -> String {
        self.bytes.as_ref().map_or_else(|_| String::new(), |bytes| digest(bytes))
    }

    /// Whose it is, as its head says.
    pub fn named_inside(&self) -> Option<StudentId> {
        Head::of(self.bytes.as_ref().ok()?)?.student
    }
}

/// What became of one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grade {
    /// Whose it is, where that could be found out.
    pub student: Option<StudentId>,
    /// The file, as it was found; empty where nothing was handed in.
    pub file: String,
    /// The points.
    pub points: u32,
    /// How it was graded, or why it could not be.
    pub result: Graded,
    /// How many commands ran.
    pub commands: usize,
    /// How many of them failed.
    pub failed_commands: usize,
    /// What the teacher should know besides.
    pub notes: Vec<String>,
    /// The digest of the file that was graded, as [`Submission::digest`] gives it.
    pub digest: String,
}

/// How an answer was graded, or why it was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Graded {
    /// Its checks were looked at.
    Graded(Verdict),
    /// It could not be graded.
    Refused {
        /// Why, in one line.
        problem: String,
    },
    /// Nothing was handed in.
    Missing,
}

/// How an answer stands, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has all points.
    Full,
    /// It has some, or none.
    Partial,
    /// It could not be graded.
    Refused,
    /// There is none.
    Missing,
}

impl Standing {
    /// All of them.
    pub const ALL: [Standing; 4] = [Standing::Full, Standing::Partial, Standing::Refused, Standing::Missing];

    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Full => "full",
            Standing::Partial => "partial",
            Standing::Refused => "refused",
            Standing::Missing => "missing",
        }
    }
}

impl Grade {
    /// Grades an answer: whose it is and to what is looked at first, then it is run and assessed as the caller can.
    pub fn of(
        assignment: &Assignment,
        submission: &Submission,
        stack: StackChoice,
        assess: impl FnOnce(&Exercise, &Answer) -> Result<Assessment, String>,
    ) -> Grade {
        let Submission { file, bytes, student } = submission;
        let digest = submission.digest();
        let refused = |student: Option<&StudentId>, problem: &dyn ToString| {
            let digest = digest.clone();
            Grade { digest, ..Grade::refused(student.cloned(), file.clone(), problem) }
        };
        let answer = match bytes {
            Ok(bytes) => match Answer::parse(bytes) {
                Ok(answer) => answer,
                Err(error) => return refused(student.as_ref(), &error),
            },
            Err(problem) => return refused(student.as_ref(), problem),
        };
        let named = answer.head.as_ref().and_then(|head| head.student.as_ref());
        let Some(student) = named.or(student.as_ref()) else {
            return refused(None, &"it names no student, and neither does the file's name");
        };
        if let Some(head) = &answer.head
            && let Err(problem) = assignment.is_answered_by(head)
        {
            return refused(Some(student), &problem);
        }
        let edition = Edition { seed: student.seed(&assignment.exercise.id), stack };
        let exercise = match assignment.exercise.in_edition(edition) {
            Ok(exercise) => exercise,
            Err(error) => return refused(Some(student), &error),
        };
        let Assessment { attempt, verdict, mut notes } = match assess(&exercise, &answer) {
            Ok(assessment) => assessment,
            Err(problem) => return refused(Some(student), &problem),
        };
        if answer.edited {
            notes.insert(0, "it was edited after vethlab wrote it".to_owned());
        }
        if exercise.hint_costs() > 0 && !answer.tells_of_hints() {
            notes.push("it is from a plain file, which does not tell of hints".to_owned());
        }
        // Platforms put more than the id into a name, in front of it or behind.
        if let Some(other) = &submission.student
            && !is_word_of(student.as_str(), other.as_str())
        {
            notes.push(format!("its file is named after {other}"));
        }
        Grade {
            student: Some(student.clone()),
            file: file.clone(),
            points: verdict.points,
            result: Graded::Graded(verdict),
            commands: attempt.commands,
            failed_commands: attempt.failed,
            notes,
            digest,
        }
    }

    /// One that could not be graded.
    pub fn refused(student: Option<StudentId>, file: String, problem: &dyn ToString) -> Grade {
        let result = Graded::Refused { problem: problem.to_string() };
        Grade { student, file, result, ..Grade::nothing() }
    }

    /// A student who has handed in nothing.
    pub fn missing(student: StudentId) -> Grade {
        Grade { student: Some(student), ..Grade::nothing() }
    }

    fn nothing() -> Grade {
        Grade {
            student: None,
            file: String::new(),
            points: 0,
            result: Graded::Missing,
            commands: 0,
            failed_commands: 0,
            notes: Vec::new(),
            digest: String::new(),
        }
    }

    /// The same without what no table and no list tells: what was expected, and how it came.
    #[must_use]
    pub fn in_short(mut self) -> Grade {
        if let Graded::Graded(verdict) = &mut self.result {
            for check in &mut verdict.checks {
                match &mut check.finding {
                    Some(finding) if !finding.met => {
                        (finding.expected, finding.evidence, finding.story) = Default::default();
                    }
                    finding => *finding = None,
                }
                check.id = String::new();
                if matches!(check.outcome, Outcome::Passed | Outcome::Waiting) {
                    (check.say, check.words) = Default::default();
                }
            }
        }
        self
    }

    /// The verdict, where there is one.
    pub fn verdict(&self) -> Option<&Verdict> {
        match &self.result {
            Graded::Graded(verdict) => Some(verdict),
            Graded::Refused { .. } | Graded::Missing => None,
        }
    }

    /// Why there is no verdict, where there is none.
    pub fn problem(&self) -> Option<&str> {
        match &self.result {
            Graded::Graded(_) => None,
            Graded::Refused { problem } => Some(problem),
            Graded::Missing => Some("nothing was handed in"),
        }
    }

    /// Whether it has all points.
    pub fn is_full(&self) -> bool {
        self.standing() == Standing::Full
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        match &self.result {
            Graded::Graded(verdict) if verdict.is_full() => Standing::Full,
            Graded::Graded(_) => Standing::Partial,
            Graded::Refused { .. } => Standing::Refused,
            Graded::Missing => Standing::Missing,
        }
    }

    /// The same as its student may see it: without hidden checks, notes for the teacher, and the teacher's folders.
    #[must_use]
    pub fn for_student(&self) -> Grade {
        let result = match &self.result {
            Graded::Graded(verdict) => Graded::Graded(verdict.for_students()),
            other => other.clone(),
        };
        let file = Path::new(&self.file).file_name().unwrap_or_default().to_string_lossy().into_owned();
        Grade { file, result, notes: Vec::new(), ..self.clone() }
    }

    /// The student's id, or where there is none the file.
    pub fn who(&self) -> &str {
        self.student.as_ref().map_or(&self.file, StudentId::as_str)
    }
}

/// Whether a name has this id in it with no letter and no digit next to it: `s1` is in `smith_s1_router`, and not in `s10`.
fn is_word_of(id: &str, name: &str) -> bool {
    let ends = |text: &str, next: fn(&str) -> Option<char>| !next(text).is_some_and(char::is_alphanumeric);
    name.match_indices(id).any(|(at, _)| {
        ends(&name[..at], |before| before.chars().next_back())
            && ends(&name[at + id.len()..], |behind| behind.chars().next())
    })
}

/// An answer that was run and looked at.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// What its commands left behind besides the network.
    pub attempt: Attempt,
    /// What holds.
    pub verdict: Verdict,
    /// What the teacher should know besides.
    pub notes: Vec<String>,
}

impl Assessment {
    /// On the simulator within limits, until it is to stop.
    ///
    /// # Errors
    /// The exercise cannot be prepared, or the answer was stopped: in one line.
    pub fn on_sim(
        exercise: &Exercise,
        answer: &Answer,
        limits: Limits,
        stop: Stop<'_>,
    ) -> Result<Assessment, String> {
        let (attempt, verdict) =
            assess_on_sim(exercise, answer, limits, stop).map_err(|error| error.to_string())?;
        Ok(Assessment { attempt, verdict, notes: Vec::new() })
    }

    /// The same answer on the kernel, until it is to stop. What the kernel does not tell is taken from the simulator,
    /// on which it ran before.
    ///
    /// # Errors
    /// The exercise cannot be prepared there, or the answer was stopped: in one line.
    pub fn on_kernel(
        self,
        kernel: &mut dyn NetworkStack,
        exercise: &Exercise,
        answer: &Answer,
        limits: Limits,
        stop: Stop<'_>,
    ) -> Result<Assessment, String> {
        let simulated = self.verdict;
        let mut attempt = attempt::run(exercise, &answer.commands, kernel, limits, stop)
            .map_err(|error| error.to_string())?;
        let mut kernel = attempt.background.attended(kernel);
        let network = &mut CheckedNetwork::Live(&mut kernel);
        let verdict = Verdict::reach(exercise, network, &attempt.seen, answer.hints());
        let mut notes = self.notes;
        let differing: Vec<&str> = verdict.differences(&simulated).map(|check| check.id.as_str()).collect();
        if !differing.is_empty() {
            notes.push(format!("the simulator and the kernel differ in: {}", differing.join(", ")));
        }
        Ok(Assessment { attempt, verdict: verdict.with_causes_of(&simulated), notes })
    }
}

#[cfg(test)]
mod tests {
    use super::is_word_of;

    #[test]
    fn an_id_is_a_word_of_a_name() {
        for name in ["s1", "s1_late", "smith_s1", "smith.s1-2", "s10_s1", "s1s1.s1"] {
            assert!(is_word_of("s1", name), "{name}");
        }
        for name in ["s10", "as1", "s1s1", "s10_s11", "S1", "s", "1"] {
            assert!(!is_word_of("s1", name), "{name}");
        }
        assert!(is_word_of("Zoë", "Zoë_1") && !is_word_of("Zo", "Zoë"), "a letter is a letter in any script");
    }
}
