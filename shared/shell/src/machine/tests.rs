//! What bash cannot be asked: how a script ends that takes too much.

use super::*;

struct Nothing;

impl System for Nothing {
    fn read(&mut self, _path: &str) -> Result<String, String> {
        Err("No such file or directory".to_owned())
    }
    fn open(&mut self, _path: &str, _append: bool) -> Result<(), String> {
        Ok(())
    }
    fn write(&mut self, _path: &str, _text: &str) -> Result<(), String> {
        Ok(())
    }
    fn folder(&mut self, _path: &str) -> Option<bool> {
        None
    }
    fn paths(&mut self) -> Vec<String> {
        Vec::new()
    }
    fn has_program(&mut self, _name: &str) -> bool {
        false
    }
    fn random(&mut self) -> u32 {
        0
    }
    fn seconds(&mut self) -> u64 {
        0
    }
    fn print(&mut self, _is_error: bool, _text: &str) {}
}

fn machine(text: &str) -> Machine {
    let script = Script::parse(text).expect("a script");
    Machine::new(&script, State::default(), Mode::Script, Some("one\ntwo\n".into()))
}

#[test]
fn a_substitution_that_prints_too_much_ends_the_script() {
    let mut machine = machine("x=$(program); next");
    let Demand::Run(_) = machine.next(&mut Nothing) else { panic!("nothing to run") };
    machine.took(false, &"x".repeat(crate::redirect::MOST_KEPT), &mut Nothing);
    machine.took(false, "one more", &mut Nothing);
    machine.ended(0, false, &mut Nothing);
    assert!(matches!(machine.next(&mut Nothing), Demand::Ended { status: 1, exit: true }));
}

#[test]
fn what_a_command_has_not_read_the_next_one_reads() {
    let mut machine = machine("first; second");
    let read = |machine: &mut Machine, left: usize| {
        let Demand::Run(call) = machine.next(&mut Nothing) else { panic!("nothing to run") };
        machine.left_unread(left);
        machine.ended(0, false, &mut Nothing);
        call.input
    };
    assert_eq!(read(&mut machine, 4), Read::Text("one\ntwo\n".into()));
    assert_eq!(read(&mut machine, 0), Read::Text("two\n".into()));
    assert_eq!(machine.unread().as_deref(), Some(""));
}
