//! The `vethlab` command as a process: exit codes, streams, colour.

mod process;

use process::{Folder, code, finish, text, vethlab};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;

#[test]
fn a_run_shows_each_command_and_goes_on_after_failures() {
    let output = finish(vethlab(&["run", "-"]), "# nothing\n\n echo one \nfalse\r\necho 't w o'\n");
    assert_eq!(text(&output.stdout), "$ echo one\none\n$ false\n$ echo 't w o'\nt w o\n");
    assert_eq!(text(&output.stderr), "");
    assert_eq!(code(&output), 1);
    assert_eq!(code(&finish(vethlab(&["run", "-"]), "true\n")), 0);
    assert_eq!(code(&finish(vethlab(&["run", "-"]), "")), 0);
}

#[test]
fn a_run_ends_with_exit() {
    let output = finish(vethlab(&["run", "-"]), "exit\necho more\n");
    assert_eq!((text(&output.stdout), code(&output)), ("$ exit\n", 0));
    assert_eq!(code(&finish(vethlab(&["run", "-"]), "exit 3\n")), 1);
}

#[test]
fn json_is_one_object_a_line() {
    let output = finish(vethlab(&["run", "--json", "-"]), "  echo 'a \"b\"' \n# no\n\nnonsense x\nfalse\n");
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    assert_eq!(lines[0], r#"{"command":"echo 'a \"b\"'","status":0,"stdout":"a \"b\"\n","stderr":""}"#);
    assert_eq!(
        lines[1],
        r#"{"command":"nonsense x","status":2,"stdout":"","stderr":"vethlab: 'nonsense' is not modelled\n"}"#
    );
    assert_eq!(lines[2], r#"{"command":"false","status":1,"stdout":"","stderr":""}"#);
    assert_eq!((lines.len(), code(&output)), (3, 1));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_run_on_both_stacks_is_called_compare() {
    let output = finish(vethlab(&["run", "--stack", "both", "-"]), "");
    let said = text(&output.stderr);
    assert!(said.contains("tip: 'vethlab compare FILE'"), "{said}");
    assert_eq!(code(&output), 2);
}

#[test]
fn a_file_that_cannot_be_read_is_said_in_one_line() {
    let folder = Folder::new("unreadable");
    let binary = folder.file("binary", b"ip link\n\xff\xfe\n");
    let directory = folder.0.display().to_string();
    for subcommand in ["run", "compare"] {
        for (file, words) in [
            ("/nowhere/at/all", "No such file"),
            (directory.as_str(), "directory"),
            (binary.as_str(), "line 2 is not UTF-8"),
        ] {
            let output = finish(vethlab(&[subcommand, file]), "");
            let said = text(&output.stderr);
            assert_eq!(code(&output), 2, "{subcommand} {file}");
            assert!(said.contains(words) && said.contains(file), "{said}");
            assert_eq!((said.lines().count(), output.stdout.len()), (1, 0), "{said}");
        }
    }
}

#[test]
fn a_file_that_is_something_else_is_not_overwritten() {
    let folder = Folder::new("files");
    let script = folder.file("script.txt", b"echo one\n");
    let (out, detour) =
        (folder.0.join("out"), folder.0.join("../").join(folder.0.file_name().expect("a name")));
    let (out, detour) = (out.display().to_string(), detour.join("script.txt").display().to_string());
    for (arguments, words) in [
        (&["run", "--pcap", &script, &script][..], "--pcap would overwrite"),
        (&["run", "--events", &detour, &script], "--events would overwrite"),
        (&["run", "--pcap", &out, "--events", &out, &script], "which is the capture"),
        (&["shell", "--pcap", &out, "--events", &out], "which is the capture"),
        (&["start", "1", "--pcap", "-"], "'-' is none"),
        (&["run", "--events", "-", &script], "'-' is none"),
    ] {
        let output = finish(vethlab(arguments), "");
        let said = text(&output.stderr);
        assert_eq!((code(&output), said.lines().count()), (2, 1), "{arguments:?}: {said}");
        assert!(said.contains(words) && output.stdout.is_empty(), "{arguments:?}: {said}");
    }
    assert_eq!(fs::read(&script).expect("the script"), b"echo one\n");
    assert!(!Path::new(&out).exists());
    let output = finish(vethlab(&["run", "-"]), "map --svg -\nmap --svg ''\n");
    let said = text(&output.stderr);
    assert!(said.lines().all(|line| line.contains("needs the name of a file")), "{said}");
    assert_eq!((said.lines().count(), Path::new("-").exists()), (2, false), "{said}");
}

#[test]
fn the_real_error_comes_before_what_is_refused_here() {
    let script = "\
ip link add va type veth peer name vb
ip link set va up
tcpdump -i nope
tcpdump -i va host 1.2.3.4.5
tcpdump -i any '(arp'
tcpdump -i vb
tcpdump -i va host 1.2.3.4
";
    let output = finish(vethlab(&["run", "-"]), script);
    let said: Vec<&str> = text(&output.stderr).lines().collect();
    let beginnings = [
        "tcpdump: nope: No such device exists",
        "(No such device exists)",
        "tcpdump: ",
        "tcpdump: data link type LINUX_SLL2",
        "tcpdump: ",
        "tcpdump: vb: That device is not up",
        "vethlab: 'tcpdump' without -c would never end here",
    ];
    let fits = said.len() == beginnings.len()
        && said.iter().zip(beginnings).all(|(line, beginning)| line.starts_with(beginning));
    assert!(fits, "{said:#?}");
}

#[test]
fn a_frame_alone_names_its_command_as_in_the_list() {
    let script = "ip link set lo up\nping -c 1 127.0.0.1\ntrue\npackets --json\npacket 1 --json\n";
    let output = finish(vethlab(&["run", "-"]), script);
    let said = text(&output.stdout);
    assert_eq!(said.matches("\"command\":\"ping -c 1 127.0.0.1\"").count(), 3, "{said}");
}

#[test]
fn every_word_of_the_prompt_has_a_help() {
    for stack in ["sim", "both"] {
        let words = ["step", "continue", "goto", "timeline", "undo", "redo", "frames"];
        let input: String = words.map(|word| format!("{word} --help\n")).concat();
        let output = finish(vethlab(&["shell", "--stack", stack]), &input);
        if code(&output) == 4 && stack == "both" {
            println!("SKIPPED: {}", text(&output.stderr));
            continue;
        }
        let said = text(&output.stdout);
        assert_eq!((code(&output), text(&output.stderr)), (0, ""), "{stack}");
        assert!(
            words
                .iter()
                .all(|word| said.contains(&format!("\n{word}: ")) || said.starts_with(&format!("{word}: "))),
            "{stack}: {said}"
        );
    }
}

#[test]
fn wrong_usage_is_2() {
    for arguments in [
        &["nonsense"][..],
        &["run"],
        &["run", "--stack", "both", "-"],
        &["start", "no-such-lesson"],
        &["manual", "nonsense"],
        &["completions", "nonsense"],
        &["start", "two-namespaces", "--student", "ann", "--seed", "4"],
    ] {
        let output = finish(vethlab(arguments), "");
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn of_a_wrong_seed_it_is_said_what_one_is() {
    for (command, rest) in [("start", &[][..]), ("shell", &[]), ("run", &["-"]), ("compare", &["-"])] {
        for seed in ["abc", "-1", "", "18446744073709551616"] {
            let output = finish(vethlab(&[&[command, "--seed", seed], rest].concat()), "");
            let said = text(&output.stderr);
            assert!(said.contains("a seed is a whole number from 0 to"), "{command} {seed}: {said}");
            assert_eq!(code(&output), 2);
        }
    }
}

#[test]
fn of_a_wrong_name_it_is_said_what_was_meant() {
    for (arguments, first, lists) in [
        (&["start", "looback"][..], "there is no lesson or exercise 'looback': did you mean 'loopback'?", 2),
        (
            &["start", "two-namspaces"],
            "there is no lesson or exercise 'two-namspaces': did you mean 'two-namespaces'?",
            2,
        ),
        (
            &["grade", "two-namspaces", "x"],
            "there is no exercise 'two-namspaces': did you mean 'two-namespaces'?",
            1,
        ),
        (&["check", "qqq", "x"], "there is no exercise 'qqq'", 1),
    ] {
        let output = finish(vethlab(arguments), "");
        let said = text(&output.stderr);
        assert_eq!(
            (code(&output), said.lines().next()),
            (2, Some(format!("vethlab: {first}").as_str())),
            "{said}"
        );
        let begins = |list: &&&str| said.lines().any(|line| line.starts_with(&format!("  {list}: ")));
        assert_eq!(["lessons", "exercises"].iter().filter(begins).count(), lists, "{said}");
        assert!(said.lines().all(|line| line.chars().count() <= 100), "{said}");
    }
}

/// A lesson cannot be handed in: what students and teachers are shown names an exercise that there is.
#[test]
fn help_names_an_exercise_where_one_is_needed() {
    let list = finish(vethlab(&["list"]), "");
    let exercises: Vec<&str> = text(&list.stdout)
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("- ")?.split_whitespace().next())
        .collect();
    for (command, count) in [("start", 2), ("submit", 3), ("check", 3), ("grade", 7)] {
        let help = finish(vethlab(&[command, "--help"]), "");
        let begin = format!("  vethlab {command} ");
        let examples = text(&help.stdout).lines().filter_map(|line| line.strip_prefix(&begin));
        let named: Vec<&str> = examples
            .filter(|rest| command != "start" || rest.contains("--student"))
            .filter_map(|rest| rest.split_whitespace().next())
            .collect();
        assert_eq!(named.len(), count, "{command}: {named:?}");
        assert!(named.iter().all(|name| exercises.contains(name)), "{command}: {named:?}, {exercises:?}");
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let long = "echo line\n".repeat(20_000);
    for arguments in [&["run", "-"][..], &["run", "--json", "-"], &["shell"]] {
        let mut child = vethlab(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        drop(child.stdout.take());
        let mut stdin = child.stdin.take().expect("its standard input");
        // The program stops reading once it cannot print.
        let _ = stdin.write_all(long.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("its end");
        assert_eq!((code(&output), text(&output.stderr)), (0, ""), "{arguments:?}");
    }
}

#[test]
fn colour_only_where_it_is_wanted() {
    let has_colour = |variables: &[(&str, &str)]| {
        let mut command = vethlab(&["list"]);
        command.envs(variables.iter().copied());
        finish(command, "").stdout.contains(&0x1b)
    };
    assert!(!has_colour(&[]));
    assert!(has_colour(&[("CLICOLOR_FORCE", "1")]));
    assert!(!has_colour(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn alone_it_greets_with_the_next_lesson_and_five_commands() {
    let output = finish(vethlab(&[]), "");
    let said = text(&output.stdout);
    assert_eq!(code(&output), 0);
    assert!(said.contains("Your next lesson: 1. "), "{said}");
    assert_eq!(said.lines().filter(|line| line.starts_with("  vethlab ")).count(), 5);
}

#[test]
fn help_completions_and_manual_come_from_the_same_definitions() {
    for (arguments, words) in [
        (&["--help"][..], "Examples:"),
        (&["run", "--help"], "Exit"),
        (&["completions", "bash"], "complete -F _vethlab"),
        (&["completions", "bash"], " loopback "),
        (&["completions", "zsh"], " two-namespaces "),
        (&["completions", "fish"], "complete -c vethlab"),
        (&["completions", "fish"], "__fish_vethlab_using_subcommand check\" -f -a \"two-namespaces "),
        (&["manual"], ".TH vethlab 1"),
        (&["manual", "run"], ".TH vethlab-run 1"),
    ] {
        let output = finish(vethlab(arguments), "");
        assert_eq!(code(&output), 0);
        let found = text(&output.stdout).to_lowercase().contains(&words.to_lowercase());
        assert!(found, "{arguments:?}: {words}");
    }
}

#[test]
fn the_manual_is_written_into_a_folder_a_page_for_each_command() {
    let folder = tempfile::tempdir().unwrap();
    let man1 = folder.path().join("man1");
    let output = finish(vethlab(&["manual", "--to", man1.to_str().unwrap()]), "");
    assert_eq!((code(&output), text(&output.stderr)), (0, ""));
    for (page, title) in [("vethlab.1", ".TH vethlab 1"), ("vethlab-dev-new.1", ".TH vethlab-dev-new 1")] {
        let written = std::fs::read_to_string(man1.join(page)).unwrap();
        assert!(written.contains(title), "{page}: {written}");
    }

    let file = man1.join("vethlab.1/no-folder");
    let output = finish(vethlab(&["manual", "--to", file.to_str().unwrap()]), "");
    assert_eq!((code(&output), text(&output.stderr).lines().count()), (2, 1));
}

#[test]
fn a_prompt_without_a_terminal_reads_lines_and_prints_no_prompt() {
    let output = finish(vethlab(&["shell"]), "echo one\n\nexit\necho two\n");
    assert_eq!((text(&output.stdout), code(&output)), ("one\n", 0));
}

#[test]
fn a_lesson_without_a_terminal_is_left_at_the_end_of_the_input() {
    let output = finish(vethlab(&["start", "1"]), "help\n");
    assert_eq!(code(&output), 0);
    assert!(text(&output.stdout).contains("solution"));
}

#[test]
fn the_words_of_a_lesson_are_no_commands() {
    let words = "help\nhelp why\nhint 2\ncheck\nhint\nsolution\nlesson\nreset\nnext\nback\nskip\nquit\n";
    let output = finish(vethlab(&["start", "1"]), words);
    assert_eq!((code(&output), text(&output.stderr)), (0, ""));
    let said = text(&output.stdout);
    for expected in [
        "Step 1 of",
        "Step 2 of",
        "not yet",
        "See you",
        "'hint' stands alone",
        "why: what became of the last ping",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

#[test]
fn a_lesson_goes_on_when_its_checks_are_met_and_progress_is_kept() {
    let folder = Folder::new("kept");
    let start = |arguments: &[&str], input: &str| {
        let mut command = vethlab(arguments);
        command.env("VETHLAB_DATA_DIR", &folder.0);
        finish(command, input)
    };
    let output = start(&["start", "1"], "ip -br l\n");
    let said = text(&output.stdout);
    assert!(said.contains("✓") && said.contains("Step 2 of"), "{said}");
    let listed = start(&["list"], "");
    assert!(text(&listed.stdout).contains("1 of "), "{}", text(&listed.stdout));
}

#[test]
fn two_lessons_at_once_keep_the_progress_of_both() {
    let folder = Folder::new("two");
    let start = |lesson: &str| {
        let mut command = vethlab(&["start", lesson]);
        command.env("VETHLAB_DATA_DIR", &folder.0).stdin(Stdio::piped()).stdout(Stdio::piped());
        command.spawn().expect("the program")
    };
    let mut first = start("interfaces");
    // The first line that it prints comes after it has read what was kept.
    let mut lines = BufReader::new(first.stdout.take().expect("its output"));
    lines.read_line(&mut String::new()).expect("a line");
    let mut second = start("loopback");
    let input = "1\nping -c 1 127.0.0.1\nip -s link\npackets\n";
    second.stdin.take().expect("its input").write_all(input.as_bytes()).expect("to be read");
    assert!(second.wait_with_output().expect("its end").status.success());
    first.stdin.take().expect("its input").write_all(b"ip -br link\n").expect("to be read");
    std::io::copy(&mut lines, &mut std::io::sink()).expect("the rest");
    assert!(first.wait().expect("its end").success());
    let kept = fs::read_to_string(folder.0.join("progress.json")).expect("progress");
    assert!(kept.contains("interfaces") && kept.contains("loopback"), "{kept}");
}

#[test]
fn progress_that_cannot_be_read_is_kept_aside_and_said() {
    let folder = Folder::new("progress");
    folder.file("progress.json", b"not JSON");
    let mut command = vethlab(&["list"]);
    command.env("VETHLAB_DATA_DIR", &folder.0);
    let output = finish(command, "");
    assert_eq!(code(&output), 0);
    assert_eq!(text(&output.stderr).lines().count(), 1, "{}", text(&output.stderr));
    assert_eq!(fs::read(folder.0.join("progress.json.bad")).expect("the old file"), b"not JSON");
}

#[test]
fn without_a_home_lessons_can_be_listed_all_the_same() {
    let mut command = vethlab(&["list"]);
    for variable in ["VETHLAB_DATA_DIR", "HOME", "XDG_DATA_HOME"] {
        command.env_remove(variable);
    }
    assert_eq!(code(&finish(command, "")), 0);
}

#[test]
fn an_answer_in_words_is_held_against_the_network() {
    let answer = |typed: &str| {
        let input = "skip\n".repeat(6) + typed + "\nquit\n";
        let output = finish(vethlab(&["start", "loopback"]), &input);
        text(&output.stdout).to_owned()
    };
    assert!(answer(" `LO`.").contains("Right. The local table said so"));
    assert!(answer("eth0").contains("Not quite: it is `lo`."));
    assert!(answer("skip").contains("\nIt is `lo`."));
}

#[test]
fn hints_are_counted_and_an_unmet_ping_can_be_looked_into() {
    // In a step of the router lesson that asks for a ping, with its question left out.
    let input = "skip\nskip\nskip\nskip\nskip\nskip\nskip\nhint\nhint\nhint\npackets\ncheck\npackets\nquit\n";
    let output = finish(vethlab(&["start", "router"]), input);
    let said = text(&output.stdout);
    let step = &said[said.find("Step 4 of 7  [#####-----]  The way back").expect(said)..];
    for words in
        ["Hint 1 of 2: ", "Hint 2 of 2: ", "That was the last hint", "- not yet: lab answers at 10.2.0.2"]
    {
        assert!(step.contains(words), "{words}: {step}");
    }
    let seen = &step[step.find("'ping -c 1 -W 1 10.2.0.2' is not answered").expect(step)..];
    assert!(seen.contains("gate/far > lab/lab0"), "the ping of the check can be looked at: {seen}");
}

#[test]
fn the_same_seed_is_the_same_lesson() {
    let played = |seed: &str| {
        let output = finish(vethlab(&["start", "debug", "--auto", "--seed", seed]), "");
        assert_eq!(code(&output), 0, "{}", text(&output.stdout));
        text(&output.stdout).to_owned()
    };
    assert_eq!(played("7"), played("7"));
    assert_ne!(played("7"), played("8"));
}
