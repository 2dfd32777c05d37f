//! `vethlab completions` and `vethlab manual`: from the same definitions as the parser.

use super::{Cli, Failure};
use clap::{Command, CommandFactory};
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use vethlab::output::shown;

/// Print the completions for a shell.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab completions bash > ~/.local/share/bash-completion/completions/vethlab
  vethlab completions fish > ~/.config/fish/completions/vethlab.fish
  vethlab completions zsh > ~/.zfunc/_vethlab    with ~/.zfunc in $fpath")]
pub(crate) struct CompletionArguments {
    /// The shell
    shell: clap_complete::Shell,
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
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "vethlab", &mut text);
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
