//! Answers of the query protocol, written directly.

use std::collections::BTreeMap;

use securecart_embedded_wire::{Answer, Ids, Protocol, xml_escape};

const XMLNS: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

/// `<OPResponse><OPResult>RESULT</OPResult><ResponseMetadata/></OPResponse>`.
pub(super) fn answer(operation: &str, result: &str, ids: &Ids) -> Answer {
    let body = [
        "<",
        operation,
        "Response xmlns=\"",
        XMLNS,
        "\"><",
        operation,
        "Result>",
        result,
        "</",
        operation,
        "Result><ResponseMetadata><RequestId>",
        &ids.uuid(),
        "</RequestId></ResponseMetadata></",
        operation,
        "Response>",
    ];
    Answer::ok(Protocol::Query, body.concat())
}

pub(super) fn element(name: &str, value: &str) -> String {
    ["<", name, ">", &xml_escape(value), "</", name, ">"].concat()
}

/// `<NAME><entry><key/><value/></entry></NAME>`.
pub(super) fn map(name: &str, entries: &BTreeMap<String, String>) -> String {
    let entries: String = entries
        .iter()
        .map(|(key, value)| {
            format!("<entry>{}{}</entry>", element("key", key), element("value", value))
        })
        .collect();
    format!("<{name}>{entries}</{name}>")
}

/// `<NAME><member/></NAME>`.
pub(super) fn list(name: &str, members: impl IntoIterator<Item = String>) -> String {
    let members: String =
        members.into_iter().map(|member| format!("<member>{member}</member>")).collect();
    format!("<{name}>{members}</{name}>")
}
