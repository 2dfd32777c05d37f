//! Each question of each lesson: the likeliest phrasings of the right answer are taken, and near misses are refused.

use vethlab_engine::lesson::{Answer, Block, Edition, Lesson, Predict};
use vethlab_engine::machine::Machine;
use vethlab_engine::stacks::StackChoice;
use vethlab_programs::Transcript;

/// A question, where it stands, and its right answer at that moment.
struct Asked {
    place: String,
    question: Predict,
    right: String,
}

/// All questions of a lesson, in an edition. The network is the simulator's, whose tables are the kernel's.
fn asked(lesson: &Lesson) -> Vec<Asked> {
    let seed = lesson.edition().seed;
    let fresh = |setup: &[String]| {
        let mut machine = Machine::on_sim(seed);
        machine.set_up(setup, &|| None).expect("a network");
        machine
    };
    let mut machine = fresh(&lesson.setup);
    let mut all = Vec::new();
    for step in &lesson.steps {
        if let Some(setup) = &step.setup {
            machine = fresh(setup);
        }
        for block in &step.blocks {
            if let Block::Predict(question) = block {
                let right = question.right_answer(machine.stack()).expect("an answer");
                let place = format!("{}: {}", lesson.id, question.question);
                all.push(Asked { place, question: question.clone(), right });
            }
        }
        for command in &step.solution {
            machine.execute(command, &mut Transcript::default());
        }
    }
    all
}

fn all_asked() -> Vec<Asked> {
    let packs = vethlab::packs::packs().expect("the packs");
    let mut all = Vec::new();
    for lesson in packs.iter().flat_map(|pack| &pack.lessons) {
        for &stack in &lesson.stacks {
            for seed in 0..if lesson.varies() { 5 } else { 1 } {
                all.extend(asked(&lesson.in_edition(Edition { seed, stack }).expect("an edition")));
            }
        }
    }
    assert!(all.len() > 80, "{}", all.len());
    all
}

fn in_words(number: usize) -> (&'static str, &'static str) {
    [("one", "first"), ("two", "second"), ("three", "third"), ("four", "fourth"), ("five", "fifth")]
        [number - 1]
}

/// Ten or more ways to say the right answer.
fn phrasings(asked: &Asked) -> Vec<String> {
    let right = &asked.right;
    if let Answer::Choice { choices, right: number } = &asked.question.answer {
        let (word, place) = in_words(*number);
        let text = &choices[number - 1];
        return [
            format!("{number}"),
            format!(" {number} "),
            format!("{number}."),
            format!("{number})"),
            format!("({number})"),
            format!("#{number}"),
            format!("option {number}"),
            format!("number {number}"),
            format!("it is {number}"),
            word.to_owned(),
            format!("the {place} one"),
            text.clone(),
            text.to_uppercase(),
            format!("{number}. {text}"),
        ]
        .into();
    }
    let mut all = vec![
        right.clone(),
        format!("  {right} "),
        format!("{right}."),
        right.to_uppercase(),
        format!("`{right}`"),
        format!("\"{right}\""),
        format!("it is {right}"),
        format!("It's {right}"),
        format!("I think {right}"),
        format!("the answer is {right}"),
    ];
    let question = asked.question.question.to_lowercase();
    if right.chars().all(|c| c.is_ascii_digit()) {
        for unit in ["frames", "bytes", "ttl"].into_iter().filter(|unit| question.contains(unit)) {
            all.extend([format!("{right} {unit}"), format!("{unit}={right}")]);
        }
    } else if right.parse::<std::net::Ipv4Addr>().is_ok() {
        all.extend([format!("from {right}"), format!("address {right}"), format!("the address {right}")]);
    } else if question.contains("state") {
        all.extend([format!("in state {right}"), format!("state {right}"), format!("the state is {right}")]);
    } else if question.contains("link") && right != "none" {
        for form in ["dev", "by", "via", "through", "by dev", "by link", "over", "interface", "on the link"] {
            all.push(format!("{form} {right}"));
        }
        all.extend([
            format!("{right}@if2"),
            format!("it leaves by {right}"),
            format!("the {right} interface"),
        ]);
        if right == "lo" {
            all.extend(["loopback", "through the loopback", "the loopback interface"].map(str::to_owned));
        }
    }
    all
}

/// Five or more that are near, and wrong.
fn near_misses(asked: &Asked) -> Vec<String> {
    let right = &asked.right;
    if let Answer::Choice { choices, right: number } = &asked.question.answer {
        let others = (1..=choices.len()).filter(|other| other != number);
        let mut all: Vec<String> = others.clone().map(|other| other.to_string()).collect();
        all.extend(others.map(|other| choices[other - 1].clone()));
        all.extend([
            String::new(),
            "0".to_owned(),
            format!("{}", choices.len() + 1),
            format!("{number}{number}"),
            format!("not {number}"),
            format!("{number} or {}", number + 1),
            format!("-{number}"),
            format!("{number}.5"),
        ]);
        return all;
    }
    vec![
        String::new(),
        format!("not {right}"),
        format!("{right} or lo0"),
        format!("{right}{right}"),
        format!("{right}x"),
        format!("no {right}"),
        "eth9".to_owned(),
        "REACHABLE".to_owned(),
        "1471".to_owned(),
        "10.1.0.9".to_owned(),
        format!("anything but {right}"),
    ]
}

#[test]
fn the_likeliest_phrasings_of_each_answer_are_taken() {
    for asked in &all_asked() {
        let phrasings = phrasings(asked);
        assert!(phrasings.len() >= 10, "{}", asked.place);
        for typed in phrasings {
            assert!(asked.question.accepts(&typed, &asked.right), "{}\n'{typed}' is refused", asked.place);
        }
    }
}

#[test]
fn near_misses_of_each_answer_are_refused() {
    for asked in &all_asked() {
        let misses = near_misses(asked);
        assert!(misses.len() >= 5, "{}", asked.place);
        for typed in misses {
            assert!(!asked.question.accepts(&typed, &asked.right), "{}\n'{typed}' is taken", asked.place);
        }
    }
}

/// The words of a lesson file count for both stacks.
#[test]
fn questions_of_both_stacks_are_among_them() {
    let packs = vethlab::packs::packs().expect("the packs");
    let lesson = packs.iter().flat_map(|pack| &pack.lessons).find(|lesson| lesson.id == "loopback");
    let lesson = lesson.expect("the lesson");
    let questions = |stack| {
        let edition = lesson.in_edition(Edition { seed: 0, stack }).expect("an edition");
        asked(&edition).len()
    };
    assert!(questions(StackChoice::Sim) > questions(StackChoice::Real));
}
