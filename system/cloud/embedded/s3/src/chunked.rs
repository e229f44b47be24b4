//! `aws-chunked` bodies: what the SDKs send when they stream.
//!
//! ```text
//! 400;chunk-signature=…␍␊ DATA ␍␊ … 0;chunk-signature=…␍␊ x-amz-checksum-crc32:…␍␊ ␍␊
//! ```
//!
//! The signature after the size, and the trailers, are each there or not (`STREAMING-…` in
//! `x-amz-content-sha256` says so; what is there is read all the same). Signatures are not verified: the
//! engine authenticates nobody.
//!
//! Invariants: the body may be cut anywhere; no more than a line of it is kept.

use bytes::{Buf as _, Bytes};

/// Longest line: a size with its signature, or a trailer.
const LINE_MAX: usize = 8 * 1024;

/// Reads a body as it comes.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    state: State,
    line: Vec<u8>,
    trailers: Vec<(String, String)>,
}

#[derive(Debug, Default)]
enum State {
    /// Before or in the line with a chunk's size.
    #[default]
    Size,
    /// In a chunk.
    Data {
        left: u64,
    },
    /// Before or in the line break after a chunk.
    Break,
    /// After the last chunk.
    Trailers,
    Done,
}

/// What is not `aws-chunked`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

impl Decoder {
    /// The next of the payload in `bytes`, which is shortened by what was read; `None` when all of
    /// it was.
    pub(crate) fn next(&mut self, bytes: &mut Bytes) -> Result<Option<Bytes>, Malformed> {
        while !bytes.is_empty() {
            match &mut self.state {
                State::Data { left } => {
                    let now = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    *left -= now as u64;
                    if *left == 0 {
                        self.state = State::Break;
                    }
                    return Ok(Some(bytes.split_to(now)));
                }
                State::Done => return Err(Malformed),
                State::Size | State::Break | State::Trailers => {
                    if let Some(line) = self.line(bytes)? {
                        self.take(&line)?;
                    }
                }
            }
        }
        Ok(None)
    }

    /// What came after the last chunk, once the body is complete.
    pub(crate) fn finish(self) -> Result<Vec<(String, String)>, Malformed> {
        if matches!(self.state, State::Done) { Ok(self.trailers) } else { Err(Malformed) }
    }

    /// A whole line without its end, as soon as there is one.
    fn line(&mut self, bytes: &mut Bytes) -> Result<Option<String>, Malformed> {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let upto = end.map_or(bytes.len(), |end| end + 1);
        if self.line.len() + upto > LINE_MAX {
            return Err(Malformed);
        }
        self.line.extend_from_slice(&bytes[..upto]);
        bytes.advance(upto);
        if end.is_none() {
            return Ok(None);
        }
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\r\n").ok_or(Malformed)?;
        String::from_utf8(line.to_vec()).map(Some).map_err(|_| Malformed)
    }

    fn take(&mut self, line: &str) -> Result<(), Malformed> {
        self.state = match self.state {
            State::Size => {
                let digits = line.split_once(';').map_or(line, |(digits, _)| digits);
                // `from_str_radix` takes a sign too.
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return Err(Malformed);
                }
                match u64::from_str_radix(digits, 16) {
                    Ok(0) => State::Trailers,
                    Ok(left) => State::Data { left },
                    Err(_) => return Err(Malformed),
                }
            }
            State::Break if line.is_empty() => State::Size,
            State::Trailers if line.is_empty() => State::Done,
            State::Trailers => {
                let (name, value) = line.split_once(':').ok_or(Malformed)?;
                self.trailers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
                State::Trailers
            }
            _ => return Err(Malformed),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Decoded = (Vec<u8>, Vec<(String, String)>);

    fn decode(pieces: &[&[u8]]) -> Result<Decoded, Malformed> {
        let (mut decoder, mut payload) = (Decoder::default(), Vec::new());
        for piece in pieces {
            let mut bytes = Bytes::copy_from_slice(piece);
            while let Some(data) = decoder.next(&mut bytes)? {
                payload.extend_from_slice(&data);
            }
        }
        Ok((payload, decoder.finish()?))
    }

    fn encode(chunks: &[Vec<u8>], signature: &str, trailers: &[(&str, &str)]) -> Vec<u8> {
        let mut body = Vec::new();
        for chunk in chunks {
            body.extend_from_slice(format!("{:x}{signature}\r\n", chunk.len()).as_bytes());
            body.extend_from_slice(chunk);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("0{signature}\r\n").as_bytes());
        for (name, value) in trailers {
            body.extend_from_slice(format!("{name}:{value}\r\n").as_bytes());
        }
        body.extend_from_slice(b"\r\n");
        body
    }

    proptest! {
        /// Whatever the chunks, signed or not, and wherever the network cuts the body.
        #[test]
        fn any_cut_gives_the_same(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..6),
            signed in any::<bool>(),
            with_trailer in any::<bool>(),
            mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let signature = if signed { ";chunk-signature=0055627c9e194cb4542bae2aa" } else { "" };
            let trailers: &[_] = if with_trailer { &[("x-amz-checksum-crc32", "y/Q5Jg==")] } else { &[] };
            let body = encode(&chunks, signature, trailers);
            let mut at: Vec<usize> = cuts.drain(..).map(|cut| cut.index(body.len())).collect();
            at.extend([0, body.len()]);
            at.sort_unstable();
            let pieces: Vec<&[u8]> = at.windows(2).map(|two| &body[two[0]..two[1]]).collect();
            let (payload, found) = decode(&pieces).expect("it is well formed");
            prop_assert_eq!(payload, chunks.concat());
            prop_assert_eq!(found.len(), trailers.len());
        }

        /// No bytes make it panic, and what is cut short is never complete.
        #[test]
        fn garbage_is_refused(body in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = decode(&[&body]);
            let whole = encode(&[vec![b'x'; 20]], "", &[("a", "b")]);
            let cut = body.len().min(whole.len() - 1);
            prop_assert_eq!(decode(&[&whole[..cut]]), Err(Malformed));
        }
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for body in [
            "x\r\n",
            "+5\r\nhello\r\n0\r\n\r\n",
            "5\r\nhello!\r\n0\r\n\r\n",
            "5\nhello\r\n0\r\n\r\n",
            "0\r\nno colon\r\n\r\n",
            "0\r\n\r\nmore",
            "10000000000000000\r\n",
            "",
        ] {
            assert_eq!(decode(&[body.as_bytes()]), Err(Malformed), "{body:?}");
        }
        assert_eq!(decode(&["1".repeat(LINE_MAX + 1).as_bytes()]), Err(Malformed));
    }
}
