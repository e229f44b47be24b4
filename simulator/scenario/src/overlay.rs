//! Values set by hand: `services.checkout.tasks.max=8` over what the file says.
//!
//! An option is TOML itself, a dotted key and a value. It is laid over the tree of the file before
//! that is read, so every rule of the format holds for it. For places, the file and all options
//! stand one behind the other in one text ([`Texts`]): a place tells which of them it is in.

use std::sync::Arc;

use miette::{NamedSource, SourceSpan};
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use crate::{
    limits,
    problem::Problems,
    reader::{Value, span_of},
};

/// What stands before an option in a message.
const FLAG: &str = "--set ";

/// The file and the options laid over it.
#[derive(Debug, Clone)]
pub(crate) struct Texts {
    file: Arc<NamedSource<String>>,
    options: Vec<String>,
}

impl Texts {
    /// The file alone.
    pub(crate) fn of_file(name: &str, text: &str) -> Self {
        let file = NamedSource::new(name, text.to_owned()).with_language("toml");
        Self { file: Arc::new(file), options: Vec::new() }
    }

    /// The file with more options.
    pub(crate) fn with(&self, options: &[String]) -> Self {
        let options = self.options.iter().chain(options).cloned().collect();
        Self { file: Arc::clone(&self.file), options }
    }

    /// The file.
    pub(crate) fn file(&self) -> &Arc<NamedSource<String>> {
        &self.file
    }

    /// The options as they were given.
    pub(crate) fn options(&self) -> &[String] {
        &self.options
    }

    /// The options for the parser: each as long before it as it stands behind the file's start, so
    /// that places come out right.
    pub(crate) fn padded(&self) -> Vec<String> {
        let starts = self.starts();
        let padded = self.options.iter().zip(starts);
        padded.map(|(option, start)| " ".repeat(start) + option).collect()
    }

    /// Where each option starts, behind the file and a flag each.
    fn starts(&self) -> Vec<usize> {
        let mut end = self.file.inner().len();
        let start = |option: &String| {
            // One apart, so that the end of one text is not the start of the next.
            let start = end + 1 + FLAG.len();
            end = start + option.len();
            start
        };
        self.options.iter().map(start).collect()
    }

    /// The option that `span` is in and where in the shown text of it; `None` for the file.
    pub(crate) fn locate(
        &self,
        span: SourceSpan,
    ) -> Option<(Arc<NamedSource<String>>, SourceSpan)> {
        let starts = self.starts();
        let index = starts.partition_point(|start| *start <= span.offset()).checked_sub(1)?;
        let text = format!("{FLAG}{}", self.options[index]);
        let offset = (span.offset() - starts[index] + FLAG.len()).min(text.len());
        let length = span.len().min(text.len() - offset);
        let source = NamedSource::new("command line", text);
        Some((Arc::new(source), (offset, length).into()))
    }

    /// The place of the whole option.
    fn whole(&self, index: usize) -> SourceSpan {
        (self.starts()[index], self.options[index].len()).into()
    }

    /// Lays every option over `tree`. `padded` is [`Texts::padded`].
    pub(crate) fn lay<'i>(
        &self,
        tree: &mut Value<'i>,
        padded: &'i [String],
        problems: &mut Problems,
    ) {
        if padded.len() > limits::OVERRIDES {
            let help = format!("at most {} are allowed: write a file", limits::OVERRIDES);
            problems.add(None, format!("{} values are set by hand", padded.len()), help);
            return;
        }
        let mut earlier: Vec<Vec<String>> = Vec::new();
        for (index, text) in padded.iter().enumerate() {
            match Setting::parse(text) {
                Ok(setting) => {
                    let path = setting.names();
                    if let Some(before) = earlier.iter().position(|other| other.starts_with(&path))
                    {
                        self.twice((before, index), earlier[before] == path, problems);
                        earlier.push(path);
                        continue;
                    }
                    earlier.push(path);
                    if let Err((span, message, help)) = setting.lay(tree) {
                        problems.add(span, message, help);
                    }
                }
                Err((message, help)) => {
                    problems.add(self.whole(index), message, help);
                    // Its place is kept, so that places in the list are those of the options.
                    earlier.push(Vec::new());
                }
            }
        }
    }

    /// Reports an option that leaves nothing of an earlier one.
    fn twice(&self, (earlier, later): (usize, usize), is_same_key: bool, problems: &mut Problems) {
        let (first, second) = (self.options[earlier].trim(), self.options[later].trim());
        let message = if is_same_key {
            format!("one value is set twice: `{first}` and `{second}`")
        } else {
            format!("`{second}` leaves nothing of `{first}`")
        };
        problems.add(self.whole(later), message, "drop one of the two");
    }
}

/// A key as it is written.
type Key<'i> = Spanned<std::borrow::Cow<'i, str>>;

/// A dotted key and its value.
struct Setting<'i> {
    path: Vec<Key<'i>>,
    value: Value<'i>,
}

impl<'i> Setting<'i> {
    fn parse(text: &'i str) -> Result<Self, (String, &'static str)> {
        const HELP: &str = "give KEY=VALUE, such as `services.checkout.tasks.max=8`";
        let option = text.trim();
        let no_setting = || (format!("`{option}` sets nothing"), HELP);
        let (_, written) = option.split_once('=').ok_or_else(no_setting)?;
        if option.starts_with('[') || option.contains(['\n', '\r']) {
            return Err(no_setting());
        }
        let table = DeTable::parse(text).map_err(|error| {
            let bare = written.trim();
            let word = bare.starts_with(|c: char| c.is_ascii_alphanumeric() || "<>=".contains(c));
            let help = if word { "quote a text within the option: 'KEY=\"VALUE\"'" } else { HELP };
            (format!("not TOML: {}", error.message()), help)
        })?;
        let mut value = Spanned::new(table.span(), DeValue::Table(table.into_inner()));
        let mut path = Vec::new();
        loop {
            let span = value.span();
            // A table in braces is a value; any other is a part of the dotted key.
            let braces = !path.is_empty() && text[span.start..].starts_with('{');
            match value.into_inner() {
                DeValue::Table(table) if !braces => {
                    let (key, inner) = table.into_iter().next().ok_or_else(no_setting)?;
                    path.push(key);
                    value = inner;
                }
                other => return Ok(Self { path, value: Spanned::new(span, other) }),
            }
        }
    }

    /// The names of its path.
    fn names(&self) -> Vec<String> {
        self.path.iter().map(|key| key.get_ref().to_string()).collect()
    }

    /// Puts the value where the path leads; tables that are not there are made.
    fn lay(self, tree: &mut Value<'i>) -> Result<(), (SourceSpan, String, String)> {
        let mut at = tree;
        let mut path = self.path.into_iter().peekable();
        while let Some(key) = path.next() {
            let last = path.peek().is_none();
            let span = span_of(&key);
            let name = key.get_ref().to_string();
            at = match at.get_mut() {
                DeValue::Table(table) if last => {
                    // The key goes too, so that a problem with it is shown in the option.
                    table.remove(&*name);
                    table.insert(key, self.value);
                    return Ok(());
                }
                DeValue::Table(table) => {
                    let empty = Spanned::new(key.span(), DeValue::Table(DeTable::new()));
                    table.entry(key).or_insert(empty)
                }
                DeValue::Array(items) => entry(items, &name, span)?,
                _ => {
                    let message = format!("`{name}` leads into a value that is no table");
                    return Err((span, message, "set the value itself".to_owned()));
                }
            };
            if last {
                *at = self.value;
                return Ok(());
            }
        }
        Ok(())
    }
}

/// The entry of a list that `name` counts, from 0.
fn entry<'a, 'i>(
    items: &'a mut DeArray<'i>,
    name: &str,
    span: SourceSpan,
) -> Result<&'a mut Value<'i>, (SourceSpan, String, String)> {
    let entries = items.len();
    let item = name.parse::<usize>().ok().and_then(|index| items.get_mut(index));
    item.ok_or_else(|| {
        let help = match entries {
            0 => "the list is empty: set the whole list".to_owned(),
            _ => format!("its entries are 0 to {}", entries - 1),
        };
        (span, format!("the list has no entry `{name}`"), help)
    })
}
