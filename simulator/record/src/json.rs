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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    /// Four minutes of seconds: what `securecart scenario black-friday` plays.
    const SECONDS: u32 = 240;

    #[test]
    fn a_record_survives_its_file_and_the_file_is_small() {
        let record = example::black_friday(SECONDS);
        let json = record.to_json().expect("writes");
        assert!(json.starts_with(r#"{"verdict":"held","format-version":1,"#), "{}", &json[..80]);
        assert_eq!(RunRecord::from_json(&json).expect("reads"), record);
        assert!(json.len() < 2_000_000, "{} bytes", json.len());
    }

    #[test]
    fn a_full_record_stays_within_what_is_read() {
        let mut record = example::black_friday(SECONDS);
        let seconds = record.samples.clone();
        for (index, sample) in seconds.iter().cycle().take(MAX_SAMPLES).enumerate() {
            let mut sample = crate::Sample::clone(sample);
            sample.at_s = f64::from(SECONDS) + index as f64 + 1.0;
            record.push_sample(sample);
        }
        let json = record.to_json().expect("writes");
        assert!(json.len() < MAX_JSON_BYTES / 2, "{} bytes", json.len());
    }

    #[test]
    fn another_version_is_refused_by_name() {
        let json = example::black_friday(3).to_json().expect("writes");
        let other = json.replacen(r#""format-version":1"#, r#""format-version":9"#, 1);
        let error = RunRecord::from_json(&other).expect_err("another version");
        assert!(matches!(error, Error::Version { found: 9 }));
        assert!(error.to_string().contains("format version 9"), "{error}");
    }

    #[test]
    fn what_is_no_record_is_refused() {
        let json = example::black_friday(3).to_json().expect("writes");
        for text in ["", "{}", "[]", r#"{"format-version":1}"#, &json[..json.len() - 1]] {
            let error = RunRecord::from_json(text).expect_err("not a record");
            assert!(matches!(error, Error::NotARecord(_)), "{text}: {error}");
        }
        let long = " ".repeat(MAX_JSON_BYTES + 1);
        assert!(matches!(RunRecord::from_json(&long), Err(Error::TooLong { .. })));
    }

    #[test]
    fn a_file_with_too_many_samples_is_refused() {
        let mut record = example::black_friday(3);
        record.samples = vec![record.samples[0].clone(); MAX_SAMPLES + 1];
        let json = record.to_json().expect("writes");
        let error = RunRecord::from_json(&json).expect_err("too many");
        assert!(matches!(error, Error::TooMany { found, .. } if found == MAX_SAMPLES + 1));
    }
}
