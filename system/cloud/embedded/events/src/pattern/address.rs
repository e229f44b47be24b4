//! Blocks of IP addresses.

use std::net::IpAddr;

use super::PatternError;

/// `10.0.0.0/24` or `2001:db8::/32`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    network: u128,
    mask: u128,
    v4: bool,
}

impl Block {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let Some((address, bits)) = text.split_once('/').filter(|(_, bits)| !bits.contains('/'))
        else {
            return Err(PatternError("Malformed CIDR, one '/' required".to_owned()));
        };
        let bits: u32 = bits
            .parse()
            .map_err(|_| PatternError("Malformed CIDR, mask bits must be an integer".to_owned()))?;
        let address: IpAddr = address
            .parse()
            .map_err(|_| PatternError(format!("Nonstandard IP address: {address}")))?;
        let (value, width, v4) = number(address);
        if bits > width {
            return Err(PatternError(format!("IP mask bits must be between 0 and {width}")));
        }
        let mask = u128::MAX.checked_shl(width - bits).unwrap_or(0);
        Ok(Self { network: value & mask, mask, v4 })
    }

    pub(super) fn contains(&self, text: &str) -> bool {
        text.parse().is_ok_and(|address| {
            let (value, _, v4) = number(address);
            v4 == self.v4 && value & self.mask == self.network
        })
    }
}

fn number(address: IpAddr) -> (u128, u32, bool) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32, true),
        IpAddr::V6(address) => (address.to_bits(), 128, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contains_exactly_its_addresses() {
        let block = Block::parse("10.0.0.0/24").expect("valid");
        assert!(block.contains("10.0.0.0") && block.contains("10.0.0.255"));
        assert!(!block.contains("10.0.1.0") && !block.contains("::a00:0"));
        assert!(!block.contains("ten"));
        assert!(Block::parse("0.0.0.0/0").expect("valid").contains("255.1.2.3"));
        assert!(Block::parse("10.1.2.3/32").expect("valid").contains("10.1.2.3"));
        let six = Block::parse("2001:db8::/32").expect("valid");
        assert!(six.contains("2001:db8:ffff::1") && !six.contains("2001:db9::"));
        assert!(Block::parse("::/0").expect("valid").contains("ffff::"));
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, reason) in [
            ("10.0.0.0", "one '/' required"),
            ("10.0.0.0/8/8", "one '/' required"),
            ("10.0.0.0/x", "must be an integer"),
            ("10.0.0/8", "Nonstandard IP address: 10.0.0"),
            ("10.0.0.0/33", "between 0 and 32"),
        ] {
            let error = Block::parse(text).expect_err("invalid").to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
