//! The tests that SECURITY.md names are there, and are run.

use std::fs;
use std::path::Path;

/// The tests that a line names, as file and function.
fn tests(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split('`').skip(1).step_by(2).filter_map(|word| word.split_once("::"))
}

/// Whether a file has a test of this name: one that the compiler knows of, or one in the list of a program that runs its
/// tests itself.
fn has_test(text: &str, name: &str) -> bool {
    let marked =
        text.split("#[test]").skip(1).any(|rest| rest.trim_start().starts_with(&format!("fn {name}(")));
    // The targets are given to a macro, which makes a test of each.
    let made = text.split("targets!(").last().is_some_and(|list| {
        text.contains("macro_rules! targets") && list.split([',', ' ', ')']).any(|word| word == name)
    });
    marked || made || text.contains(&format!("(\"{name}\", "))
}

#[test]
fn every_promise_names_tests_that_are_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let page = fs::read_to_string(root.join("SECURITY.md")).expect("SECURITY.md");
    let is_promise =
        |line: &&str| line.starts_with("| ") && !line.contains("---") && !line.contains("shown by");
    let promises: Vec<&str> = page.lines().filter(is_promise).collect();
    assert!(promises.len() > 10, "only {} promises were found", promises.len());
    for promise in promises {
        assert!(tests(promise).count() > 0, "no test shows this: {promise}");
        for (file, name) in tests(promise) {
            let text = fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert!(has_test(&text, name), "{file} has no test '{name}'");
        }
    }
}

#[test]
fn every_file_that_it_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let page = fs::read_to_string(root.join("SECURITY.md")).expect("SECURITY.md");
    let words = page.split('`').skip(1).step_by(2);
    let paths: Vec<&str> = words.filter(|word| word.contains('/') && !word.contains([':', ' '])).collect();
    assert!(paths.len() >= 4, "{paths:?}");
    for path in paths {
        assert!(root.join(path).exists(), "there is no {path}");
    }
}
