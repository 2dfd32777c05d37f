//! An exercise at the prompt, as a process: what is kept, gone on from and handed in.

mod process;

use process::{Folder, code, finish, text, vethlab};
use std::fs;

/// A session of ann's, kept in a file.
fn session(kept: &str, input: &str) -> String {
    let output = finish(vethlab(&["start", "two-namespaces", "--student", "ann", "--save", kept]), input);
    assert_eq!(code(&output), 0, "{output:?}");
    text(&output.stdout).to_owned() + text(&output.stderr)
}

fn commands(file: &str) -> Vec<String> {
    let text = fs::read_to_string(file).expect("an answer");
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn to_leave_is_no_part_of_the_work() {
    let folder = Folder::new("leaving");
    let kept = folder.file("unused", b"").replace("unused", "ann.answer");
    session(&kept, "ip link\nexit\n");
    session(&kept, "ip addr\nquit\n");
    session(&kept, "ip netns exec lo bash\nip route\n");
    assert_eq!(commands(&kept), ["ip link", "ip addr", "ip netns exec lo bash", "ip route"]);
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let folder = Folder::new("too-long");
    let kept = folder.file("unused", b"").replace("unused", "ann.answer");
    let said = session(&kept, &format!("ip link\necho {}\nsubmit {kept}\n", "a".repeat(5000)));
    assert!(
        said.contains("your work is not kept: this is no answer any more: command 2 is longer"),
        "{said}"
    );
    assert!(!said.contains("Written"), "{said}");
    assert_eq!(commands(&kept), ["ip link"]);
    session(&kept, "ip addr\n");
    assert_eq!(commands(&kept), ["ip link", "ip addr"]);
}

#[test]
fn what_is_taken_back_is_not_kept() {
    let folder = Folder::new("taken-back");
    let kept = folder.file("unused", b"").replace("unused", "ann.answer");
    session(&kept, "ip netns add one\nip netns add two\nundo\nundo\nredo\nreset\nip netns add three\n");
    assert_eq!(commands(&kept), ["ip netns add three"]);
    session(&kept, "ip netns add four\nundo\n");
    assert_eq!(commands(&kept), ["ip netns add three"]);
}

#[test]
fn somebody_elses_answer_is_not_handed_in_again() {
    let folder = Folder::new("handed-in");
    let plain = folder.file("plain.txt", b"ip link\n");
    let mine = plain.replace("plain.txt", "ann.answer");
    let submit = |student: &str, from: &str, to: &str| {
        finish(vethlab(&["submit", "two-namespaces", "--student", student, from, "--output", to]), "")
    };
    assert_eq!(code(&submit("ann", &plain, &mine)), 1, "it is written, and nothing holds");
    let taken = submit("bob", &mine, &plain.replace("plain.txt", "bob.answer"));
    assert_eq!(code(&taken), 2);
    assert!(text(&taken.stderr).contains("an answer of somebody else"), "{taken:?}");
    let over = submit("ann", &mine, &plain);
    assert_eq!(code(&over), 2);
    assert!(text(&over.stderr).contains("is no answer of yours"), "{over:?}");
}

#[test]
fn who_goes_on_is_told_what_holds_and_who_leaves_what_is_left_to_do() {
    let folder = Folder::new("going-on");
    let kept = folder.file("unused", b"").replace("unused", "ann.answer");
    let made = "ip link add eth0 netns green type veth peer name eth0 netns red\n";
    let holds = "✓ A cable joins green and red\n";
    assert!(session(&kept, made).contains(holds));
    let said = session(&kept, "");
    assert!(said.contains(holds), "before anything is typed: {said}");
    let rest = "ip -n green addr add 10.238.163.1/24 dev eth0\nip -n red addr add 10.238.163.146/24 dev eth0\n\
                ip -n green link set eth0 up\nip -n red link set eth0 up\n";
    let left = "All checks hold. To hand it in: vethlab submit";
    assert!(session(&kept, rest).contains(left));
    let submit = format!("submit {}\n", kept.replace("ann.answer", "handed-in"));
    for (input, written) in [("quit\n", true), ("exit\n", true), ("ip link\n", false), ("hint\n", false)] {
        let said = session(&kept, &format!("{submit}{input}"));
        let told = said.contains("All checks hold, and the file to hand in is written.");
        assert_eq!((told, said.contains(left)), (written, !written), "{input}: {said}");
    }
}

#[test]
fn a_word_of_the_prompt_with_more_behind_it_is_no_command() {
    let folder = Folder::new("more-words");
    let kept = folder.file("unused", b"").replace("unused", "ann.answer");
    let said = session(&kept, "hint 2\nhelp why\nsubmit a b\n");
    for words in ["'hint' stands alone: type it without '2'.", "why: what became of", "one file, or none"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("not modelled"), "{said}");
    session(&kept, "ip link\n");
    // The page of a program is a command, as 'man' is, and what shows something is part of the work.
    assert_eq!(commands(&kept), ["help why", "ip link"]);
}

#[test]
fn what_was_edited_by_hand_stays_so_whatever_is_done_then() {
    let folder = Folder::new("by-hand");
    let kept = folder.file("unused", b"").replace("unused", "ann.answer");
    let handed_in = kept.replace("ann.answer", "two-namespaces.ann.answer");
    let noted = |file: &str| {
        let graded = finish(vethlab(&["grade", "two-namespaces", file]), "");
        text(&graded.stdout).contains("it was edited after vethlab wrote it")
    };
    session(&kept, "hint\nhint\nip link\n");
    assert!(!noted(&kept));
    let sealed = fs::read_to_string(&kept).expect("an answer");
    fs::write(&kept, sealed.replace("hints opened: 2", "hints opened: 0")).expect("written");
    let said = session(&kept, &format!("reset\nip addr\nsubmit {handed_in}\n"));
    assert!(said.contains("The kept work was edited by hand"), "{said}");
    assert!(noted(&kept) && noted(&handed_in));

    // The same where it is handed in without the prompt.
    let data = kept.replace("ann.answer", "data");
    let ann = |arguments: &[&str]| {
        let ann = ["--student", "ann"];
        let mut command = vethlab(&[&arguments[..1], &["two-namespaces"], &ann, &arguments[1..]].concat());
        command.env("VETHLAB_DATA_DIR", &data);
        finish(command, "ip link\n")
    };
    ann(&["start"]);
    let place = format!("{data}/answers/linux-namespaces-exercises/two-namespaces/ann.answer");
    let sealed = fs::read_to_string(&place).expect("an answer");
    fs::write(&place, sealed.replace("ip link", "ip addr")).expect("written");
    let said = ann(&["submit", "--output", &handed_in]);
    assert!(noted(&handed_in), "{said:?}");
}
