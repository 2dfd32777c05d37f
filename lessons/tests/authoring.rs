//! `vethlab dev` as a process: packs that are begun, checked and explained.

mod process;

use process::{Folder, code, finish, text, vethlab};
use std::fs;

#[test]
fn a_new_pack_is_good_and_a_broken_one_is_explained() {
    let folder = Folder::new("dev");
    let (pack, copy) = (folder.0.join("my-pack"), folder.0.join("students"));
    let (pack, copy) = (pack.to_str().expect("text"), copy.to_str().expect("text"));
    let dev = |arguments: &[&str]| finish(vethlab(&[&["dev"], arguments].concat()), "");
    let check = |pack: &str| dev(&["check", pack, "--stack", "sim", "--seeds", "3"]);
    assert_eq!(code(&dev(&["new", pack, "--lesson", "--exercise"])), 0);
    let good = check(pack);
    assert_eq!((code(&good), text(&good.stderr)), (0, ""));
    assert_eq!(text(&good.stdout), "1 lesson, 1 exercise, 4 editions on sim: nothing is wrong\n");
    // What is there is never written over.
    let again = dev(&["new", pack]);
    assert_eq!(code(&again), 2);
    assert!(text(&again.stderr).contains("nothing was written"), "{}", text(&again.stderr));
    assert_eq!(code(&dev(&["hand-out", pack, copy])), 0);
    assert_eq!(code(&dev(&["hand-out", pack, copy])), 2);
    let work = "check\nquit\n";
    for pack in [pack, copy] {
        let told = finish(vethlab(&["start", "first-exercise", "--pack", pack]), work);
        let said = text(&told.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("6 points and 1 more check that you do not see)"), "{said}");
        // Once above the task, and once behind the checks.
        assert_eq!(said.matches("and 1 more check that you do not see").count(), 2, "{said}");
    }
    let students = check(copy);
    assert_eq!(code(&students), 0);
    assert!(text(&students.stdout).contains("is a copy for students"), "{}", text(&students.stdout));
    // A warning, then an error, each with its line and what to do.
    let exercise = "my-pack/first-exercise.md";
    let written = fs::read_to_string(folder.0.join(exercise)).expect("the exercise");
    let more = written.replace("[variables]", "[variables]\nmore = { number = [1, 9] }");
    folder.file(exercise, more.as_bytes());
    assert_eq!(code(&check(pack)), 3);
    folder.file(exercise, written.replace("version = 1", "versoin = 1").as_bytes());
    let broken = check(pack);
    assert_eq!(code(&broken), 1);
    let said = text(&broken.stdout);
    assert!(said.contains("first-exercise.md:6: error: unknown field `versoin`"), "{said}");
    assert!(said.contains("\n    Take 'versoin' out"), "{said}");
    let json = dev(&["check", pack, "--stack", "sim", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(code(&json), 1);
    assert_eq!(report["findings"][0]["rule"], "format");
    assert_eq!(report["findings"][0]["line"], 6);
}

#[test]
fn what_is_no_pack_is_said_in_a_line() {
    let folder = Folder::new("no-pack");
    let nowhere = folder.0.join("nowhere").display().to_string();
    for arguments in [
        &["dev", "check", &nowhere][..],
        &["dev", "check", &folder.0.display().to_string()],
        &["dev", "hand-out", &nowhere, &folder.0.join("copy").display().to_string()],
        &["dev", "new", &folder.0.join("No Pack").display().to_string()],
        &["dev", "new", &folder.0.join("a/b").display().to_string()],
    ] {
        let output = finish(vethlab(arguments), "");
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert_eq!(text(&output.stderr).lines().count(), 1, "{}", text(&output.stderr));
    }
}

#[cfg(unix)]
#[test]
fn links_in_a_pack_are_not_followed() {
    let folder = Folder::new("links");
    let pack = folder.0.join("my-pack").display().to_string();
    assert_eq!(code(&finish(vethlab(&["dev", "new", &pack]), "")), 0);
    let exercise = folder.0.join("my-pack/first-exercise.md");
    let elsewhere = folder.0.join("elsewhere.md");
    fs::rename(&exercise, &elsewhere).expect("another place");
    std::os::unix::fs::symlink(&elsewhere, &exercise).expect("a link");
    let output = finish(vethlab(&["dev", "check", &pack, "--stack", "sim"]), "");
    assert_eq!(code(&output), 1);
    assert!(text(&output.stdout).contains("it is a folder or a link"), "{}", text(&output.stdout));
    assert_eq!(code(&finish(vethlab(&["start", "first-exercise", "--pack", &pack]), "")), 2);
}
