//! What is wrong with a scenario: every problem, where it is, and the way out.

use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};

use crate::overlay::Texts;

/// Everything that is wrong with one scenario, or with what is asked of it. Nothing of it was run.
#[derive(Debug, Clone, thiserror::Error, Diagnostic)]
#[error("scenario `{}`{overrides} {}", source_text.name(), verdict(*about, problems.len()))]
#[diagnostic(code(securecart::scenario))]
pub struct Diagnostics {
    about: About,
    #[source_code]
    source_text: Arc<NamedSource<String>>,
    /// What was set by hand, in words.
    overrides: String,
    /// At least one, in the order of the text.
    #[related]
    problems: Vec<Problem>,
}

impl Diagnostics {
    /// The problems in the order of the text; at least one.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// What the problems are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// The text of a scenario, and the values set by hand.
    Text,
    /// Options, for a scenario that is valid without them.
    Options,
}

fn verdict(about: About, problems: usize) -> String {
    match about {
        About::Text => format!("has {}", counted(problems)),
        About::Options => "can't be played with these options".to_owned(),
    }
}

fn counted(problems: usize) -> String {
    if problems == 1 { "a problem".to_owned() } else { format!("{problems} problems") }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Diagnostic)]
#[error("{message}")]
pub struct Problem {
    /// What is wrong: names the thing and the value.
    message: String,
    /// The option it is in; absent where it is in the scenario's file.
    #[source_code]
    option: Option<Arc<NamedSource<String>>>,
    /// Where; absent for what a number on the command line asked.
    #[label("here")]
    span: Option<SourceSpan>,
    /// The way out.
    #[help]
    help: Option<String>,
}

/// Collects problems while reading goes on.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// Adds one.
    pub(crate) fn add(
        &mut self,
        span: impl Into<Option<SourceSpan>>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let help = Some(help.into()).filter(|help| !help.is_empty());
        self.found.push(Problem { message: message.into(), option: None, span: span.into(), help });
    }

    /// Whether none was found so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// `value` when there is no problem, all of them otherwise.
    pub(crate) fn unless_any<T>(
        mut self,
        value: T,
        about: About,
        texts: &Texts,
    ) -> Result<T, Diagnostics> {
        if self.found.is_empty() {
            return Ok(value);
        }
        self.found.sort_by_key(|problem| problem.span.map_or(usize::MAX, |span| span.offset()));
        for problem in &mut self.found {
            if let Some((option, span)) = problem.span.and_then(|span| texts.locate(span)) {
                (problem.option, problem.span) = (Some(option), Some(span));
            }
        }
        let options: Vec<_> =
            texts.options().iter().map(|option| format!("`--set {option}`")).collect();
        let with = if options.is_empty() { "" } else { " with " };
        Err(Diagnostics {
            about,
            source_text: Arc::clone(texts.file()),
            overrides: with.to_owned() + &options.join(", "),
            problems: self.found,
        })
    }
}
