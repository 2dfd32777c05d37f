//! `vethlab completions` and `vethlab manual`: from the same definitions as the parser.

use super::course::{Course, OwnPack};
use super::{Cli, Failure};
use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory};
use clap_complete::Shell;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use vethlab::output::shown;

/// Print the completions for a shell.
///
/// They know the lessons and exercises that are there now: print them again where a pack was added.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab completions bash > ~/.local/share/bash-completion/completions/vethlab
  vethlab completions fish > ~/.config/fish/completions/vethlab.fish
  vethlab completions zsh > ~/.zfunc/_vethlab    with ~/.zfunc in $fpath")]
pub(crate) struct CompletionArguments {
    /// The shell
    shell: Shell,
}

/// Print the manual page, for man(1).
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab manual | man -l -                  read it
  vethlab manual run | man -l -              the page of one command
  vethlab manual --to ~/.local/share/man/man1")]
pub(crate) struct ManualArguments {
    /// The command to describe; vethlab itself without
    command: Option<String>,
    /// Write the pages of vethlab and of all its commands into this folder
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    to: Option<PathBuf>,
}

pub(crate) fn completions(arguments: &CompletionArguments) -> Result<u8, Failure> {
    let course = Course::load(&OwnPack::default())?;
    let lessons: Vec<String> = course.entries().map(|entry| entry.lesson.id.clone()).collect();
    let exercises: Vec<String> = course.exercises().map(|(_, exercise)| exercise.id.clone()).collect();
    let both = [lessons, exercises.clone()].concat();
    // Each command with its argument that is a name, and the names that there are.
    let named = [
        ("start", "lesson", &both),
        ("check", "exercise", &exercises),
        ("submit", "exercise", &exercises),
        ("grade", "exercise", &exercises),
    ];
    let with_names = |command: Command, (name, argument, words): (&str, &str, &Vec<String>)| {
        // They live as long as the process, which ends when the text is written.
        let names: Vec<&'static str> = words.iter().map(|word| &*word.clone().leak()).collect();
        command.mut_subcommand(name, |sub| {
            sub.mut_args(|found| match found.get_id() == argument {
                true => found.value_parser(PossibleValuesParser::new(&names)),
                false => found,
            })
        })
    };
    let mut command = named.into_iter().fold(Cli::command(), with_names);
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "vethlab", &mut text);
    if arguments.shell == Shell::Fish {
        // Those for fish leave out what an argument without a name may be.
        for (name, _, words) in named {
            let words = words.join(" ");
            let line = format!(
                "complete -c vethlab -n \"__fish_vethlab_using_subcommand {name}\" -f -a \"{words}\"\n"
            );
            text.extend_from_slice(line.as_bytes());
        }
    }
    write(&text)
}

pub(crate) fn manual(arguments: &ManualArguments) -> Result<u8, Failure> {
    if let Some(folder) = &arguments.to {
        let problem = |error| Failure::bad_input(format_args!("{}: {error}", shown(folder)));
        fs::create_dir_all(folder).map_err(problem)?;
        clap_mangen::generate_to(Cli::command(), folder).map_err(problem)?;
        return Ok(0);
    }
    let mut text = Vec::new();
    clap_mangen::Man::new(command(arguments.command.as_deref())?).render(&mut text)?;
    write(&text)
}

fn command(name: Option<&str>) -> Result<Command, Failure> {
    let mut whole = Cli::command();
    whole.build();
    let Some(name) = name else { return Ok(whole) };
    match whole.find_subcommand(name) {
        Some(found) => Ok(found.clone()),
        None => Err(Failure::bad_input(format_args!("there is no command '{name}': see 'vethlab --help'"))),
    }
}

fn write(text: &[u8]) -> Result<u8, Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text)?;
    stdout.flush()?;
    Ok(0)
}
