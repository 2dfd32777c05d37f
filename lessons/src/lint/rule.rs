//! The rules that a pack is held against.

use serde::{Serialize, Serializer};
use std::fmt;

/// How much it matters that a rule is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The pack cannot be used so, or cannot be trusted.
    Error,
    /// It works, and somebody should look at it.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident $name:literal $severity:ident,)*) => {
        /// A rule.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule { $($(#[$doc])* $rule,)* }

        impl Rule {
            /// All of them.
            pub const ALL: &'static [Rule] = &[$(Rule::$rule,)*];

            /// Its word.
            pub fn name(self) -> &'static str {
                match self { $(Rule::$rule => $name,)* }
            }

            /// How much it matters.
            pub fn severity(self) -> Severity {
                match self { $(Rule::$rule => Severity::$severity,)* }
            }
        }
    };
}

rules! {
    /// A file is plain text of a bearable size, without characters that a terminal would act on.
    Unreadable "unreadable" Error,
    /// A file has the form that the page on packs describes.
    Format "format" Error,
    /// What a pack says of itself is complete, and the files that it lists are there once.
    Pack "pack" Error,
    /// The folder has the name of the pack.
    FolderName "folder-name" Warning,
    /// Each file of the folder is listed.
    NotListed "not-listed" Warning,
    /// Titles, headings, hints and what checks say are not empty, and something is to be played.
    Empty "empty" Error,
    /// Commands of a setup end with status 0.
    Setup "setup" Error,
    /// No check of an exercise holds at the start: that would be points for nothing.
    StartHolds "start-holds" Error,
    /// What must not be broken is whole at the start.
    Guard "guard" Error,
    /// The start does not have all points.
    StartFull "start-full" Error,
    /// The solution meets all checks.
    Solution "solution" Error,
    /// It meets the optional ones too.
    Optional "optional" Warning,
    /// Its commands end with status 0.
    CommandFails "command-fails" Warning,
    /// A check can fail.
    NeverFails "never-fails" Warning,
    /// A look has to have shown something.
    AnyLook "any-look" Warning,
    /// When a step begins something is left to do.
    NothingToDo "nothing-to-do" Error,
    /// The network answers what it is asked.
    Unanswered "unanswered" Error,
    /// What a step shows is what its commands print.
    UntrueText "untrue-text" Error,
    /// A hint can be opened.
    HintUnreachable "hint-unreachable" Error,
    /// All hints together do not cost more than there is.
    HintCosts "hint-costs" Error,
    /// The simulator and the kernel see the same.
    StacksDiffer "stacks-differ" Error,
    /// A variable is used.
    Unused "unused" Warning,
    /// What varies is not the same for every seed.
    NeverVaries "never-varies" Error,
    /// Each word of a case is drawn by a seed that was tried.
    NotDrawn "not-drawn" Warning,
    /// No address that is written out is one that can be drawn.
    Collision "collision" Error,
    /// A link leads somewhere.
    BrokenLink "broken-link" Error,
    /// The lesson or exercise behind `vethlab start` is there.
    UnknownLesson "unknown-lesson" Error,
    /// A drawing fits a terminal.
    Wide "wide" Warning,
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
