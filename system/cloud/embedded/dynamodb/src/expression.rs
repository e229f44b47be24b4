//! Expressions of requests: parsed once, cached by their text, checked against the placeholders.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use parking_lot::RwLock;
use securecart_embedded_expressions::{
    Condition, ExpressionError, Item, KeyCondition, Paths, Placeholders, Projection, Substitutions,
    Update,
};
use securecart_embedded_wire::AwsError;

use crate::{
    error::{Result, validation},
    key::KeySchema,
    request::{
        item::{Names, Values},
        query::Read,
    },
};

/// Expressions of one kind that are kept. A full cache is emptied: programs use few texts, and one
/// that builds texts endlessly gains nothing from any cache.
const CACHED: usize = 1_024;

/// What is wrong with an expression, as an answer.
#[expect(clippy::needless_pass_by_value, reason = "the argument of `map_err`")]
pub(crate) fn invalid(error: ExpressionError) -> AwsError {
    validation(error.message())
}

/// Parsed expressions by text.
#[derive(Debug)]
struct Cache<T>(RwLock<HashMap<Box<str>, Arc<T>>>);

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T> Cache<T> {
    fn get(
        &self,
        text: &str,
        parse: impl FnOnce(&str) -> std::result::Result<T, ExpressionError>,
    ) -> Result<Arc<T>> {
        if let Some(parsed) = self.0.read().get(text) {
            return Ok(Arc::clone(parsed));
        }
        let parsed = Arc::new(parse(text).map_err(invalid)?);
        let mut cached = self.0.write();
        if cached.len() >= CACHED {
            cached.clear();
        }
        cached.insert(text.into(), Arc::clone(&parsed));
        Ok(parsed)
    }
}

/// The caches of all kinds of expression.
#[derive(Debug, Default)]
pub(crate) struct Expressions {
    conditions: Cache<Condition>,
    filters: Cache<Condition>,
    key_conditions: Cache<KeyCondition>,
    updates: Cache<Update>,
    projections: Cache<Projection>,
}

/// The expressions of a write.
#[derive(Debug)]
pub(crate) struct WriteExpressions<'r> {
    pub(crate) update: Option<Arc<Update>>,
    pub(crate) condition: Option<Arc<Condition>>,
    pub(crate) substitutions: Substitutions<'r>,
}

/// The expressions of a query or scan but its key condition.
#[derive(Debug)]
pub(crate) struct ReadExpressions<'r> {
    pub(crate) filter: Option<Arc<Condition>>,
    pub(crate) view: View,
    pub(crate) substitutions: Substitutions<'r>,
}

/// What of items a request asks for.
#[derive(Debug)]
pub(crate) struct View(Option<Paths>);

impl View {
    fn new(projection: Option<&Projection>, substitutions: &Substitutions<'_>) -> Result<Self> {
        let paths = projection.map(|projection| projection.resolve(substitutions));
        Ok(Self(paths.transpose().map_err(invalid)?))
    }

    /// The part of `item` that was asked for.
    pub(crate) fn of<'i>(&self, item: &'i Item) -> Cow<'i, Item> {
        match &self.0 {
            None => Cow::Borrowed(item),
            Some(paths) => Cow::Owned(paths.project(item)),
        }
    }

    /// The top-level attributes that were asked for; none when all were.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(Paths::attributes)
    }
}

impl Expressions {
    /// The expressions of a write, with every placeholder defined and used.
    pub(crate) fn of_write<'r>(
        &self,
        update: Option<&str>,
        condition: Option<&str>,
        names: Option<&'r Names>,
        values: Option<&'r Values>,
    ) -> Result<WriteExpressions<'r>> {
        let substitutions = Substitutions::new(names, values);
        substitutions.check_keys().map_err(invalid)?;
        let update = update.map(|text| self.updates.get(text, Update::parse)).transpose()?;
        let condition =
            condition.map(|text| self.conditions.get(text, Condition::parse)).transpose()?;
        let placeholders: Vec<&Placeholders> = update
            .iter()
            .map(|update| update.placeholders())
            .chain(condition.iter().map(|condition| condition.placeholders()))
            .collect();
        if let Some(update) = &update {
            update.check(&substitutions).map_err(invalid)?;
        }
        if let Some(condition) = &condition {
            condition.check(&substitutions).map_err(invalid)?;
        }
        // An expression's own defects come first, as with AWS.
        substitutions.check_used(&placeholders).map_err(invalid)?;
        Ok(WriteExpressions { update, condition, substitutions })
    }

    /// A key condition.
    pub(crate) fn key_condition(&self, text: &str) -> Result<Arc<KeyCondition>> {
        self.key_conditions.get(text, KeyCondition::parse)
    }

    /// The expressions of a query or scan; `key` is the condition that it has besides.
    pub(crate) fn of_read<'r>(
        &self,
        request: &'r Read<'_>,
        key: Option<&KeyCondition>,
    ) -> Result<ReadExpressions<'r>> {
        let substitutions = Substitutions::new(
            request.expression_attribute_names.as_ref(),
            request.expression_attribute_values.as_ref(),
        );
        substitutions.check_keys().map_err(invalid)?;
        let filter = request
            .filter_expression
            .as_deref()
            .map(|text| self.filters.get(text, Condition::parse_filter))
            .transpose()?;
        let projection = self.projection(request.projection_expression.as_deref())?;
        let placeholders: Vec<&Placeholders> = key
            .iter()
            .map(|key| key.placeholders())
            .chain(filter.iter().map(|filter| filter.placeholders()))
            .chain(projection.iter().map(|projection| projection.placeholders()))
            .collect();
        if let Some(filter) = &filter {
            filter.check(&substitutions).map_err(invalid)?;
        }
        let view = View::new(projection.as_deref(), &substitutions)?;
        substitutions.check_used(&placeholders).map_err(invalid)?;
        Ok(ReadExpressions { filter, view, substitutions })
    }

    /// What a read of single items asks for.
    pub(crate) fn view(&self, projection: Option<&str>, names: Option<&Names>) -> Result<View> {
        let substitutions = Substitutions::new(names, None);
        substitutions.check_keys().map_err(invalid)?;
        let projection = self.projection(projection)?;
        let placeholders: Vec<&Placeholders> =
            projection.iter().map(|projection| projection.placeholders()).collect();
        substitutions.check_used(&placeholders).map_err(invalid)?;
        View::new(projection.as_deref(), &substitutions)
    }

    fn projection(&self, text: Option<&str>) -> Result<Option<Arc<Projection>>> {
        text.map(|text| self.projections.get(text, Projection::parse)).transpose()
    }
}

/// Refuses a query's filter that refers to a key attribute.
pub(crate) fn check_filter(expressions: &ReadExpressions<'_>, schema: &KeySchema) -> Result<()> {
    let Some(filter) = &expressions.filter else { return Ok(()) };
    let attributes = filter.attributes(&expressions.substitutions).map_err(invalid)?;
    match attributes.iter().find(|name| schema.contains(name)) {
        Some(name) => Err(validation(format!(
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: \
             {name}"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_parsed_once_and_the_cache_is_bounded() {
        let cache = Cache::<Condition>::default();
        let first = cache.get("a = :a", Condition::parse).expect("parses");
        let again = cache.get("a = :a", |_| unreachable!("it is cached")).expect("cached");
        assert!(Arc::ptr_eq(&first, &again));
        for number in 0..CACHED * 2 {
            cache.get(&format!("a{number} = :a"), Condition::parse).expect("parses");
        }
        assert!(cache.0.read().len() <= CACHED);
    }
}
