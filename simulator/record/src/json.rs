//! The record as JSON: one object on one line, `verdict` first.

use serde::Deserialize;

use crate::{FORMAT_VERSION, MAX_MARKS, MAX_SAMPLES, RunRecord};

/// The longest text that is read as a record, bytes. A full one has about 20 MiB.
pub const MAX_JSON_BYTES: usize = 64 << 20;

/// Why a text could not be read, or a record not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text is too long to be a record.
    #[error(
        "{bytes} bytes are too many for a record (at most {MAX_JSON_BYTES}): name a record.json \
         that securecart wrote"
    )]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The text is JSON of another format version.
    #[error(
        "the record has format version {found}, but this build reads version {FORMAT_VERSION}: \
         use the version of securecart that wrote it, or run the scenario again"
    )]
    Version {
        /// The version it says it has.
        found: u64,
    },
    /// The text is not a record.
    #[error("not a record of a run: {0}")]
    NotARecord(#[source] serde_json::Error),
    /// The text holds more than a record can.
    #[error("the record holds {found} {what}, but a record has at most {limit}")]
    TooMany {
        /// Samples or marks.
        what: &'static str,
        /// How many it holds.
        found: usize,
        /// How many it may hold.
        limit: usize,
    },
    /// The record could not be put into JSON.
    #[error("the record can't be written as JSON: {0}")]
    Write(#[source] serde_json::Error),
}

/// What is read before anything else.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Header {
    format_version: u64,
}

impl RunRecord {
    /// The record as JSON on one line.
    ///
    /// # Errors
    /// [`Error::Write`] when serialisation fails, which no record that was pushed together with
    /// [`push_sample`](Self::push_sample) does.
    pub fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(Error::Write)
    }

    /// Reads what [`to_json`](Self::to_json) wrote. Unknown keys are passed over, so that records
    /// of a later build of the same format version are readable.
    ///
    /// # Errors
    /// All but [`Error::Write`].
    pub fn from_json(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_JSON_BYTES {
            return Err(Error::TooLong { bytes: text.len() });
        }
        let header: Header = serde_json::from_str(text).map_err(Error::NotARecord)?;
        if header.format_version != u64::from(FORMAT_VERSION) {
            return Err(Error::Version { found: header.format_version });
        }
        let record: Self = serde_json::from_str(text).map_err(Error::NotARecord)?;
        let bounds = [
            ("samples", record.samples.len(), MAX_SAMPLES),
            ("marks", record.marks.len(), MAX_MARKS),
        ];
        for (what, found, limit) in bounds {
            if found > limit {
                return Err(Error::TooMany { what, found, limit });
            }
        }
        Ok(record)
    }
}
