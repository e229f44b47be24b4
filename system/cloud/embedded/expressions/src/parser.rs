//! What the grammars share: the tokens with a place in them, paths, operands and limits.
//!
//! Syntax errors end parsing at once. Other defects are noted and parsing goes on, because AWS
//! reports syntax errors first, whatever comes before them in the text.

use crate::{
    ExpressionError, Placeholders,
    error::Kind,
    operand::{Function, FunctionName, Operand},
    path::{Path, Segment, check_depth},
    token::{Shape, Token, near, tokens},
};

/// Bytes an expression can have (AWS developer guide, "Quotas", "Expression parameters").
const MAX_LENGTH: usize = 4_096;

/// Operators and functions an expression can have (same place).
const MAX_OPERATORS: usize = 300;

/// Parentheses, functions and negations inside of each other. AWS documents no limit but that on
/// operators; this one bounds the stack: 200 levels fit into 2 MB without any optimisation.
const MAX_DEPTH: usize = 100;

/// A text on its way to an expression.
pub(crate) struct Parser<'t> {
    pub(crate) kind: Kind,
    text: &'t str,
    tokens: Vec<Token>,
    position: usize,
    depth: usize,
    operators: usize,
    /// Where the parentheses that closed last begin and end.
    last_pair: Option<(usize, usize)>,
    placeholders: Placeholders,
    defects: Defects,
}

/// The first defect of each sort, in AWS's order of importance.
#[derive(Default)]
struct Defects {
    parentheses: bool,
    unknown_function: Option<String>,
    misused_function: Option<FunctionName>,
    reserved: Option<String>,
    other: Option<ExpressionError>,
}

impl<'t> Parser<'t> {
    pub(crate) fn new(kind: Kind, text: &'t str) -> Result<Self, ExpressionError> {
        let refuse = |defect| Err(ExpressionError::invalid(kind, defect));
        if text.len() > MAX_LENGTH {
            return refuse(format!(
                "Expression size has exceeded the maximum allowed size; expression size: {}",
                text.len()
            ));
        }
        let tokens = tokens(text);
        if tokens.len() == 1 {
            return refuse("The expression can not be empty;".to_owned());
        }
        Ok(Self {
            kind,
            text,
            tokens,
            position: 0,
            depth: 0,
            operators: 0,
            last_pair: None,
            placeholders: Placeholders::default(),
            defects: Defects::default(),
        })
    }

    /// The end of the text: the placeholders, or the most important defect.
    pub(crate) fn finish(mut self) -> Result<Placeholders, ExpressionError> {
        self.expect(Shape::End)?;
        let kind = self.kind;
        let defects = &mut self.defects;
        if defects.parentheses {
            return Err(ExpressionError::invalid(kind, REDUNDANT));
        }
        if self.kind == Kind::Update
            && let Some(error) = reserved_error(kind, defects.reserved.as_deref())
        {
            return Err(error);
        }
        if let Some(name) = &defects.unknown_function {
            return Err(ExpressionError::invalid(kind, unknown(kind, name)));
        }
        if let Some(name) = defects.misused_function {
            return Err(misused(kind, name));
        }
        if let Some(error) = reserved_error(kind, defects.reserved.as_deref()) {
            return Err(error);
        }
        match defects.other.take() {
            Some(error) => Err(error),
            None => Ok(self.placeholders),
        }
    }

    pub(crate) fn shape(&self) -> Shape {
        self.tokens[self.position].shape
    }

    pub(crate) fn next_shape(&self) -> Shape {
        self.tokens.get(self.position + 1).map_or(Shape::End, |token| token.shape)
    }

    pub(crate) fn token_text(&self) -> &'t str {
        self.tokens[self.position].text(self.text)
    }

    /// Whether the next token is the word `keyword`, in any case.
    pub(crate) fn at_keyword(&self, keyword: &str) -> bool {
        self.shape() == Shape::Word && self.token_text().eq_ignore_ascii_case(keyword)
    }

    /// Goes past the next token, but never past the end.
    pub(crate) fn advance(&mut self) {
        if self.shape() != Shape::End {
            self.position += 1;
        }
    }

    /// Goes past the next token if it is a `shape`.
    pub(crate) fn take(&mut self, shape: Shape) -> bool {
        let taken = self.shape() == shape;
        if taken {
            self.advance();
        }
        taken
    }

    /// Goes past the next token if it is the word `keyword`.
    pub(crate) fn take_keyword(&mut self, keyword: &str) -> bool {
        let taken = self.at_keyword(keyword);
        if taken {
            self.advance();
        }
        taken
    }

    pub(crate) fn expect(&mut self, shape: Shape) -> Result<(), ExpressionError> {
        if self.shape() != shape {
            return Err(self.syntax_error());
        }
        self.advance();
        Ok(())
    }

    /// The refusal of the next token.
    pub(crate) fn syntax_error(&self) -> ExpressionError {
        ExpressionError::invalid(
            self.kind,
            format_args!(
                "Syntax error; token: \"{}\", near: \"{}\"",
                self.token_text(),
                near(self.text, &self.tokens, self.position)
            ),
        )
    }

    /// Goes one level into parentheses, a function or a negation.
    pub(crate) fn enter(&mut self) -> Result<(), ExpressionError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let defect =
                format!("The expression is nested too deeply; levels allowed: {MAX_DEPTH}");
            return Err(ExpressionError::invalid(self.kind, defect));
        }
        Ok(())
    }

    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Counts an operator or function.
    pub(crate) fn count_operator(&mut self) -> Result<(), ExpressionError> {
        self.operators += 1;
        if self.operators > MAX_OPERATORS {
            let count = self.operators;
            let defect =
                format!("The expression contains too many operators; operator count: {count}");
            return Err(ExpressionError::invalid(self.kind, defect));
        }
        Ok(())
    }

    /// Opens parentheses around a part of the expression; gives what `close` needs.
    pub(crate) fn open(&mut self) -> Result<usize, ExpressionError> {
        let start = self.position;
        self.enter()?;
        self.expect(Shape::Open)?;
        Ok(start)
    }

    /// Closes the parentheses that began at `start`, and notes when all they hold is in
    /// parentheses already, as in `((a = b))`.
    pub(crate) fn close(&mut self, start: usize) -> Result<(), ExpressionError> {
        let end = self.position;
        self.expect(Shape::Close)?;
        self.leave();
        if self.kind != Kind::Update && self.last_pair == Some((start + 1, end - 1)) {
            self.defects.parentheses = true;
        }
        self.last_pair = Some((start, end));
        Ok(())
    }

    pub(crate) fn note_misused(&mut self, name: FunctionName) {
        self.defects.misused_function.get_or_insert(name);
    }

    pub(crate) fn note(&mut self, error: ExpressionError) {
        self.defects.other.get_or_insert(error);
    }

    /// A value's placeholder.
    pub(crate) fn value(&mut self) -> Result<Box<str>, ExpressionError> {
        if self.shape() != Shape::Value {
            return Err(self.syntax_error());
        }
        let key = self.token_text();
        self.placeholders.add_value(key);
        self.advance();
        Ok(key.into())
    }

    /// A path; the next token is a word or a name's placeholder.
    pub(crate) fn path(&mut self) -> Result<Path, ExpressionError> {
        let first = self.name()?;
        self.path_after(Path(vec![first]))
    }

    /// What follows `path` in the same path.
    pub(crate) fn path_after(&mut self, mut path: Path) -> Result<Path, ExpressionError> {
        loop {
            if self.take(Shape::Dot) {
                path.0.push(self.name()?);
            } else if self.take(Shape::OpenIndex) {
                path.0.push(self.index()?);
                self.expect(Shape::CloseIndex)?;
            } else {
                break;
            }
        }
        if let Some(word) = path.reserved() {
            self.defects.reserved.get_or_insert_with(|| word.to_owned());
        }
        if let Err(error) = check_depth(self.kind, &path) {
            self.note(error);
        }
        Ok(path)
    }

    fn name(&mut self) -> Result<Segment, ExpressionError> {
        let text = self.token_text();
        let segment = match self.shape() {
            Shape::Word if !self.is_keyword(text) => Segment::Name(text.into()),
            Shape::Name => {
                self.placeholders.add_name(text);
                Segment::Placeholder(text.into())
            }
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        Ok(segment)
    }

    fn index(&mut self) -> Result<Segment, ExpressionError> {
        if self.shape() != Shape::Index {
            return Err(self.syntax_error());
        }
        let text = self.token_text();
        self.advance();
        match text.parse::<u32>() {
            Ok(index) => Ok(Segment::Index(index as usize)),
            Err(_) => {
                let defect =
                    format!("List index is not within the allowable range; index: [{text}]");
                self.note(ExpressionError::invalid(self.kind, defect));
                Ok(Segment::Index(usize::MAX))
            }
        }
    }

    /// Whether `text` has a meaning of its own in this kind of expression.
    fn is_keyword(&self, text: &str) -> bool {
        let keywords: &[&str] = match self.kind {
            Kind::Update => &["SET", "REMOVE", "ADD", "DELETE"],
            Kind::Projection => &[],
            Kind::Condition | Kind::Filter | Kind::KeyCondition => {
                &["AND", "OR", "NOT", "BETWEEN", "IN"]
            }
        };
        keywords.iter().any(|keyword| text.eq_ignore_ascii_case(keyword))
    }

    /// An operand, with or without parentheses.
    pub(crate) fn operand(&mut self) -> Result<Operand, ExpressionError> {
        if self.shape() != Shape::Open {
            return self.bare_operand();
        }
        let start = self.open()?;
        let operand = self.operand()?;
        self.close(start)?;
        self.continued(operand)
    }

    /// `(a.b).c`: a condition's path can go on after its parentheses.
    pub(crate) fn continued(&mut self, operand: Operand) -> Result<Operand, ExpressionError> {
        match operand {
            Operand::Path(path)
                if self.kind != Kind::Update
                    && matches!(self.shape(), Shape::Dot | Shape::OpenIndex) =>
            {
                Ok(Operand::Path(self.path_after(path)?))
            }
            other => Ok(other),
        }
    }

    /// A value, a function or a path.
    pub(crate) fn bare_operand(&mut self) -> Result<Operand, ExpressionError> {
        match self.shape() {
            Shape::Value => Ok(Operand::Value(self.value()?)),
            Shape::Word
                if self.next_shape() == Shape::Open && !self.is_keyword(self.token_text()) =>
            {
                Ok(Operand::Function(self.function()?))
            }
            _ => Ok(Operand::Path(self.path()?)),
        }
    }

    fn function(&mut self) -> Result<Function, ExpressionError> {
        let text = self.token_text();
        self.count_operator()?;
        self.enter()?;
        self.advance();
        self.expect(Shape::Open)?;
        let arguments = self.operands()?;
        self.expect(Shape::Close)?;
        self.leave();
        let name = FunctionName::parse(text, self.kind).unwrap_or_else(|| {
            // The expression is refused in any case; what stands here decides nothing.
            self.defects.unknown_function.get_or_insert_with(|| text.to_owned());
            FunctionName::Size
        });
        if self.kind != Kind::Update {
            self.only_sizes(&arguments);
        }
        Ok(Function { name, arguments })
    }

    /// Operands with commas between them.
    pub(crate) fn operands(&mut self) -> Result<Vec<Operand>, ExpressionError> {
        let mut operands = vec![self.operand()?];
        while self.take(Shape::Comma) {
            operands.push(self.operand()?);
        }
        Ok(operands)
    }

    /// Notes every function among `operands` that gives no value.
    pub(crate) fn only_sizes(&mut self, operands: &[Operand]) {
        for operand in operands {
            if let Operand::Function(function) = operand
                && function.name != FunctionName::Size
            {
                self.note_misused(function.name);
            }
        }
    }
}

const REDUNDANT: &str = "The expression has redundant parentheses;";

/// What is said of a function that expressions of this kind do not have.
fn unknown(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Update if FunctionName::parse(name, Kind::Condition).is_some() => {
            format!("The function is not allowed in an update expression; function: {name}")
        }
        Kind::Condition | Kind::Filter if FunctionName::parse(name, Kind::Update).is_some() => {
            format!("The function is not allowed in a condition expression; function: {name}")
        }
        _ => format!("Invalid function name; function: {name}"),
    }
}

fn misused(kind: Kind, name: FunctionName) -> ExpressionError {
    ExpressionError::invalid(
        kind,
        format_args!(
            "The function is not allowed to be used this way in an expression; function: {}",
            name.as_str()
        ),
    )
}

fn reserved_error(kind: Kind, word: Option<&str>) -> Option<ExpressionError> {
    let word = word?;
    Some(ExpressionError::invalid(
        kind,
        format_args!("Attribute name is a reserved keyword; reserved keyword: {word}"),
    ))
}
