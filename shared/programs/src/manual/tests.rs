use super::*;

#[test]
fn pages_fit_into_a_terminal_of_80_columns() {
    for page in all() {
        let text = page.manual();
        let long = text.lines().find(|line| line.chars().count() > WIDTH);
        assert_eq!(long, None, "in\n{text}");
    }
}

#[test]
fn a_page_is_found_by_either_spelling() {
    let command = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        find(&words).map(|page| page.command)
    };
    assert_eq!(command(&["ip"]), Some("ip"));
    assert_eq!(command(&["ip-link"]), Some("ip link"));
    assert_eq!(command(&["ip", "link"]), Some("ip link"));
    assert_eq!(command(&["undo"]), Some("undo"));
    assert_eq!(command(&["link"]), None);
}

#[test]
fn each_program_has_forms() {
    for page in all() {
        assert!(!page.forms.is_empty() && !page.about.is_empty(), "{}", page.command);
    }
}
