//! `vethlab scene`: a network as Docker or Kubernetes makes it, at a prompt.

use super::Failure;
use super::shell::{PromptOptions, prompt};
use vethlab::output;
use vethlab::scenes::{Scene, scenes};

/// Stand in a network that Docker or Kubernetes would have made.
///
/// It is made by the commands that the real tools cause, and then there is a prompt. Without a name the scenes are listed. With
/// '--show' the commands are printed, each group with what causes it; 'vethlab run' and 'vethlab compare' take them as they are.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab scene                          which scenes there are
  vethlab scene docker                   two containers and a published port, on the simulator
  vethlab scene docker --show            the commands that they are made of
  vethlab scene k8s-node --stack real    pods and a Service, on the Linux kernel
  vethlab scene docker --show | vethlab compare -")]
pub(crate) struct Arguments {
    /// The scene; without it they are listed
    name: Option<String>,
    /// Print the commands, and do nothing else
    #[arg(long, requires = "name")]
    show: bool,
    #[command(flatten)]
    prompt: PromptOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let Some(name) = &arguments.name else {
        output::print(&list())?;
        return Ok(0);
    };
    let scenes = scenes();
    let Some(scene) = scenes.iter().find(|scene| scene.name == name) else {
        let names: Vec<_> = scenes.iter().map(|scene| scene.name).collect();
        return Err(Failure::bad_input(format_args!("no scene '{name}': there are {}", names.join(", "))));
    };
    if arguments.show {
        output::print(scene.text)?;
        return Ok(0);
    }
    prompt(&arguments.prompt, &scene.commands(), &greeting(scene))
}

/// The scenes, one a line.
fn list() -> String {
    let scenes = scenes();
    let width = scenes.iter().map(|scene| scene.name.len()).max().unwrap_or(0);
    let line = |scene: &Scene| format!("  {:width$}  {}\n", scene.name, scene.about());
    let lines: String = scenes.iter().map(line).collect();
    format!("{lines}\n'vethlab scene NAME' goes there, 'vethlab scene NAME --show' prints its commands.\n")
}

/// What is said at the prompt.
fn greeting(scene: &Scene) -> String {
    let proposals: String = scene.proposals().map(|line| format!("  {line}\n")).collect();
    let count = scene.commands().len();
    format!(
        "{}\n{count} commands made it: 'vethlab scene {} --show' prints them. 'map' draws it. Try:\n{proposals}",
        scene.about(),
        scene.name
    )
}
