//! The heading of a step, with how far the learner is.

use crate::page;
use crate::paint::Paint;

/// How many characters a progress bar has between its brackets.
const BAR: usize = 10;

/// The heading of a step: `Step 3 of 7  [####------]  Title`, the title in a line of its own where it does not fit.
pub(super) fn progress_bar(number: usize, steps: usize, title: &str, width: usize) -> String {
    let filled = number * BAR / steps.max(1);
    let bar = format!("Step {number} of {steps}  [{}{}]", "#".repeat(filled), "-".repeat(BAR - filled));
    let line = format!("{bar}  {title}");
    if line.chars().count() <= width {
        return line;
    }
    format!("{bar}\n{}", page::prose(title, width, Paint::PLAIN).trim_end())
}

/// Whether a line is the first of a heading.
pub(super) fn is_heading(line: &str) -> bool {
    line.starts_with("Step ") && (line.contains("  [#") || line.contains("  [-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_shows_how_far_one_is() {
        assert_eq!(progress_bar(3, 7, "A title", 80), "Step 3 of 7  [####------]  A title");
        assert_eq!(progress_bar(7, 7, "A title", 80), "Step 7 of 7  [##########]  A title");
        assert_eq!(progress_bar(1, 12, "A title", 30), "Step 1 of 12  [----------]\nA title");
        assert!(
            [(0, 7), (3, 7), (7, 7)].iter().all(|(n, of)| is_heading(&progress_bar(*n, *of, "A title", 80)))
        );
        assert!(!is_heading("Step by step you find out."));
    }
}
