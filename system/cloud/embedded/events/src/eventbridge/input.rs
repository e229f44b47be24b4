//! What a target gets of an event: all of it, a constant, a part, or a transformation.
//!
//! In a template `<name>` stands for a value. Outside of a JSON string it is replaced by JSON (a
//! string keeps its quotes), inside by text with quotes escaped, so that the result stays JSON. A
//! variable whose path leads nowhere is empty (outside of a string `""`).

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{event::Event, path::Path};
use crate::time;

/// Variables of a transformer (EventBridge API, InputTransformer).
const VARIABLES_MAX: usize = 100;

/// Names that can't be defined.
const RESERVED: &str = "aws.";

/// How a target's input is made.
#[derive(Debug)]
pub(super) enum Input {
    Whole,
    Constant(String),
    Part(Path),
    Transformed(Template),
}

/// A parsed template.
#[derive(Debug)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(String),
    Variable { variable: Variable, quoted: bool },
}

#[derive(Debug, Clone)]
enum Variable {
    Path(Arc<Path>),
    RuleArn,
    RuleName,
    IngestionTime,
    /// The event without its detail.
    Event,
    /// The whole event.
    EventJson,
}

/// The rule that sends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sender<'a> {
    pub(super) rule_arn: &'a str,
    pub(super) rule_name: &'a str,
}

impl Input {
    pub(super) fn render(&self, event: &Event, sender: Sender<'_>) -> String {
        match self {
            Self::Whole => event.json.to_string(),
            Self::Constant(text) => text.clone(),
            Self::Part(path) => {
                path.find(&event.fields).map_or_else(|| "null".to_owned(), |part| part.to_string())
            }
            Self::Transformed(template) => template.render(event, sender),
        }
    }
}

impl Template {
    /// The error is a reason in words.
    pub(super) fn parse(template: &str, paths: &BTreeMap<String, String>) -> Result<Self, String> {
        if paths.len() > VARIABLES_MAX {
            return Err(format!("InputPathsMap has more than {VARIABLES_MAX} variables"));
        }
        let mut variables = BTreeMap::new();
        for (name, path) in paths {
            if name.to_ascii_lowercase().starts_with(RESERVED) {
                return Err(format!("InputPathsMap defines the reserved name {name}"));
            }
            let path = Path::parse(path)
                .ok_or_else(|| format!("InputPathsMap has an invalid path {path} for {name}"))?;
            variables.insert(name.as_str(), Variable::Path(Arc::new(path)));
        }
        let template = Self(pieces(template, &variables)?);
        template.check()?;
        Ok(template)
    }

    /// A template must be JSON, or lines of JSON, once its variables have values.
    fn check(&self) -> Result<(), String> {
        let sample: String = self
            .0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Variable { quoted: true, .. } => "x",
                Piece::Variable { quoted: false, .. } => "\"x\"",
            })
            .collect();
        let mut values = serde_json::Deserializer::from_str(&sample).into_iter::<Value>();
        match values.find_map(Result::err) {
            Some(error) => Err(format!("InputTemplate is not JSON: {error}")),
            None if sample.trim().is_empty() => Err("InputTemplate is empty".to_owned()),
            None => Ok(()),
        }
    }

    fn render(&self, event: &Event, sender: Sender<'_>) -> String {
        let mut rendered = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => rendered.push_str(text),
                Piece::Variable { variable, quoted: false } => {
                    rendered.push_str(&variable.json(event, sender));
                }
                Piece::Variable { variable, quoted: true } => {
                    rendered.push_str(&escaped(&variable.text(event, sender)));
                }
            }
        }
        rendered
    }
}

/// `text` as it stands inside of a JSON string.
fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

impl Variable {
    fn reserved(name: &str) -> Option<Self> {
        Some(match name {
            "aws.events.rule-arn" => Self::RuleArn,
            "aws.events.rule-name" => Self::RuleName,
            "aws.events.event.ingestion-time" => Self::IngestionTime,
            "aws.events.event" => Self::Event,
            "aws.events.event.json" => Self::EventJson,
            _ => return None,
        })
    }

    fn value(&self, event: &Event, sender: Sender<'_>) -> Value {
        match self {
            Self::Path(path) => {
                path.find(&event.fields).map_or_else(|| Value::from(""), |part| part.into_owned())
            }
            Self::RuleArn => sender.rule_arn.into(),
            Self::RuleName => sender.rule_name.into(),
            Self::IngestionTime => time::iso_millis(event.ingested_at_ms).into(),
            Self::Event => {
                let mut fields = event.fields.clone();
                fields.remove("detail");
                Value::Object(fields)
            }
            Self::EventJson => Value::Object(event.fields.clone()),
        }
    }

    fn json(&self, event: &Event, sender: Sender<'_>) -> String {
        match self {
            Self::EventJson => event.json.to_string(),
            other => other.value(event, sender).to_string(),
        }
    }

    fn text(&self, event: &Event, sender: Sender<'_>) -> String {
        match self.value(event, sender) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }
}

fn pieces(template: &str, variables: &BTreeMap<&str, Variable>) -> Result<Vec<Piece>, String> {
    let (mut pieces, mut text) = (Vec::new(), String::new());
    let (mut quoted, mut escaped) = (false, false);
    let mut rest = template;
    while let Some(character) = rest.chars().next() {
        if let Some((name, after)) = placeholder(rest).filter(|_| !escaped) {
            let variable = variables.get(name).cloned().or_else(|| Variable::reserved(name));
            let variable = variable
                .ok_or_else(|| format!("InputTemplate contains invalid placeholder {name}"))?;
            pieces.push(Piece::Text(std::mem::take(&mut text)));
            pieces.push(Piece::Variable { variable, quoted });
            rest = after;
            continue;
        }
        match character {
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && character == '\\' && !escaped;
        text.push(character);
        rest = &rest[character.len_utf8()..];
    }
    pieces.push(Piece::Text(text));
    Ok(pieces)
}

/// The name in `<name>` at the start of `text`, and what follows.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.strip_prefix('<')?.split_once('>')?;
    let plain = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    plain.then_some((name, after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event() -> Event {
        let fields = json!({
            "version": "0", "id": "e-1", "detail-type": "EC2 Instance State-change Notification",
            "source": "aws.ec2", "time": "2015-11-11T21:29:54Z",
            "detail": { "instance-id": "i-0123456789", "state": "RUNNING", "quote": "a \"b\"",
                        "count": 3, "tags": ["x", "y"] }
        });
        let json: Arc<str> = fields.to_string().into();
        let Value::Object(fields) = fields else { panic!("an object") };
        Event { json, fields, ingested_at_ms: 1_795_737_600_000 }
    }

    const SENDER: Sender<'static> = Sender { rule_arn: "arn:rule", rule_name: "rule" };

    fn render(template: &str, paths: &[(&str, &str)]) -> String {
        let paths = paths.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned()));
        let template = Template::parse(template, &paths.collect()).expect(template);
        Input::Transformed(template).render(&event(), SENDER)
    }

    #[test]
    fn the_guides_examples() {
        let paths = [("instance", "$.detail.instance-id"), ("state", "$.detail.state")];
        assert_eq!(
            render(r#""instance <instance> is in <state>""#, &paths),
            r#""instance i-0123456789 is in RUNNING""#
        );
        assert_eq!(
            render("\"<instance>\"\n\"is in <state>\"", &paths),
            "\"i-0123456789\"\n\"is in RUNNING\""
        );
        assert_eq!(
            render(r#"{"instance": <instance>, "state": "<state>", "s": "EC2 <state>"}"#, &paths),
            r#"{"instance": "i-0123456789", "state": "RUNNING", "s": "EC2 RUNNING"}"#
        );
        assert_eq!(render("<tags>", &[("tags", "$.detail.tags")]), r#"["x","y"]"#);
    }

    #[test]
    fn the_result_stays_json() {
        let paths = [("q", "$.detail.quote"), ("t", "$.detail.tags"), ("none", "$.nothing")];
        let rendered =
            render(r#"{"a": "<q>", "b": <q>, "c": "<t>", "d": <none>, "e": "<none>"}"#, &paths);
        assert_eq!(
            serde_json::from_str::<Value>(&rendered).expect("JSON"),
            json!({ "a": "a \"b\"", "b": "a \"b\"", "c": r#"["x","y"]"#, "d": "", "e": "" })
        );
        let escaped = render(r#""say \"<q>\" \\<q>""#, &paths);
        assert_eq!(
            serde_json::from_str::<Value>(&escaped).expect("JSON"),
            json!("say \"a \"b\"\" \\a \"b\"")
        );
    }

    #[test]
    fn reserved_variables_have_values() {
        let rendered = render(
            r#"{"arn": "<aws.events.rule-arn>", "name": <aws.events.rule-name>,
                "at": <aws.events.event.ingestion-time>, "event": <aws.events.event>,
                "all": <aws.events.event.json>}"#,
            &[],
        );
        let rendered: Value = serde_json::from_str(&rendered).expect("JSON");
        assert_eq!(rendered["arn"], "arn:rule");
        assert_eq!(rendered["name"], "rule");
        assert_eq!(rendered["at"], "2026-11-27T00:00:00.000Z");
        assert_eq!(rendered["event"]["source"], "aws.ec2");
        assert_eq!(rendered["event"].get("detail"), None);
        assert_eq!(rendered["all"], Value::Object(event().fields));
    }

    #[test]
    fn parts_and_constants() {
        let part = |path| Input::Part(Path::parse(path).expect("a path")).render(&event(), SENDER);
        assert_eq!(part("$.detail.count"), "3");
        assert_eq!(part("$.detail.state"), r#""RUNNING""#);
        assert_eq!(part("$.nothing"), "null");
        assert_eq!(Input::Constant("{}".to_owned()).render(&event(), SENDER), "{}");
        assert_eq!(Input::Whole.render(&event(), SENDER), &*event().json);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let parse = |template: &str, name: &str, path: &str| {
            let paths = BTreeMap::from([(name.to_owned(), path.to_owned())]);
            Template::parse(template, &paths).expect_err(template)
        };
        assert!(parse(r#""<y>""#, "x", "$.a").contains("invalid placeholder y"));
        assert!(parse(r#""<x>""#, "x", "a").contains("invalid path a for x"));
        assert!(parse(r#""<x>""#, "aws.events.x", "$.a").contains("reserved name"));
        assert!(parse("<x> is in", "x", "$.a").contains("is not JSON"));
        assert!(parse("  ", "x", "$.a").contains("is empty"));
    }
}
