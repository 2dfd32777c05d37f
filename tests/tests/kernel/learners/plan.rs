//! What a learner types in each step of a lesson, and what they may expect.

use libtest_mimic::Failed;
use vethlab_engine::lesson::{Block, Check, Learner, Lesson, check};
use vethlab_engine::machine::Machine;
use vethlab_programs::Console;

/// A step, as its learner goes through it.
pub(super) struct Plan {
    pub(super) title: String,
    /// The right answers to its questions; whether each is the number of a choice.
    pub(super) answers: Vec<(String, bool)>,
    pub(super) commands: Vec<Command>,
    /// Whether it asks for something.
    pub(super) asks: bool,
    /// What is said as it is done.
    pub(super) says: Vec<String>,
}

/// A command of a solution.
#[derive(Clone)]
pub(super) struct Command {
    pub(super) line: String,
    /// How many lines it prints on the simulator.
    pub(super) prints: usize,
}

/// The steps of a lesson; a simulator answers the questions that the network answers.
pub(super) fn plans(lesson: &Lesson, width: usize) -> Result<Vec<Plan>, Failed> {
    let fresh = |setup: &[String]| {
        let mut machine = Machine::on_sim(lesson.edition().seed);
        machine.set_up(setup, &|| None).map(|()| machine)
    };
    let mut machine = fresh(&lesson.setup)?;
    let mut plans = Vec::new();
    for step in &lesson.steps {
        if let Some(setup) = &step.setup {
            machine = fresh(setup)?;
        }
        let mut answers = Vec::new();
        for block in &step.blocks {
            if let Block::Predict(question) = block {
                let right = question.right_answer(machine.stack())?;
                let is_choice = question.choice(&right).is_some();
                answers.push((right, is_choice));
            }
        }
        // What is so already is not told.
        let unmet = check::unmet(&step.checks, machine.stack(), &Learner::new());
        let tells = |check: &&Check| !check.is_answer();
        let says = unmet.into_iter().filter(tells).map(|check| check.say.clone()).collect();
        let mut commands = Vec::new();
        for line in &step.solution {
            let mut paper = Paper { width, lines: 0 };
            machine.execute(line, &mut paper);
            commands.push(Command { line: line.clone(), prints: paper.lines });
        }
        plans.push(Plan {
            title: step.title.clone(),
            answers,
            commands,
            asks: !step.checks.is_empty(),
            says,
        });
    }
    Ok(plans)
}

/// Counts the lines that a command prints.
struct Paper {
    width: usize,
    lines: usize,
}

impl Console for Paper {
    fn out(&mut self, text: &str) {
        self.lines += super::typist::rows(text, self.width);
    }
    fn err(&mut self, text: &str) {
        self.out(text);
    }
    fn width(&self) -> usize {
        self.width
    }
}
