//! Checksums that S3 verifies and keeps: CRC32, CRC32C, CRC64NVME and SHA-256.
//!
//! Deliberately absent: SHA-1, and the CRC64NVME that AWS computes for uploads that bring none.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// How a checksum is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha256,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 4] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha256];

    /// As `x-amz-checksum-algorithm` names it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha256 => "SHA256",
        }
    }

    /// The header, or trailer, that carries the value.
    pub(crate) const fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The XML element that carries the value.
    pub(crate) fn element(self) -> String {
        format!("Checksum{}", self.as_str())
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(name))
    }

    pub(crate) fn of_header(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.header().eq_ignore_ascii_case(name))
    }
}

/// A checksum that is being computed.
#[derive(Debug, Clone)]
pub(crate) enum Hasher {
    Crc32(crc32fast::Hasher),
    Crc32c(u32),
    Crc64Nvme(u64),
    Sha256(Sha256),
}

impl Hasher {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Crc32 => Self::Crc32(crc32fast::Hasher::new()),
            Algorithm::Crc32c => Self::Crc32c(u32::MAX),
            Algorithm::Crc64Nvme => Self::Crc64Nvme(u64::MAX),
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc32(hasher) => hasher.update(bytes),
            Self::Crc32c(crc) => {
                for byte in bytes {
                    *crc = CRC32C[usize::from(*crc as u8 ^ byte)] ^ (*crc >> 8);
                }
            }
            Self::Crc64Nvme(crc) => {
                for byte in bytes {
                    *crc = CRC64NVME[usize::from(*crc as u8 ^ byte)] ^ (*crc >> 8);
                }
            }
            Self::Sha256(hasher) => hasher.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Checksum {
        let (algorithm, value) = match self {
            Self::Crc32(hasher) => (Algorithm::Crc32, hasher.finalize().to_be_bytes().to_vec()),
            Self::Crc32c(crc) => (Algorithm::Crc32c, (!crc).to_be_bytes().to_vec()),
            Self::Crc64Nvme(crc) => (Algorithm::Crc64Nvme, (!crc).to_be_bytes().to_vec()),
            Self::Sha256(hasher) => (Algorithm::Sha256, hasher.finalize().to_vec()),
        };
        Checksum { algorithm, value, parts: None }
    }
}

/// A checksum of an object or of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) value: Vec<u8>,
    /// How many parts' checksums it is made of, where it is a checksum of checksums.
    pub(crate) parts: Option<usize>,
}

impl Checksum {
    /// The checksum of the checksums of an object's `parts`: S3's `COMPOSITE`.
    pub(crate) fn composite<'a>(
        algorithm: Algorithm,
        parts: impl Iterator<Item = &'a Self>,
    ) -> Self {
        let mut hasher = Hasher::new(algorithm);
        let mut count = 0;
        for part in parts {
            hasher.update(&part.value);
            count += 1;
        }
        Self { parts: Some(count), ..hasher.finish() }
    }

    /// As headers and XML carry it: Base64, and the number of parts of a composite one.
    pub(crate) fn text(&self) -> String {
        let value = STANDARD.encode(&self.value);
        match self.parts {
            Some(parts) => format!("{value}-{parts}"),
            None => value,
        }
    }

    /// As `x-amz-checksum-type` names it.
    pub(crate) const fn kind(&self) -> &'static str {
        if self.parts.is_some() { "COMPOSITE" } else { "FULL_OBJECT" }
    }
}

/// CRC-32C (Castagnoli), reflected.
const CRC32C: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

/// CRC-64/NVME, reflected.
const CRC64NVME: [u64; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u64;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x9a6c_9329_ac4b_c9b5 } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn of(algorithm: Algorithm, parts: &[&[u8]]) -> String {
        let mut hasher = Hasher::new(algorithm);
        for part in parts {
            hasher.update(part);
        }
        hasher.finish().value.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The check values of the CRC catalogue, and FIPS 180's for SHA-256.
    #[test]
    fn known_values_come_out_however_the_bytes_come_in() {
        for (algorithm, text, expected) in [
            (Algorithm::Crc32, "123456789", "cbf43926"),
            (Algorithm::Crc32c, "123456789", "e3069283"),
            (Algorithm::Crc64Nvme, "123456789", "ae8b14860a799888"),
            (
                Algorithm::Sha256,
                "abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
        ] {
            assert_eq!(of(algorithm, &[text.as_bytes()]), expected);
            let (first, second) = text.as_bytes().split_at(2);
            assert_eq!(of(algorithm, &[first, b"", second]), expected);
            assert_eq!(Algorithm::named(algorithm.as_str()), Some(algorithm));
            assert_eq!(Algorithm::of_header(algorithm.header()), Some(algorithm));
        }
    }

    #[test]
    fn a_composite_says_of_how_many_parts_it_is() {
        let mut hasher = Hasher::new(Algorithm::Crc32);
        hasher.update(b"123456789");
        let part = hasher.finish();
        assert_eq!((part.text().as_str(), part.kind()), ("y/Q5Jg==", "FULL_OBJECT"));
        let composite = Checksum::composite(Algorithm::Crc32, [&part, &part].into_iter());
        assert!(composite.text().ends_with("==-2"), "{}", composite.text());
        assert_eq!(composite.kind(), "COMPOSITE");
    }
}
