//! Networks as Docker and Kubernetes make them, as the commands that they are made of.
//!
//! A scene is a file of commands. Its comments at the top say what it is: the first line in a sentence, then where the
//! commands come from, and with `Try:` what can be done with it.

use include_dir::{Dir, include_dir};
use std::path::Path;
use vethlab_engine::script;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenes");

/// What stands before a command that a scene proposes.
const TRY: &str = "# Try: ";

/// A network that can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scene {
    /// Its word on the command line.
    pub name: &'static str,
    /// The file, with its comments.
    pub text: &'static str,
}

impl Scene {
    /// What it is, in a sentence.
    pub fn about(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches("# ")
    }

    /// The commands that it is made of.
    pub fn commands(&self) -> Vec<String> {
        script::commands(self.text.as_bytes()).expect("text of this program")
    }

    /// Commands that show what it can do. All of them end well.
    pub fn proposals(&self) -> impl Iterator<Item = &'static str> {
        self.text.lines().filter_map(|line| line.strip_prefix(TRY))
    }
}

/// All scenes, by their names.
pub fn scenes() -> Vec<Scene> {
    let name = |path: &'static Path| path.file_stem().and_then(|name| name.to_str());
    let scene = |file: &'static include_dir::File<'static>| {
        Some(Scene { name: name(file.path())?, text: file.contents_utf8()? })
    };
    EMBEDDED.files().filter_map(scene).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scene_says_what_it_is_and_what_can_be_tried() {
        assert_eq!(scenes().len(), EMBEDDED.files().count());
        for scene in scenes() {
            assert!(scene.about().ends_with('.'), "{}: {}", scene.name, scene.about());
            assert!(
                scene.text.lines().nth(1).is_some_and(|line| line.starts_with("# Source: ")),
                "{}",
                scene.name
            );
            assert!(scene.proposals().count() >= 2, "{}", scene.name);
            assert!(scene.commands().len() > 20, "{}", scene.name);
        }
    }
}
