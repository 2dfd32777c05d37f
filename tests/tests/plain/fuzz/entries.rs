//! No way in for bytes that others wrote is without a fuzz target.
//!
//! The source of the crates is read: every public function that takes text, bytes or a path stands in a table here, with
//! the target that calls it or why it needs none; and so does every file of the program that reads from outside. Who adds
//! one adds its row.

use super::TARGETS;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use syn::visit::Visit;
use vethlab_tests::files;

mod table;

/// The folders with the source of the crates.
const SOURCES: [&str; 9] = [
    "shared/src",
    "shared/programs/src",
    "shared/explain/src",
    "shared/shell/src",
    "shared/text/src",
    "sim/src",
    "lessons/engine/src",
    "lessons/src",
    "real/src",
];

/// Types that hold what others may have written, by the last word of their path.
const FOREIGN: [&str; 8] = ["str", "String", "Path", "PathBuf", "OsStr", "OsString", "Read", "BufRead"];

/// Functions that let in bytes from outside, by the last words of their path.
const READS: [&str; 10] = [
    "fs::read",
    "fs::read_to_string",
    "fs::read_dir",
    "File::open",
    "OpenOptions::new",
    "io::stdin",
    "output::read_file",
    "read_file",
    "recvmsg",
    "socket::recv",
];

/// What a file of source has that matters here.
#[derive(Default)]
struct Found {
    /// Public functions that take what others may have written: `Answer::parse`.
    entries: BTreeSet<String>,
    /// Whether something is read from outside.
    reads: bool,
    /// The type whose `impl` is being read.
    of: Option<String>,
}

fn last(path: &syn::Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

/// Whether a type holds what others may have written.
fn is_foreign(parameter: &syn::Type) -> bool {
    struct Words(bool);
    impl<'ast> Visit<'ast> for Words {
        fn visit_path(&mut self, path: &'ast syn::Path) {
            self.0 |= FOREIGN.contains(&last(path).as_str());
            syn::visit::visit_path(self, path);
        }
        fn visit_type_slice(&mut self, slice: &'ast syn::TypeSlice) {
            self.0 |= matches!(&*slice.elem, syn::Type::Path(path) if path.path.is_ident("u8"));
            syn::visit::visit_type_slice(self, slice);
        }
    }
    let mut words = Words(false);
    words.visit_type(parameter);
    words.0
}

impl Found {
    fn function(&mut self, signature: &syn::Signature) {
        let types = signature.inputs.iter().filter_map(|input| match input {
            syn::FnArg::Typed(parameter) => Some(&*parameter.ty),
            syn::FnArg::Receiver(_) => None,
        });
        if types.into_iter().any(is_foreign) {
            let name = &signature.ident;
            self.entries.insert(self.of.as_ref().map_or(name.to_string(), |of| format!("{of}::{name}")));
        }
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if matches!(function.vis, syn::Visibility::Public(_)) {
            self.function(&function.sig);
        }
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.of = match &*item.self_ty {
            syn::Type::Path(path) => Some(last(&path.path)),
            _ => None,
        };
        // Of a trait, what is made of text counts: the other methods are the trait's.
        let made = item.trait_.as_ref().map(|(of, _)| ["FromStr", "TryFrom"].contains(&last(of).as_str()));
        for inner in &item.items {
            let syn::ImplItem::Fn(function) = inner else { continue };
            if made.unwrap_or(matches!(function.vis, syn::Visibility::Public(_))) {
                self.function(&function.sig);
            }
        }
        self.of = None;
        syn::visit::visit_item_impl(self, item);
    }

    /// What is asked of a stack, a console, …: the trait says so once, and not each that implements it.
    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        if matches!(item.vis, syn::Visibility::Public(_)) {
            self.of = Some(item.ident.to_string());
            for inner in &item.items {
                if let syn::TraitItem::Fn(function) = inner {
                    self.function(&function.sig);
                }
            }
            self.of = None;
        }
        syn::visit::visit_item_trait(self, item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let words: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let ending = words[words.len().saturating_sub(2)..].join("::");
        self.reads |= READS.contains(&ending.as_str());
        syn::visit::visit_path(self, path);
    }
}

/// What each file of source has, by its path from the root.
fn found() -> BTreeMap<String, Found> {
    let root = files::crate_folder().parent().expect("the root").to_owned();
    let mut found = BTreeMap::new();
    for source in SOURCES {
        let before = found.len();
        walk(&root, &root.join(source), &mut found);
        assert!(found.len() > before, "nothing is read in {source}");
    }
    found
}

fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, Found>) {
    for entry in fs::read_dir(folder).expect("a folder of source") {
        let path = entry.expect("an entry").path();
        let is_tests = path.file_stem().is_some_and(|name| name == "tests" || name == "fixture");
        if path.is_dir() {
            walk(root, &path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !is_tests {
            let text = fs::read_to_string(&path).expect("a file of source");
            let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let mut one = Found::default();
            one.visit_file(&file);
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
            found.insert(name, one);
        }
    }
}

/// Fails where the table has another set of names than the source.
fn same(what: &str, table: &[&str], source: &BTreeSet<String>) {
    let listed: BTreeSet<String> = table.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(listed.len(), table.len(), "{what} stands twice in the table");
    let missing: Vec<&String> = source.difference(&listed).collect();
    let gone: Vec<&String> = listed.difference(source).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "the table of {what} (tests/tests/plain/fuzz/entries/table.rs) is not what the source has.\n\
        Not in the table: {missing:#?}\nNot in the source: {gone:#?}"
    );
}

#[test]
fn every_function_that_takes_what_others_wrote_has_a_target_or_a_reason() {
    let source: BTreeSet<String> = found()
        .iter()
        .flat_map(|(file, found)| found.entries.iter().map(move |entry| format!("{file} {entry}")))
        .collect();
    assert!(source.len() > 50, "only {} functions were found", source.len());
    let rows = table::CALLED.iter().chain(table::REACHED).chain(table::OWN);
    let table: Vec<&str> = rows.flat_map(|(_, entries)| entries.iter().copied()).collect();
    same("functions", &table, &source);
    for (target, _) in table::CALLED.iter().chain(table::REACHED) {
        assert!(TARGETS.iter().any(|known| known.name == *target), "there is no target '{target}'");
    }
}

/// What the table says of a target's calls is so: its source names the function.
#[test]
fn a_target_calls_what_it_is_said_to_call() {
    let folder = files::crate_folder().join("src/fuzz");
    let common = fs::read_to_string(folder.join("mod.rs")).expect("source");
    for (target, entries) in table::CALLED {
        let own = fs::read_to_string(folder.join(format!("{target}.rs"))).expect("source");
        for entry in *entries {
            let name = entry.rsplit([' ', ':']).next().expect("a name");
            // Text is parsed without naming the function.
            let name = if name == "from_str" { "parse" } else { name };
            let calls = |text: &str| text.contains(&format!("{name}("));
            assert!(calls(&own) || calls(&common), "the target '{target}' does not call {entry}");
        }
    }
}

#[test]
fn every_file_that_reads_from_outside_has_a_target_or_a_reason() {
    let source = found().into_iter().filter(|(_, found)| found.reads).map(|(file, _)| file).collect();
    let table: Vec<&str> = table::READERS.iter().map(|(file, _)| *file).collect();
    same("files that read", &table, &source);
}
