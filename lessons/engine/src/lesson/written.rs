//! What of a file is the same in every edition, and an edition made from it.

use super::error::LineEnds;
use super::markdown::{self, Content, Document, FRONT_MATTER_LINE, Piece};
use super::pack::{LONGEST_WORD, is_word};
use super::section::{Parsed, Reader, WrittenBlock, WrittenBlocks};
use super::template::{self, Names, Part, Template, Texts};
use super::variables::{Values, Variables};
use super::{Edition, LessonError};
use std::collections::BTreeMap;
use toml::Spanned;

/// The most bytes that the text of a file may have with values in it: four times those that it may have without.
const MOST_BYTES_FILLED: usize = 4 << 20;

/// What of a file is the same in every edition.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Written {
    id: String,
    document: Document,
    pub(super) variables: Variables,
    /// What can be done before the values of an edition are known; `None` where nothing can, or it does not pay.
    parsed: Option<Templates>,
}

/// The pieces of a file, taken apart at what is to be filled in.
#[derive(Clone, Debug, PartialEq)]
struct Templates {
    names: Names,
    pieces: Vec<(usize, ContentTemplate)>,
    blocks: WrittenBlocks,
}

#[derive(Clone, Debug, PartialEq)]
enum ContentTemplate {
    Heading(Template),
    Prose(Template),
    Fence { info: Template, body: Template },
}

impl ContentTemplate {
    fn new(content: &Content, names: &mut Names) -> Option<ContentTemplate> {
        Some(match content {
            Content::Heading(text) => ContentTemplate::Heading(Template::parse(text, names)?),
            Content::Prose(text) => ContentTemplate::Prose(Template::parse(text, names)?),
            Content::Fence { info, body } => ContentTemplate::Fence {
                info: Template::parse(info, names)?,
                body: Template::parse(body, names)?,
            },
        })
    }

    fn fill(&self, texts: &Texts) -> Content {
        match self {
            ContentTemplate::Heading(text) => Content::Heading(text.fill(texts)),
            ContentTemplate::Prose(text) => Content::Prose(text.fill(texts)),
            ContentTemplate::Fence { info, body } => {
                Content::Fence { info: info.fill(texts), body: body.fill(texts) }
            }
        }
    }
}

impl Templates {
    fn new(pieces: &[Piece]) -> Option<Templates> {
        let mut names = Names::default();
        let (mut templates, mut blocks) = (Vec::new(), WrittenBlocks::new());
        for Piece { line, content } in pieces {
            templates.push((*line, ContentTemplate::new(content, &mut names)?));
            if let Content::Fence { info, body } = content
                && let Some(block) = WrittenBlock::parse(*line, info, body, &mut names)
            {
                blocks.insert(*line, block);
            }
        }
        Some(Templates { names, pieces: templates, blocks })
    }

    fn fill(&self, texts: &Texts) -> Vec<Piece> {
        let piece =
            |(line, content): &(usize, ContentTemplate)| Piece { line: *line, content: content.fill(texts) };
        self.pieces.iter().map(piece).collect()
    }
}

/// Refuses a text that would be too large in some edition: a long word, named again and again.
fn bound(pieces: &[Piece], variables: &Variables) -> Result<(), LessonError> {
    let mut longest = BTreeMap::new();
    let mut total = 0;
    for Piece { line, content } in pieces {
        let (above, below) = match content {
            Content::Heading(text) | Content::Prose(text) => (text, ""),
            Content::Fence { info, body } => (info, body.as_str()),
        };
        // Of a wrong brace, which ends them, it is told where values are filled in.
        for part in template::parts(above).chain(template::parts(below)).flatten() {
            total += match part {
                Part::Text(text) => text.len(),
                Part::Value(name, _) => *longest.entry(name).or_insert_with(|| variables.longest(name)),
            };
        }
        if total > MOST_BYTES_FILLED {
            let problem = format!(
                "with the values of the variables the text up to here can be larger than {} MiB: write shorter words, or \
                 name them less often",
                MOST_BYTES_FILLED >> 20
            );
            return Err(LessonError::at(*line, problem));
        }
    }
    Ok(())
}

impl Written {
    /// Takes in the variables that the front matter declares.
    pub(super) fn new(
        id: &str,
        variables: BTreeMap<String, Spanned<toml::Table>>,
        document: Document,
    ) -> Result<Written, LessonError> {
        if !is_word(id) {
            return Err(LessonError::at(
                FRONT_MATTER_LINE,
                format_args!(
                    "'id' is made of small letters, digits and '-', {LONGEST_WORD} at most: write a word such as \
                     'two-routers'"
                ),
            ));
        }
        let ends = LineEnds::of(&document.front_matter);
        let line = |place| FRONT_MATTER_LINE + ends.before(place);
        let variables = Variables::read(variables, line)?;
        bound(&document.pieces, &variables)?;
        Ok(Written { id: id.to_owned(), document, variables, parsed: None })
    }

    /// The same, made ready for many editions: what needs no values is done once. An edition that cannot be made from
    /// that is made from the text, which is slower and tells of what is wrong with it.
    #[must_use]
    pub(super) fn for_many_editions(self) -> Written {
        let parsed = Templates::new(&self.document.pieces);
        Written { parsed, ..self }
    }

    /// Draws the variables, and puts their values into the text below the front matter.
    pub(super) fn draw(&self, text: &str, edition: Edition) -> Result<Drawn<'_>, LessonError> {
        let Written { id, document, variables, .. } = self;
        let values = variables
            .draw(id, edition.seed)
            .map_err(|problem| LessonError::at(FRONT_MATTER_LINE, problem))?;
        if let Some(templates) = &self.parsed
            && values.are_plain()
            && let Some(texts) = templates.names.texts(&values)
        {
            let pieces = templates.fill(&texts);
            let parsed = Some((&templates.blocks, texts));
            return Ok(Drawn { variables, values, pieces, parsed, edition });
        }
        let pieces = match variables.is_empty() {
            true => document.pieces.clone(),
            false => markdown::parse(&filled(text, &document.front_matter, &values)?)?.pieces,
        };
        Ok(Drawn { variables, values, pieces, parsed: None, edition })
    }
}

/// A file with the values of one edition in their places.
pub(super) struct Drawn<'a> {
    variables: &'a Variables,
    pub(super) values: Values,
    pub(super) pieces: Vec<Piece>,
    /// What was parsed for all editions, where that is enough for this one.
    parsed: Option<(&'a WrittenBlocks, Texts)>,
    edition: Edition,
}

impl Drawn<'_> {
    pub(super) fn reader(&self) -> Reader<'_> {
        let Drawn { variables, values, parsed, edition, .. } = self;
        let parsed = parsed.as_ref().map(|(blocks, texts)| Parsed { blocks, texts });
        Reader { edition: *edition, variables, values, parsed }
    }
}

/// The text with values in the place of what stands for them, every line where it was.
fn filled(text: &str, front_matter: &str, values: &Values) -> Result<String, LessonError> {
    let above = FRONT_MATTER_LINE + front_matter.lines().count();
    let fill = |(number, line): (usize, &str)| match number <= above {
        true => Ok(format!("{line}\n")),
        false => {
            values.fill(line).map(|line| line + "\n").map_err(|problem| LessonError::at(number, problem))
        }
    };
    (1..).zip(text.lines()).map(fill).collect()
}

/// Pieces without a `# ` heading at their top: that is for other viewers, here the front matter has it.
pub(super) fn titleless(pieces: &[Piece]) -> Vec<Piece> {
    let mut pieces = pieces.to_vec();
    if let Some(Piece { content: Content::Prose(text), .. }) = pieces.first_mut()
        && let Some((_, below)) = text.strip_prefix("# ").and_then(|rest| rest.split_once('\n'))
    {
        *text = below.trim_start_matches('\n').to_owned();
    }
    pieces
}
