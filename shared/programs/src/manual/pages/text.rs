//! The pages of the small tools that text is piped through.

use super::{Form, LONG, Page};

/// The page of one of them.
const fn tool(command: &'static str, summary: &'static str, forms: &'static [Form]) -> Page {
    Page { help: LONG, ..Page::new(command, summary, forms) }
}

pub(crate) const AWK: Page = tool(
    "awk",
    "print fields of lines",
    &[Form("awk [-F SEPARATOR] PROGRAM [FILE…]", "'{print $1}', /PATTERN/, BEGIN, END, printf")],
);
pub(crate) const BASENAME: Page =
    tool("basename", "the last part of a path", &[Form("basename PATH [SUFFIX]", "the last part of a path")]);
pub(crate) const COLUMN: Page =
    tool("column", "lines as a table", &[Form("column -t [FILE…]", "lines as a table")]);
pub(crate) const CUT: Page =
    tool("cut", "parts of lines", &[Form("cut -d CHARACTER -f LIST [FILE…]", "-c LIST: characters")]);
pub(crate) const DIRNAME: Page =
    tool("dirname", "a path without its last part", &[Form("dirname PATH…", "a path without its last part")]);
pub(crate) const EGREP: Page =
    tool("egrep", "grep -E", &[Form("egrep [OPTIONS] PATTERN [FILE…]", "grep -E")]);
pub(crate) const EXPR: Page =
    tool("expr", "the value of an expression", &[Form("expr EXPRESSION", "the value of an expression")]);
pub(crate) const FGREP: Page = tool("fgrep", "grep -F", &[Form("fgrep [OPTIONS] TEXT [FILE…]", "grep -F")]);
pub(crate) const GREP: Page = tool(
    "grep",
    "lines that fit a pattern",
    &[Form("grep [-ivcqnoEFwxABC] PATTERN [FILE…]", "lines that fit a pattern")],
);
pub(crate) const HEAD: Page =
    tool("head", "the first lines", &[Form("head [-n NUMBER] [FILE…]", "the first lines")]);
pub(crate) const NL: Page = tool("nl", "number lines", &[Form("nl [FILE…]", "number lines")]);
pub(crate) const PRINTF: Page =
    tool("printf", "print by a format", &[Form("printf FORMAT [WORD…]", "%s %d %x %o %c %b %q")]);
pub(crate) const REV: Page =
    tool("rev", "each line from its end", &[Form("rev [FILE…]", "each line from its end")]);
pub(crate) const SED: Page =
    tool("sed", "edit lines", &[Form("sed [OPTIONS] SCRIPT [FILE…]", "s/OLD/NEW/, p, d, q, with addresses")]);
pub(crate) const SEQ: Page =
    tool("seq", "numbers in a row", &[Form("seq [FIRST [STEP]] LAST", "numbers in a row")]);
pub(crate) const SORT: Page =
    tool("sort", "lines in order", &[Form("sort [-nru] [-k N] [-t CHARACTER] [FILE…]", "lines in order")]);
pub(crate) const TAC: Page =
    tool("tac", "lines, the last one first", &[Form("tac [FILE…]", "lines, the last one first")]);
pub(crate) const TAIL: Page =
    tool("tail", "the last lines", &[Form("tail [-n NUMBER] [FILE…]", "the last lines")]);
pub(crate) const TEE: Page = tool(
    "tee",
    "copy what is piped into files",
    &[Form("tee [-a] [FILE…]", "copy what is piped into files")],
);
pub(crate) const TR: Page =
    tool("tr", "change or delete characters", &[Form("tr [-dsc] SET [SET]", "change or delete characters")]);
pub(crate) const UNIQ: Page = tool(
    "uniq",
    "leave out lines that are repeated",
    &[Form("uniq [-cdui]", "leave out lines that are repeated")],
);
pub(crate) const WC: Page =
    tool("wc", "count lines, words, bytes", &[Form("wc [-lwc] [FILE…]", "count lines, words, bytes")]);
