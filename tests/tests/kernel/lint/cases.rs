//! The broken packs: what is altered in a good one, and what is to be said of it.

use vethlab::lint::Rule;

/// How the good pack is broken.
#[derive(Clone, Copy)]
pub(crate) enum Edit {
    /// Every such text becomes another.
    Replace(&'static str, &'static str),
    /// What stands from the first text up to the second goes.
    Cut(&'static str, &'static str),
    /// There is a further file, with this text.
    File(&'static str),
}
use Edit::{Cut, File, Replace};

/// A broken pack, and what is to be said of it.
pub(crate) struct Case {
    pub(crate) rule: Rule,
    /// The file that is broken.
    pub(crate) file: &'static str,
    pub(crate) edits: &'static [Edit],
    /// What stands in the line that is named; empty where the file as a whole is.
    pub(crate) at: &'static str,
    /// Words of the problem.
    pub(crate) words: &'static str,
    /// Rules that are broken along with it.
    pub(crate) also: &'static [Rule],
}

const PACK: &str = "pack.toml";
const LESSON: &str = "first-lesson.md";
const EXERCISE: &str = "first-exercise.md";

const fn case(
    rule: Rule,
    file: &'static str,
    edits: &'static [Edit],
    at: &'static str,
    words: &'static str,
) -> Case {
    Case { rule, file, edits, at, words, also: &[] }
}

pub(crate) const CASES: &[Case] = &[
    case(
        Rule::Unreadable,
        EXERCISE,
        &[Replace("nothing between", "\u{1b}[2J")],
        "\u{1b}",
        "control character (\\u{1b})",
    ),
    case(Rule::Unreadable, "notes.md", &[File("one\ntwo \u{202e} three\n")], "three", "(\\u{202e})"),
    case(
        Rule::Format,
        EXERCISE,
        &[Replace("version = 1", "versoin = 1")],
        "versoin",
        "unknown field `versoin`",
    ),
    case(
        Rule::Format,
        EXERCISE,
        &[Replace("version = 1", "# 1")],
        "# This is TOML",
        "missing field `version`",
    ),
    case(
        Rule::Format,
        EXERCISE,
        &[Replace("points = 3", "points = \"three\"")],
        "points = \"three\"",
        "'points' is to be a number, and \"three\" is a text",
    ),
    case(
        Rule::Format,
        EXERCISE,
        &[Replace("points = 3", "points = 4294967295")],
        "points = ",
        "4294967295 points are too many for a check",
    ),
    case(
        Rule::Format,
        EXERCISE,
        &[Replace("vethlab hint 1", "vethlab hint 1001")],
        "```vethlab hint 1001",
        "1001 points are too many for a hint",
    ),
    case(
        Rule::Format,
        EXERCISE,
        &[
            Replace("[variables]", "[variables]\nsize = { number = [1200, 1400] }"),
            Replace("points = 3", "points = 3\nsize = \"{size}\""),
        ],
        "size = \"",
        "without quotes, a variable's too, as 'size = {size}'",
    ),
    case(
        Rule::Format,
        EXERCISE,
        &[Replace("points = 3", "points = 3\nsize = 100000")],
        "size = 100000",
        "100000 cannot stand here: write a number from 0 to 65507",
    ),
    case(
        Rule::Format,
        EXERCISE,
        &[Replace("points = 3", "points = 3\nsysctl = \"net.ipv4.ip_forward\"")],
        "sysctl = ",
        "a check has one fact, and this one has ping and sysctl",
    ),
    case(
        Rule::Format,
        EXERCISE,
        &[Replace("id = \"addresses\"", "id = \"addresses\"\nneeds = [\"addresses\"]")],
        "needs = [\"addresses\"]",
        "so neither would ever be looked at: leave one of them out",
    ),
    case(
        Rule::Format,
        EXERCISE,
        &[Replace("ping = \"{lan.2}\"", "seen = \"ic mp\"\non = \"cable\"")],
        "seen = ",
        "as in pcap-filter(7), such as 'icmp and host 10.0.0.2'",
    ),
    case(
        Rule::Solution,
        EXERCISE,
        &[Replace("ping = \"{lan.2}\"\nin = \"{people.1}\"", "ping = \"{lan.2}\"\nin = \"gaet\"")],
        "in = \"gaet\"",
        "there is no namespace 'gaet'",
    ),
    case(
        Rule::Solution,
        EXERCISE,
        &[Replace("ping = \"{lan.2}\"", "sysctl = \"net.ipv4.ip_forwrad\"\nvalue = \"1\"")],
        "sysctl = ",
        "there is no setting 'net.ipv4.ip_forwrad' in",
    ),
    case(
        Rule::Format,
        EXERCISE,
        &[Replace("fail = \"Is", "fail = \"\\u001b[2JIs")],
        "\\u001b",
        "control character",
    ),
    case(
        Rule::Format,
        EXERCISE,
        &[Cut("```vethlab solution", "nothing")],
        "# A cable between",
        "needs a solution",
    ),
    case(
        Rule::Format,
        EXERCISE,
        &[Replace("ping = \"{lan.2}\"", "ping = \"{wan.2}\"")],
        "{wan.2}",
        "no variable 'wan'",
    ),
    case(Rule::Format, LESSON, &[Replace("answer = 2", "answer = 3")], "```vethlab predict", "1 to 2"),
    case(Rule::Format, PACK, &[Replace("format = 1 ", "format = 2 ")], "format", "reads format 1"),
    case(Rule::Pack, PACK, &[Replace("id = \"my-pack\"", "id = \"My pack\"")], "My pack", "small letters"),
    Case {
        also: &[Rule::NotListed],
        ..case(
            Rule::Pack,
            PACK,
            &[Replace("first-lesson.md", "second.md")],
            "second.md",
            "no file 'second.md'",
        )
    },
    case(
        Rule::Pack,
        PACK,
        &[Replace("\"first-lesson.md\",", "\"first-lesson.md\", \"first-lesson.md\",")],
        "\"first-lesson.md\",",
        "listed twice",
    ),
    case(
        Rule::Pack,
        EXERCISE,
        &[Replace("id = \"first-exercise\"", "id = \"first-lesson\"")],
        "# This is TOML",
        "has the id 'first-lesson' already",
    ),
    case(
        Rule::FolderName,
        PACK,
        &[Replace("id = \"my-pack\"", "id = \"other\"")],
        "id = ",
        "its folder has another name",
    ),
    case(Rule::NotListed, "more.md", &[File("text\n")], "", "nothing lists this file"),
    case(Rule::Empty, PACK, &[Replace("A pack to begin with", " ")], "title", "'title' is empty"),
    Case {
        also: &[Rule::NotListed],
        ..case(
            Rule::Empty,
            PACK,
            &[Cut("lessons = [", "exercises"), Cut("exercises = [", "nothing")],
            "# What this",
            "lists no lesson",
        )
    },
    case(Rule::Empty, LESSON, &[Replace("minutes = 5", "minutes = 0")], "# This is TOML", "'minutes' is 0"),
    case(
        Rule::Empty,
        LESSON,
        &[Replace("minutes = 5", "stacks = []\nminutes = 5")],
        "# This is TOML",
        "can be played nowhere",
    ),
    case(Rule::Empty, LESSON, &[Replace("## What you take along", "## ")], "## \n", "the heading is empty"),
    case(Rule::Empty, LESSON, &[Replace("It is called `lo`.", " ")], "```vethlab hint", "the hint is empty"),
    case(Rule::Empty, LESSON, &[Replace("you answered the question", "")], "say = ", "'say' is empty"),
    case(
        Rule::Setup,
        EXERCISE,
        &[Replace("ip netns add {people.2}", "ip netns add {people.1}")],
        "ip netns add {people.1}",
        "File exists",
    ),
    case(
        Rule::Setup,
        LESSON,
        &[Replace("ip netns add red", "ip netns add red\nip link set lo up\nping -c 10000000 127.0.0.1")],
        "ping -c 10000000 127.0.0.1",
        "takes more than",
    ),
    case(
        Rule::StartHolds,
        EXERCISE,
        &[Replace("in = \"{people.1}\"\nguard = true", "in = \"{people.1}\"")],
        "[[check]]\nsay = \"{people.1} keeps",
        "holds before anything is done",
    ),
    Case {
        also: &[Rule::Solution],
        ..case(
            Rule::Guard,
            EXERCISE,
            &[Replace("ip -n {people.1} addr add 192.0.2.1/24 dev spare", "# nothing")],
            "[[check]]\nsay = \"{people.1} keeps",
            "does not hold at the start",
        )
    },
    case(
        Rule::Guard,
        EXERCISE,
        &[Replace(
            "# What holds",
            "[[check]]\nsay = \"more\"\nlink = \"cable\"\nin = \"{people.1}\"\nguard = true\nneeds = [\"addresses\"]\n# What holds",
        )],
        "[[check]]\nsay = \"more\"",
        "does not hold at the start",
    ),
    case(
        Rule::StartFull,
        EXERCISE,
        &[Cut("[[check]]\nid = \"addresses\"", "# What holds")],
        "[[check]]\nsay = \"{people.1} keeps",
        "every check is a guard",
    ),
    case(
        Rule::Solution,
        EXERCISE,
        &[Replace("ip -n {people.2} link set cable up\n", "")],
        "[[check]]\nsay = \"{people.1} reaches",
        "does not meet this",
    ),
    case(
        Rule::Solution,
        EXERCISE,
        &[Replace(
            "ip -n {people.2} link set cable up\n",
            "ip -n {people.2} link set cable up\nip link set lo up\nping -c 10000000 127.0.0.1\n",
        )],
        "```vethlab solution",
        "takes more than",
    ),
    Case {
        also: &[Rule::Optional, Rule::NeverFails],
        ..case(
            Rule::Solution,
            EXERCISE,
            &[
                Replace("id = \"other-address\"", "id = \"other-address\"\noptional = true"),
                Replace("ip -n {people.2} addr add {lan.2}", "ip -n {people.2} addr add {lan.3}"),
            ],
            "[[check]]\nsay = \"{people.1} reaches",
            "never looked at",
        )
    },
    case(
        Rule::Solution,
        LESSON,
        &[Replace(
            "```vethlab solution\nip -n red link set lo up",
            "```vethlab solution\nip -n red link set lo down",
        )],
        "[[check]]\nsay = \"the loopback link of red is up",
        "does not meet this",
    ),
    case(
        Rule::Optional,
        EXERCISE,
        &[Replace(
            "# What holds at",
            "[[check]]\nsay = \"more\"\nnamespace = \"more\"\noptional = true\n# What holds at",
        )],
        "[[check]]\nsay = \"more\"",
        "does not do what is optional",
    ),
    case(
        Rule::CommandFails,
        EXERCISE,
        &[Replace(
            "ip -n {people.2} link set cable up\n",
            "ip -n {people.2} link set cable up\nip link set nosuch up\n",
        )],
        "nosuch",
        "ends with status 1",
    ),
    case(
        Rule::CommandFails,
        LESSON,
        &[Replace(
            "```vethlab solution\nip -n red link set lo up",
            "```vethlab solution\nip -n red link set lo up\nip link set nosuch up",
        )],
        "nosuch",
        "ends with status 1",
    ),
    case(
        Rule::NeverFails,
        EXERCISE,
        &[Replace(
            "# What holds at",
            "[[check]]\nsay = \"never\"\ncount_of = \"links\"\nat_least = 1\nneeds = [\"addresses\"]\n# What holds at",
        )],
        "[[check]]\nsay = \"never\"",
        "nothing that was tried makes this fail",
    ),
    case(
        Rule::AnyLook,
        LESSON,
        &[Replace("looked = [\"ip link\"]\nshows = \"lo\"", "looked = [\"ip link\"]")],
        "looked = ",
        "an empty table too",
    ),
    case(
        Rule::NothingToDo,
        LESSON,
        &[
            Replace("up = true", "up = false"),
            Replace(
                "```vethlab solution\nip -n red link set lo up",
                "```vethlab solution\nip -n red link set lo down",
            ),
        ],
        "## A step that changes",
        "nothing is left to do",
    ),
    case(
        Rule::Unanswered,
        LESSON,
        &[
            Cut("choices = [", "why ="),
            Replace("why =", "answer_from = \"link lo mac\"\nin = \"blue\"\nwhy ="),
        ],
        "question = ",
        "does not answer this",
    ),
    case(
        Rule::UntrueText,
        LESSON,
        &[Replace("00 <LOOPBACK>", "00 <LOOPBACK,UP>")],
        "<LOOPBACK,UP>",
        "does not print there",
    ),
    case(
        Rule::HintUnreachable,
        LESSON,
        &[Replace("* The last step", "```vethlab hint\nMore.\n```\n\n* The last step")],
        "```vethlab hint\nMore",
        "its hint is never shown",
    ),
    case(
        Rule::HintCosts,
        EXERCISE,
        &[Replace("vethlab hint 1", "vethlab hint 9")],
        "```vethlab hint\n",
        "cost 9 points",
    ),
    case(
        Rule::StacksDiffer,
        EXERCISE,
        &[Replace(
            "ip -n {people.2} link set cable up\n```",
            "```\n\n```vethlab solution sim\nip -n {people.2} link set cable up\n```",
        )],
        "[[check]]\nsay = \"{people.1} reaches",
        "it holds on sim",
    ),
    Case {
        also: &[Rule::NothingToDo],
        ..case(
            Rule::StacksDiffer,
            LESSON,
            &[
                Replace("ip netns add red\n```", "ip netns add red\n```\n"),
                Replace(
                    "Switch it on.",
                    "Switch it on.\n\n```vethlab setup sim\nip netns add red\n```\n\n```vethlab setup real\nip netns add red\nip -n red link set lo up\n```",
                ),
            ],
            "[[check]]\nsay = \"the loopback link of red is up",
            "holds on real and not on sim",
        )
    },
    case(
        Rule::Unused,
        EXERCISE,
        &[Replace("[variables]", "[variables]\nsize = { number = [1, 9] }")],
        "size = ",
        "'size' is never used",
    ),
    case(
        Rule::NeverVaries,
        EXERCISE,
        &[
            Replace("{people.1}", "ann"),
            Replace("{people.2}", "bob"),
            Cut("people = ", "---"),
            Replace("10.0.0.0/8", "10.0.0.0/24"),
        ],
        "lan = ",
        "seeds give the same",
    ),
    case(
        Rule::NotDrawn,
        EXERCISE,
        &[
            Replace("[variables]", "[variables]\nfault = { pick = [\"a\", \"b\", \"c\"] }"),
            Replace(
                "```vethlab solution",
                "```vethlab case fault a\nhints = [\"A.\"]\n```\n\n```vethlab case fault b\nhints = [\"B.\"]\n```\n\n```vethlab case fault c\nhints = [\"C.\"]\n```\n\n```vethlab solution",
            ),
        ],
        "```vethlab case fault",
        "so it was not tried",
    ),
    case(
        Rule::Collision,
        EXERCISE,
        &[Replace("192.0.2.1", "10.9.9.9")],
        "addr add 10.9.9.9",
        "for some seed the two meet",
    ),
    case(
        Rule::Collision,
        EXERCISE,
        &[
            Replace("[variables]", "[variables]\nserver = { host = \"lan\" }"),
            Replace("Then `{people.1}`", "{server}, {lan.200}. Then"),
        ],
        "{lan.200}",
        "can be the address that is drawn for 'server'",
    ),
    case(
        Rule::BrokenLink,
        LESSON,
        &[Replace("Switch it on.", "Switch it [on](nothing.md).")],
        "nothing.md",
        "leads to 'nothing.md'",
    ),
    case(
        Rule::UnknownLesson,
        LESSON,
        &[Replace("Switch it on.", "As in `vethlab start nosuch`.")],
        "nosuch",
        "'vethlab start nosuch' starts nothing",
    ),
    case(
        Rule::Wide,
        EXERCISE,
        &[Replace(" -------", " -----------------------------------------------------------------------")],
        "-----",
        "columns wide",
    ),
];
