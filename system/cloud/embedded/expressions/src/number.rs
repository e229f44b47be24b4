//! DynamoDB's number: a decimal of up to 38 significant digits between 1e-130 and
//! 9.99...e125 in magnitude, positive, negative or zero.
//!
//! Invariant: one value has one representation, so that equality and hashing are those of the
//! fields. The form is `magnitude * 10^exponent` with at most 38 digits in the magnitude and the
//! exponent as near to zero as that allows: whole numbers of up to 38 digits have exponent 0, which
//! is what makes comparing and adding the usual keys and counters cheap.
//!
//! Limits: AWS developer guide, "Supported data types and naming rules", section "Number".
//! Deliberately absent: multiplication, division and conversion to floating point; no expression
//! needs them.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Serialize, Serializer};

/// Significant digits a number can have.
pub const MAX_DIGITS: u32 = 38;

/// The largest power of ten of a leading digit.
const MAX_MAGNITUDE: i32 = 125;

/// The smallest power of ten of a leading digit.
const MIN_MAGNITUDE: i32 = -130;

/// `10^38`: one more than the largest magnitude.
const LIMIT: u128 = 10_u128.pow(MAX_DIGITS);

/// Why a text is not a number, or a sum cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text is empty.
    #[error("The parameter cannot be converted to a numeric value")]
    Empty,
    /// The text is not a decimal number.
    #[error("The parameter cannot be converted to a numeric value: {0}")]
    NotNumeric(String),
    /// The magnitude is above 9.99...e125.
    #[error(
        "Number overflow. Attempting to store a number with magnitude larger than supported range"
    )]
    Overflow,
    /// The magnitude is below 1e-130 and not zero.
    #[error(
        "Number underflow. Attempting to store a number with magnitude smaller than supported range"
    )]
    Underflow,
    /// There are more than 38 significant digits.
    #[error("Attempting to store more than 38 significant digits in a Number")]
    Precision,
}

/// An exact decimal number.
///
/// The magnitude is kept in two halves, so that the type aligns to 8 bytes and an
/// [`AttributeValue`](crate::AttributeValue) stays at 32.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    high: u64,
    low: u64,
    exponent: i16,
    negative: bool,
}

impl Number {
    /// Zero.
    pub const ZERO: Self = Self { high: 0, low: 0, exponent: 0, negative: false };

    /// `self + other`, exactly.
    ///
    /// # Errors
    ///
    /// [`NumberError::Overflow`], [`NumberError::Underflow`], or [`NumberError::Precision`] when the
    /// sum has more than 38 significant digits.
    pub fn checked_add(self, other: Self) -> Result<Self, NumberError> {
        if self.is_zero() {
            return Ok(other);
        }
        if other.is_zero() {
            return Ok(self);
        }
        if self.exponent == other.exponent {
            return sum(
                (self.negative, self.magnitude()),
                (other.negative, other.magnitude()),
                self.exponent.into(),
            );
        }
        let (left, left_exponent) = self.significant();
        let (right, right_exponent) = other.significant();
        // A sum of 38 digits never needs more than 128 bits for its aligned operands: where
        // aligning overflows, the sum's own leading and trailing digits are too far apart.
        let exponent = left_exponent.min(right_exponent);
        let left = scale_up(left, left_exponent - exponent).ok_or(NumberError::Precision)?;
        let right = scale_up(right, right_exponent - exponent).ok_or(NumberError::Precision)?;
        sum((self.negative, left), (other.negative, right), exponent)
    }

    /// `self - other`, exactly.
    ///
    /// # Errors
    ///
    /// As [`Number::checked_add`].
    pub fn checked_sub(self, other: Self) -> Result<Self, NumberError> {
        self.checked_add(other.negated())
    }

    /// Bytes the number takes in an item: one for each two significant digits, one more, and one
    /// for a minus sign. The guide gives "approximately" this, and at most 21.
    #[must_use]
    pub fn size(&self) -> usize {
        if self.is_zero() {
            return 1;
        }
        let digits = self.significant().0.ilog10() + 1;
        1 + digits.div_ceil(2) as usize + usize::from(self.negative)
    }

    /// Whether this is zero.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.high == 0 && self.low == 0
    }

    fn negated(self) -> Self {
        Self { negative: !self.negative && !self.is_zero(), ..self }
    }

    fn magnitude(&self) -> u128 {
        (u128::from(self.high) << 64) | u128::from(self.low)
    }

    /// The magnitude without trailing zeros and its exponent. Not for zero.
    fn significant(&self) -> (u128, i32) {
        strip_zeros(self.magnitude(), self.exponent.into())
    }

    /// `magnitude * 10^exponent` in the one form that stands for it.
    fn normalised(negative: bool, magnitude: u128, exponent: i32) -> Result<Self, NumberError> {
        if magnitude == 0 {
            return Ok(Self::ZERO);
        }
        if exponent == 0 && magnitude < LIMIT {
            return Ok(Self::from_parts(negative, magnitude, 0));
        }
        let (mut magnitude, mut exponent) = strip_zeros(magnitude, exponent);
        let digits = magnitude.ilog10() + 1;
        let leading = exponent.saturating_add(digits.cast_signed() - 1);
        if leading > MAX_MAGNITUDE {
            return Err(NumberError::Overflow);
        }
        if leading < MIN_MAGNITUDE {
            return Err(NumberError::Underflow);
        }
        if digits > MAX_DIGITS {
            return Err(NumberError::Precision);
        }
        if exponent > 0 {
            let shift = exponent.min((MAX_DIGITS - digits).cast_signed());
            magnitude *= 10_u128.pow(shift.unsigned_abs());
            exponent -= shift;
        }
        let exponent = i16::try_from(exponent).expect("an exponent between -167 and 88");
        Ok(Self::from_parts(negative, magnitude, exponent))
    }

    fn from_parts(negative: bool, magnitude: u128, exponent: i16) -> Self {
        Self { high: (magnitude >> 64) as u64, low: magnitude as u64, exponent, negative }
    }

    /// Order of two magnitudes, signs aside.
    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        let (left, right) = (self.magnitude(), other.magnitude());
        if self.exponent == other.exponent || left == 0 || right == 0 {
            return left.cmp(&right);
        }
        let leading =
            |magnitude: u128, exponent: i16| magnitude.ilog10().cast_signed() + i32::from(exponent);
        leading(left, self.exponent).cmp(&leading(right, other.exponent)).then_with(|| {
            // The same leading place: the one with the larger exponent has the fewer digits by just
            // as much, so scaling it up stays within 38 digits.
            let shift = 10_u128.pow(u32::from(self.exponent.abs_diff(other.exponent)));
            if self.exponent > other.exponent {
                (left * shift).cmp(&right)
            } else {
                left.cmp(&(right * shift))
            }
        })
    }
}

fn strip_zeros(mut magnitude: u128, mut exponent: i32) -> (u128, i32) {
    while magnitude != 0 && magnitude.is_multiple_of(10) {
        magnitude /= 10;
        exponent += 1;
    }
    (magnitude, exponent)
}

fn scale_up(magnitude: u128, places: i32) -> Option<u128> {
    magnitude.checked_mul(10_u128.checked_pow(places.unsigned_abs())?)
}

fn sum(left: (bool, u128), right: (bool, u128), exponent: i32) -> Result<Number, NumberError> {
    let (negative, magnitude) = if left.0 == right.0 {
        (left.0, left.1.checked_add(right.1).ok_or(NumberError::Precision)?)
    } else if left.1 >= right.1 {
        (left.0, left.1 - right.1)
    } else {
        (right.0, right.1 - left.1)
    };
    Number::normalised(negative, magnitude, exponent)
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.cmp_magnitude(other),
            (true, true) => other.cmp_magnitude(self),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::from_parts(value < 0, value.unsigned_abs().into(), 0)
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self::from_parts(false, value.into(), 0)
    }
}

impl From<usize> for Number {
    fn from(value: usize) -> Self {
        Self::from(value as u64)
    }
}

impl FromStr for Number {
    type Err = NumberError;

    /// Reads `[+-]digits[.digits][e[+-]digits]`; a digit is needed on one side of the point.
    fn from_str(text: &str) -> Result<Self, NumberError> {
        if text.is_empty() {
            return Err(NumberError::Empty);
        }
        let (negative, unsigned) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        // Most numbers are short whole ones.
        if !unsigned.is_empty() && unsigned.len() < 20 && unsigned.iter().all(u8::is_ascii_digit) {
            let magnitude =
                unsigned.iter().fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
            return Ok(Self::from_parts(negative && magnitude != 0, magnitude.into(), 0));
        }
        let decimal = Decimal::read(unsigned)
            .ok_or_else(|| NumberError::NotNumeric(text.chars().take(ECHO_LENGTH).collect()))?;
        decimal.finish(negative)
    }
}

/// Characters of a bad number that its error repeats.
const ECHO_LENGTH: usize = 256;

/// A decimal text on its way to a [`Number`].
#[derive(Default)]
struct Decimal {
    /// The first 38 significant digits.
    magnitude: u128,
    /// How many of them there are, without leading zeros.
    digits: u32,
    /// Zeros seen since the last digit that is not zero.
    zeros: i64,
    /// A digit other than zero came after the 38th.
    excess: bool,
    /// Power of ten of the last significant digit.
    exponent: i64,
}

impl Decimal {
    fn read(text: &[u8]) -> Option<Self> {
        let mut decimal = Self::default();
        let mut position = 0;
        let mut point = false;
        let mut any = false;
        while let Some(&byte) = text.get(position) {
            match byte {
                b'0'..=b'9' => {
                    any = true;
                    decimal.push(byte - b'0', point);
                }
                b'.' if !point => point = true,
                b'e' | b'E' => break,
                _ => return None,
            }
            position += 1;
        }
        if !any {
            return None;
        }
        if position < text.len() {
            decimal.exponent = decimal.exponent.saturating_add(exponent(&text[position + 1..])?);
        }
        Some(decimal)
    }

    fn push(&mut self, digit: u8, fraction: bool) {
        if fraction {
            self.exponent -= 1;
        }
        if digit == 0 {
            // Held back: they count only when another digit follows.
            if self.magnitude != 0 {
                self.zeros += 1;
            }
            return;
        }
        let zeros = self.zeros;
        self.zeros = 0;
        let places = if self.magnitude == 0 { 1 } else { zeros + 1 };
        if self.excess || i64::from(self.digits) + places > i64::from(MAX_DIGITS) {
            // Places past the 38th only move the leading digit up.
            self.excess = true;
            self.exponent += places;
            return;
        }
        let places = u32::try_from(places).expect("at most 38 places");
        self.magnitude = self.magnitude * 10_u128.pow(places) + u128::from(digit);
        self.digits += places;
    }

    fn finish(self, negative: bool) -> Result<Number, NumberError> {
        if self.magnitude == 0 {
            return Ok(Number::ZERO);
        }
        let exponent = self.exponent.saturating_add(self.zeros).clamp(-100_000, 100_000);
        let exponent = i32::try_from(exponent).expect("clamped");
        let number = Number::normalised(negative, self.magnitude, exponent)?;
        if self.excess { Err(NumberError::Precision) } else { Ok(number) }
    }
}

/// The digits after an `e`, saturated far outside of what a number can have.
fn exponent(text: &[u8]) -> Option<i64> {
    let (sign, digits) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits
        .iter()
        .fold(0_i64, |sum, digit| (sum * 10 + i64::from(digit - b'0')).min(i64::from(i32::MAX)));
    Some(sign * value)
}

impl fmt::Display for Number {
    /// The normalised text: plain decimal, no exponent, no superfluous zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        if self.exponent == 0 {
            // 64-bit division is a good deal faster, and nearly every number is that short.
            return if self.high == 0 {
                write!(f, "{}", self.low)
            } else {
                write!(f, "{}", self.magnitude())
            };
        }
        let places = usize::from(self.exponent.unsigned_abs());
        if self.exponent > 0 {
            return write!(f, "{}{:0<places$}", self.magnitude(), "");
        }
        let digits = self.magnitude().to_string();
        match digits.len().checked_sub(places) {
            Some(whole) if whole > 0 => write!(f, "{}.{}", &digits[..whole], &digits[whole..]),
            _ => write!(f, "0.{digits:0>places$}"),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Number {
    /// The normalised text, as a JSON string.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests;
