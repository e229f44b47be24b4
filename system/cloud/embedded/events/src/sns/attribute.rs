//! Message attributes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use securecart_embedded_wire::AwsError;
use serde_json::{Map, Value};

use super::{error, form::Form};

/// A message attribute.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub(super) name: String,
    /// `String`, `String.Array`, `Number` or `Binary`, perhaps with a label after a dot.
    pub(super) data_type: String,
    /// Base64 if binary.
    pub(super) value: String,
    /// Bytes that count towards the message's size.
    size: usize,
}

impl Attribute {
    pub(super) fn parse_all(form: &Form<'_>) -> Result<Vec<Self>, AwsError> {
        let parts = form.numbered("MessageAttributes.entry.");
        let mut attributes: Vec<Self> = Vec::with_capacity(parts.len());
        for part in &parts {
            let attribute = Self::parse(part)?;
            if attributes.iter().any(|present| present.name == attribute.name) {
                return Err(error::invalid_value(format!(
                    "Message (user) attribute name '{}' appears more than once.",
                    attribute.name
                )));
            }
            attributes.push(attribute);
        }
        Ok(attributes)
    }

    fn parse(part: &Form<'_>) -> Result<Self, AwsError> {
        let name = part.get("Name").unwrap_or_default();
        check_name(name)?;
        let data_type = part.get("Value.DataType").unwrap_or_default();
        check_type(name, data_type)?;
        let base = data_type.split('.').next().unwrap_or_default();
        let field = if base == "Binary" { "Value.BinaryValue" } else { "Value.StringValue" };
        let value = part.get(field).filter(|value| !value.is_empty()).ok_or_else(|| {
            error::invalid_value(format!(
                "The message attribute '{name}' must contain non-empty message attribute value \
                 for message attribute type '{data_type}'."
            ))
        })?;
        check_value(name, data_type, value)?;
        let length = if base == "Binary" { value.len() / 4 * 3 } else { value.len() };
        Ok(Self {
            name: name.to_owned(),
            data_type: data_type.to_owned(),
            value: value.to_owned(),
            size: name.len() + data_type.len() + length,
        })
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The value as a filter policy sees it; `None` for what SNS doesn't compare.
    fn comparable(&self) -> Option<Value> {
        match self.data_type.as_str() {
            "Binary" => None,
            "Number" => serde_json::from_str(&self.value).ok().filter(Value::is_number),
            "String.Array" => serde_json::from_str(&self.value).ok().filter(Value::is_array),
            "String" => Some(Value::from(self.value.clone())),
            // A label after the dot is the sender's own and doesn't change the type.
            labelled => match labelled.split('.').next() {
                Some("String") => Some(Value::from(self.value.clone())),
                Some("Number") => serde_json::from_str(&self.value).ok().filter(Value::is_number),
                _ => None,
            },
        }
    }
}

/// The attributes as one object, for filter policies.
pub(super) fn comparable(attributes: &[Attribute]) -> Map<String, Value> {
    attributes
        .iter()
        .filter_map(|attribute| Some((attribute.name.clone(), attribute.comparable()?)))
        .collect()
}

fn check_name(name: &str) -> Result<(), AwsError> {
    let valid = (1..=256).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..");
    if valid {
        return Ok(());
    }
    Err(error::invalid_value(format!(
        "The message attribute name '{name}' is invalid: it takes 1 to 256 of A-Z, a-z, 0-9, \
         underscore, hyphen and period, and no period first, last or twice in a row."
    )))
}

fn check_type(name: &str, data_type: &str) -> Result<(), AwsError> {
    if data_type.is_empty() {
        return Err(error::invalid_value(format!(
            "The message attribute '{name}' must contain non-empty message attribute type."
        )));
    }
    let base = data_type.split('.').next().unwrap_or_default();
    if !["String", "Number", "Binary"].contains(&base) || data_type.len() > 256 {
        return Err(error::invalid_value(format!(
            "The message attribute '{name}' has an invalid message attribute type, the set of \
             supported type prefixes is Binary, Number, and String."
        )));
    }
    Ok(())
}

fn check_value(name: &str, data_type: &str, value: &str) -> Result<(), AwsError> {
    let base = data_type.split('.').next().unwrap_or_default();
    let valid = match base {
        "Number" => value.parse::<f64>().is_ok_and(f64::is_finite),
        "Binary" => STANDARD.decode(value).is_ok(),
        _ => true,
    };
    if valid {
        return Ok(());
    }
    let reason = match base {
        "Number" => format!("Could not cast message attribute '{name}' value to number."),
        _ => format!("The message attribute '{name}' is not valid Base64."),
    };
    Err(error::invalid_value(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<Vec<Attribute>, AwsError> {
        Attribute::parse_all(&Form::parse(body.as_bytes()))
    }

    fn one(name: &str, data_type: &str, value: &str) -> String {
        let field = if data_type == "Binary" { "BinaryValue" } else { "StringValue" };
        format!(
            "MessageAttributes.entry.1.Name={name}&MessageAttributes.entry.1.Value.DataType=\
             {data_type}&MessageAttributes.entry.1.Value.{field}={value}"
        )
    }

    #[test]
    fn filter_policies_see_typed_values() {
        let body = "MessageAttributes.entry.1.Name=s&MessageAttributes.entry.1.Value.DataType=String\
                    &MessageAttributes.entry.1.Value.StringValue=1&MessageAttributes.entry.2.Name=n\
                    &MessageAttributes.entry.2.Value.DataType=Number&MessageAttributes.entry.2.Value.\
                    StringValue=1&MessageAttributes.entry.3.Name=a&MessageAttributes.entry.3.Value.\
                    DataType=String.Array&MessageAttributes.entry.3.Value.StringValue=[\"x\",2,null]\
                    &MessageAttributes.entry.4.Name=b&MessageAttributes.entry.4.Value.DataType=Binary\
                    &MessageAttributes.entry.4.Value.BinaryValue=YQ==";
        let attributes = parse(body).expect("valid");
        let seen = comparable(&attributes);
        assert_eq!(
            Value::Object(seen),
            serde_json::json!({ "s": "1", "n": 1, "a": ["x", 2, null] })
        );
        assert_eq!(attributes[3].size(), 1 + 6 + 3);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (body, reason) in [
            (one("", "String", "x"), "name '' is invalid"),
            (one("a..b", "String", "x"), "name 'a..b' is invalid"),
            (one("a", "", "x"), "must contain non-empty message attribute type"),
            (one("a", "Text", "x"), "supported type prefixes"),
            (one("a", "String", ""), "must contain non-empty message attribute value"),
            (one("a", "Number", "five"), "to number"),
            (one("a", "Binary", "!"), "Base64"),
            (
                format!(
                    "{}&{}",
                    one("a", "String", "x"),
                    one("a", "String", "x").replace("y.1", "y.2")
                ),
                "more than once",
            ),
        ] {
            let error = parse(&body).expect_err(&body);
            assert_eq!(error.code, "ParameterValueInvalid");
            assert!(error.message.contains(reason), "{body}: {error}");
        }
    }
}
