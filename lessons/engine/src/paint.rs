//! Colour, where it is wanted.

use anstyle::{AnsiColor, Style};

/// How vethlab's own text looks: with colour on a terminal that has it, unless `NO_COLOR` or its like says no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paint {
    colour: bool,
}

impl Paint {
    /// Never any colour.
    pub const PLAIN: Paint = Paint { colour: false };

    /// Always colour.
    #[cfg(test)]
    pub(crate) const COLOURED: Paint = Paint { colour: true };

    /// With colour or without.
    pub fn new(colour: bool) -> Paint {
        Paint { colour }
    }

    /// Whether there is colour.
    pub fn has_colour(self) -> bool {
        self.colour
    }

    /// A heading.
    pub fn heading(self, text: &str) -> String {
        self.styled(Style::new().bold().underline(), text)
    }

    /// Something to take note of.
    pub fn strong(self, text: &str) -> String {
        self.styled(Style::new().bold(), text)
    }

    /// What can be typed.
    pub fn code(self, text: &str) -> String {
        self.styled(AnsiColor::Cyan.on_default(), text)
    }

    /// Good news.
    pub fn good(self, text: &str) -> String {
        self.styled(AnsiColor::Green.on_default(), text)
    }

    /// What is not so.
    pub fn bad(self, text: &str) -> String {
        self.styled(AnsiColor::Red.on_default(), text)
    }

    /// What is less important.
    pub fn dim(self, text: &str) -> String {
        self.styled(Style::new().dimmed(), text)
    }

    fn styled(self, style: Style, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}
