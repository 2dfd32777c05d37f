//! Bounds on how deep a text may lie within itself, and room for that on the stack. The parser goes down as deep as its
//! text does, and nothing in it asks whether there is room left.

/// How deep brackets and compound commands may lie within each other, as far as a look that knows no quotes tells. It takes
/// longer the deeper they lie.
const DEEPEST: usize = 40;

/// How much may begin in one text that may lie within itself. No text lies deeper than that, whatever it quotes.
const MOST_BEGUN: usize = if cfg!(target_family = "wasm") { 64 } else { 1024 };

/// The stack that the parser takes for each of these, in bytes: at the most 20 KiB were seen, without optimisation.
const EACH: usize = 48 << 10;

/// The stack that is left for all else, in bytes.
const MARGIN: usize = 256 << 10;

/// Words that begin what may hold more of its kind, and those that end some of it.
const BEGIN: &[&str] = &["case", "coproc", "elif", "for", "if", "select", "until", "while"];
const END: &[&str] = &["done", "esac", "fi"];

/// Whether a text is refused before anything takes it apart.
pub(crate) fn is_too_deep(text: &str) -> bool {
    depth(text) > DEEPEST || begun(text) > MOST_BEGUN
}

/// Does something that goes down as deep as a text does.
pub(crate) fn for_text<T>(text: &str, act: impl FnOnce() -> T) -> T {
    for_depth(begun(text), act)
}

/// Does something that goes down so deep.
pub(crate) fn for_depth<T>(depth: usize, act: impl FnOnce() -> T) -> T {
    let room = MARGIN + depth * EACH;
    stacker::maybe_grow(room, room + MARGIN, act)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter.is_whitespace() || ";&|(){}`\"'".contains(letter))
}

/// How many things begin in a text that may lie within each other, be they quoted or not: it never lies deeper.
fn begun(text: &str) -> usize {
    let brackets = text.bytes().filter(|byte| matches!(byte, b'(' | b'{' | b'[' | b'`' | b'!')).count();
    brackets + words(text).filter(|word| BEGIN.contains(word)).count()
}

/// How deep things lie within each other, as if nothing were quoted.
fn depth(text: &str) -> usize {
    let brackets = text.bytes().map(|byte| match byte {
        b'(' | b'{' | b'[' => 1,
        b')' | b'}' | b']' => -1,
        _ => 0,
    });
    let compound = words(text).map(|word| match word {
        word if BEGIN.contains(&word) && word != "elif" => 1,
        word if END.contains(&word) => -1,
        _ => 0,
    });
    highest(brackets) + highest(compound)
}

/// The highest that a sum of these gets, which is never below nothing.
fn highest(steps: impl Iterator<Item = isize>) -> usize {
    let (mut sum, mut highest) = (0_usize, 0);
    for step in steps {
        sum = sum.saturating_add_signed(step);
        highest = highest.max(sum);
    }
    highest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_within_each_other_is_counted() {
        assert_eq!(depth("( ( a ) ) ( b )"), 2);
        assert_eq!(depth("if a; then for b in c; do d; done; fi; if e; then f; fi"), 2);
        assert_eq!(depth("echo ${a:-$(b)}"), 2);
        let siblings = "f() { echo `a` \"${b}\"; }\n".repeat(50);
        assert!(!is_too_deep(&siblings), "{}", depth(&siblings));
    }

    #[test]
    fn what_is_quoted_hides_nothing() {
        for (text, least) in [("( ')' ( ')' (", 3), ("`( ( (`", 4), ("if echo fi; then if echo fi; then", 2)]
        {
            assert!(begun(text) >= least, "{text}");
        }
        assert!(is_too_deep(&"( ) ".repeat(MOST_BEGUN + 1)));
    }
}
