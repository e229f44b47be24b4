//! XML as S3 writes and reads it.

use bytes::Bytes;
use securecart_embedded_wire::xml_escape;
use serde::de::DeserializeOwned;

use crate::error::S3Error;

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// A document that is written from front to back.
#[derive(Debug)]
pub(crate) struct Writer(String);

impl Writer {
    /// A document without a root yet.
    pub(crate) fn document() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned())
    }

    /// A document whose root, in S3's namespace, is open.
    pub(crate) fn root(name: &str) -> Self {
        let mut writer = Self::document();
        writer.0 += &format!("<{name} xmlns=\"{NAMESPACE}\">");
        writer
    }

    pub(crate) fn open(&mut self, name: &str) {
        self.tag("<", name);
    }

    pub(crate) fn close(&mut self, name: &str) {
        self.tag("</", name);
    }

    pub(crate) fn element(&mut self, name: &str, value: &str) {
        self.open(name);
        // XML has no control characters but as references, and S3 writes them so.
        if value.contains(|character: char| character.is_control()) {
            for character in value.chars() {
                if character.is_control() {
                    self.0 += &format!("&#x{:x};", u32::from(character));
                } else {
                    self.0 += &xml_escape(character.encode_utf8(&mut [0; 4]));
                }
            }
        } else {
            self.0 += &xml_escape(value);
        }
        self.close(name);
    }

    /// The document, its root being closed.
    pub(crate) fn finish(self) -> String {
        self.0
    }

    /// The document, after closing its root.
    pub(crate) fn finish_root(mut self, name: &str) -> Bytes {
        self.close(name);
        Bytes::from(self.0)
    }

    fn tag(&mut self, start: &str, name: &str) {
        self.0 += start;
        self.0 += name;
        self.0.push('>');
    }
}

/// The document in a request's body.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, S3Error> {
    let text = std::str::from_utf8(body).map_err(|_| S3Error::malformed_xml())?;
    quick_xml::de::from_str(text).map_err(|_| S3Error::malformed_xml())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Delete {
        #[serde(rename = "Object", default)]
        objects: Vec<Object>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Object {
        #[serde(rename = "Key")]
        key: String,
    }

    #[test]
    fn documents_are_written_and_read() {
        let mut writer = Writer::root("Delete");
        writer.open("Object");
        writer.element("Key", "a<b>&\u{1}c");
        writer.close("Object");
        let body = writer.finish_root("Delete");
        let text = std::str::from_utf8(&body).expect("text");
        assert!(text.ends_with("<Key>a&lt;b&gt;&amp;&#x1;c</Key></Object></Delete>"), "{text}");
        let read: Delete =
            parse(b"<Delete xmlns='x'><Object><Key>a&amp;b</Key></Object></Delete>").expect("XML");
        assert_eq!(read.objects, [Object { key: "a&b".to_owned() }]);
        assert!(parse::<Delete>(b"<Delete><Object>").is_err());
        assert!(parse::<Delete>(b"\xff").is_err());
    }
}
