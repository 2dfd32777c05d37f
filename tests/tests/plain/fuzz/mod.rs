//! The fuzz targets as plain tests: their corpus once more, and random bytes near it.

mod entries;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{TestError, TestRunner};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::{env, fs};
use vethlab_tests::fuzz::{TARGETS, Target, corpus};
use vethlab_tests::{files, randomness};

/// How many random inputs each target is given; `VETHLAB_FUZZ_CASES` says otherwise.
const CASES: u32 = 60;

/// The longest random input, in bytes.
const LONGEST: usize = 4096;

/// The largest file of a corpus and the largest corpus, in bytes: what is larger was not made small.
const LARGEST_FILE: u64 = 32 << 10;
const LARGEST_CORPUS: u64 = 512 << 10;

/// The files of a target's corpus, by name.
fn inputs(target: &Target) -> Vec<PathBuf> {
    let folder = corpus(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What `tests/fuzz` builds for libFuzzer are these targets, no more and no fewer.
#[test]
fn every_target_has_its_program_and_its_corpus() {
    let folder = files::crate_folder().join("fuzz");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("the manifest");
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    let programs = manifest.split("[[bin]]").skip(1).map(|part| part.split('"').nth(1).expect("a name"));
    assert_eq!(programs.collect::<Vec<_>>(), names);
    for target in TARGETS {
        let name = target.name;
        let program = fs::read_to_string(folder.join(format!("targets/{name}.rs"))).expect("a program");
        assert!(program.contains(&format!("vethlab_tests::fuzz::run(\"{name}\", bytes)")), "{program}");
        let sizes =
            inputs(target).iter().map(|path| fs::metadata(path).expect("a file").len()).collect::<Vec<_>>();
        assert!(
            sizes.iter().all(|size| *size <= LARGEST_FILE),
            "{name}: make it small, with 'cargo fuzz tmin'"
        );
        assert!(sizes.iter().sum::<u64>() <= LARGEST_CORPUS, "{name}: make it small, with 'cargo fuzz cmin'");
    }
}

/// Bytes near those of a corpus: one of its inputs with another spliced in, bytes altered, and cut off; or any.
fn near(inputs: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let input = select(inputs);
    let alterations = vec((any::<Index>(), any::<u8>()), 0..8);
    let near = (input.clone(), input, any::<[Index; 3]>(), alterations, any::<bool>()).prop_map(
        |(first, second, [from, at, end], alterations, spliced)| {
            let mut bytes = first;
            if spliced {
                let at = at.index(bytes.len() + 1);
                let from = from.index(second.len() + 1);
                bytes.splice(at..at, second[from..].iter().copied());
            }
            for (place, byte) in alterations.into_iter().filter(|_| !bytes.is_empty()).collect::<Vec<_>>() {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            let end = end.index(4 * bytes.len() + 1);
            bytes.truncate(end.min(LONGEST));
            bytes
        },
    );
    prop_oneof![9 => near, 1 => vec(any::<u8>(), 0..256)]
}

/// Does what the target of this name does with its corpus, then with random bytes near it.
fn holds(name: &str) {
    let target = vethlab_tests::fuzz::target(name).expect("a target");
    let run = |bytes: &[u8], what: &dyn std::fmt::Display| {
        catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))).unwrap_or_else(|panic| {
            eprintln!("the target '{name}' fails with {what}");
            resume_unwind(panic)
        });
    };
    let paths = inputs(target);
    for path in &paths {
        run(&read(path), &path.display());
    }
    let cases = env::var("VETHLAB_FUZZ_CASES").map_or(CASES, |text| text.parse().expect("a number of cases"));
    let mut runner = TestRunner::new(randomness::config(cases));
    let result = runner.run(&near(paths.iter().map(|path| read(path)).collect()), |bytes| {
        (target.run)(&bytes);
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, bytes)) => {
            panic!("{reason}\nwith {:?}", bytes.escape_ascii().to_string())
        }
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

/// A test for each target, so that they run side by side; none of them can be forgotten.
macro_rules! targets {
    ($($name:ident),*) => {
        $(
            #[test]
            fn $name() {
                holds(stringify!($name));
            }
        )*

        #[test]
        fn every_target_is_replayed() {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!([$(stringify!($name)),*].to_vec(), names);
        }
    };
}

targets!(answer, events, filter, frame, line, pack, progress, report, roster, script, shell, simulator, text);
