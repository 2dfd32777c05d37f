//! The links of a namespace, by name and by number (`lib/ll_map.c`).

use super::args::no_device;
use super::refused;
use crate::{Context, Failure};
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::LinkView;

/// The links of one namespace.
pub(crate) struct Links(Vec<LinkView>);

impl Links {
    /// Asks the stack for them.
    pub(crate) fn read(context: &mut Context<'_>) -> Result<Links, Failure> {
        context.stack.links(&context.namespace).map(Links).map_err(refused)
    }

    /// All of them, by number.
    pub(crate) fn all(&self) -> &[LinkView] {
        &self.0
    }

    /// The link with this number.
    pub(crate) fn get(&self, index: IfIndex) -> Option<&LinkView> {
        self.0.iter().find(|link| link.index == index)
    }

    /// The number of the link with this name. `if7` is number 7 where no link is named so, even where there
    /// is none of that number (`ll_name_to_index`).
    pub(crate) fn index_of(&self, name: &str) -> Option<IfIndex> {
        let by_name = self.0.iter().find(|link| link.name.as_str() == name).map(|link| link.index);
        by_name.or_else(|| numbered(name))
    }

    /// The same, where the lack of it ends the program.
    pub(crate) fn require(&self, name: &str) -> Result<IfIndex, Failure> {
        self.index_of(name).ok_or_else(|| no_device(name))
    }

    /// The name of the link with this number, made up where there is none (`ll_index_to_name`).
    pub(crate) fn name_of(&self, index: IfIndex) -> String {
        match self.get(index) {
            Some(link) => link.name.to_string(),
            None if index.0 == 0 => "*".to_owned(),
            None => format!("if{index}"),
        }
    }
}

/// The same as [`Links::index_of`] for a program that needs no other link: the stack is asked for this one alone.
pub(crate) fn index(name: &str, context: &mut Context<'_>) -> Result<Option<IfIndex>, Failure> {
    let known = find(name, context)?.map(|link| link.index);
    Ok(known.or_else(|| numbered(name)))
}

/// The same, where the lack of it ends the program.
pub(crate) fn require(name: &str, context: &mut Context<'_>) -> Result<IfIndex, Failure> {
    index(name, context)?.ok_or_else(|| no_device(name))
}

/// The link with this name, if there is one (`ll_link_get`).
fn find(name: &str, context: &mut Context<'_>) -> Result<Option<LinkView>, Failure> {
    // No link has a name that could not be one.
    let Ok(name) = name.parse() else { return Ok(None) };
    context.stack.link_by_name(&context.namespace, &name).map_err(refused)
}

/// The number in `if7`; what follows the digits is passed over.
fn numbered(name: &str) -> Option<IfIndex> {
    let digits = name.strip_prefix("if")?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok().filter(|&number| number != 0).map(IfIndex)
}

#[cfg(test)]
impl Links {
    /// These links.
    pub(crate) fn of(links: Vec<LinkView>) -> Links {
        Links(links)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_can_stand_for_a_name() {
        let links = Links::of(Vec::new());
        assert_eq!(links.index_of("if7"), Some(IfIndex(7)));
        assert_eq!(links.index_of("if7x"), Some(IfIndex(7)));
        assert_eq!(links.index_of("if0"), None);
        assert_eq!(links.index_of("iffy"), None);
        assert_eq!(links.name_of(IfIndex(3)), "if3");
        assert_eq!(links.name_of(IfIndex(0)), "*");
    }
}
