//! What ARCHITECTURE.md says of the tree is so.

use std::path::Path;

/// The root of the workspace, and the page.
fn page() -> (&'static Path, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    (root, text)
}

/// What stands between backticks on one line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Whether it is a path in the tree: it begins with a folder of the root.
fn is_path(root: &Path, word: &str) -> bool {
    let first = word.split('/').next().unwrap_or_default();
    (word.contains('/') || word == "findings") && !word.contains(' ') && root.join(first).is_dir()
}

#[test]
fn every_file_that_it_names_is_there() {
    let (root, text) = page();
    let named: Vec<&str> = text.lines().flat_map(quoted).filter(|word| is_path(root, word)).collect();
    let missing: Vec<&&str> = named.iter().filter(|path| !root.join(path).exists()).collect();
    assert!(named.len() > 60, "only {} paths were found on the page", named.len());
    assert!(missing.is_empty(), "ARCHITECTURE.md names what is not there: {missing:?}");
}

#[test]
fn every_row_of_the_table_leads_somewhere() {
    let (root, text) = page();
    let table =
        text.split("## I want to …").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("the table");
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).skip(2).collect();
    assert!(rows.len() >= 20, "{} rows", rows.len());
    for row in rows {
        assert!(quoted(row).any(|word| is_path(root, word)), "leads nowhere: {row}");
    }
}

#[test]
fn every_crate_is_on_it() {
    let (root, text) = page();
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).expect("Cargo.toml");
    let members =
        manifest.split("members = [").nth(1).and_then(|rest| rest.split(']').next()).expect("members");
    for member in members.split('"').skip(1).step_by(2) {
        let row = format!("| `{member}/` |");
        assert!(text.contains(&row), "no row for the crate in {member}");
    }
}

/// What pnet is for stands behind one module.
#[test]
fn one_module_alone_uses_pnet() {
    fn walk(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs")
                && std::fs::read_to_string(&path).expect("a file of source").contains("use pnet")
            {
                found.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
            }
        }
    }
    let (root, _) = page();
    let mut found = Vec::new();
    for folder in ["src", "tests"] {
        walk(&root.join("real").join(folder), &mut found);
    }
    assert_eq!(found, ["packet.rs"]);
}
