use super::*;

fn number(text: &str) -> Number {
    text.parse().expect("a number")
}

#[test]
fn text_is_normalised() {
    for (text, normal) in [
        ("0", "0"),
        ("-0.00", "0"),
        ("0e999999999999", "0"),
        ("007", "7"),
        ("+1.50", "1.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-1.25E2", "-125"),
        ("120e-2", "1.2"),
        ("1e3", "1000"),
        ("0.001", "0.001"),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("1234567890123456789012345678901234567800", "1234567890123456789012345678901234567800"),
    ] {
        assert_eq!(number(text).to_string(), normal, "{text}");
    }
    assert_eq!(number("1e125").to_string(), format!("1{}", "0".repeat(125)));
    assert_eq!(number("1e-130").to_string(), format!("0.{}1", "0".repeat(129)));
}

#[test]
fn text_that_is_no_number_is_refused() {
    assert_eq!("".parse::<Number>(), Err(NumberError::Empty));
    for text in [
        "abc", "-", ".", "1.2.3", "1e", "1e+", "e5", "0x10", " 1", "1 ", "1_000", "NaN", "--1",
        "1e1.5", "\u{661}",
    ] {
        assert_eq!(text.parse::<Number>(), Err(NumberError::NotNumeric(text.to_owned())), "{text}");
    }
    assert_eq!(
        "abc".parse::<Number>().expect_err("no number").to_string(),
        "The parameter cannot be converted to a numeric value: abc"
    );
}

#[test]
fn range_and_precision_are_those_of_the_guide() {
    let nines = "9".repeat(38);
    for text in ["1e125", "-9.9999999999999999999999999999999999999e125", "1e-130", nines.as_str()]
    {
        assert!(text.parse::<Number>().is_ok(), "{text}");
    }
    for (text, error) in [
        ("1e126", NumberError::Overflow),
        ("-1e126", NumberError::Overflow),
        ("1e99999999999999999999", NumberError::Overflow),
        ("9.9e-131", NumberError::Underflow),
        ("-1e-99999999999999999999", NumberError::Underflow),
        ("1.23456789012345678901234567890123456789", NumberError::Precision),
        ("123456789012345678901234567890123456789", NumberError::Precision),
        ("100000000000000000000000000000000000001", NumberError::Precision),
    ] {
        assert_eq!(text.parse::<Number>(), Err(error), "{text}");
    }
    let long = format!("1{}", "0".repeat(200));
    assert_eq!(long.parse::<Number>(), Err(NumberError::Overflow));
    // Too large comes before too precise, however many digits there are.
    assert_eq!("1".repeat(130).parse::<Number>(), Err(NumberError::Overflow));
    assert_eq!("1".repeat(120).parse::<Number>(), Err(NumberError::Precision));
    let padded = format!("{}1.5{}", "0".repeat(200), "0".repeat(200));
    assert_eq!(number(&padded), number("1.5"));
}

#[test]
fn sums_are_exact_or_refused() {
    for (left, right, sum) in [
        ("0.1", "0.2", "0.3"),
        ("100000000000000000000.00000001", "-1", "99999999999999999999.00000001"),
        ("-5", "5", "0"),
        (
            "1",
            "-0.99999999999999999999999999999999999999",
            "0.00000000000000000000000000000000000001",
        ),
        ("99999999999999999999999999999999999999", "1", "100000000000000000000000000000000000000"),
        ("1e100", "1e99", &format!("11{}", "0".repeat(99))),
    ] {
        assert_eq!(number(left).checked_add(number(right)), Ok(number(sum)), "{left} + {right}");
    }
    let largest = number("9.9999999999999999999999999999999999999e125");
    assert_eq!(largest.checked_add(number("1e125")), Err(NumberError::Overflow));
    assert_eq!(number("1e125").checked_add(number("1e-130")), Err(NumberError::Precision));
    assert_eq!(number("1e20").checked_sub(number("1e-20")), Err(NumberError::Precision));
    let small = number("1.5e-130");
    assert_eq!(small.checked_sub(number("1e-130")), Err(NumberError::Underflow));
}

#[test]
fn size_counts_significant_digits_in_pairs() {
    for (text, size) in [
        ("0", 1),
        ("7", 2),
        ("70", 2),
        ("77", 2),
        ("777", 3),
        ("-7", 3),
        ("0.0077", 2),
        ("12e50", 2),
    ] {
        assert_eq!(number(text).size(), size, "{text}");
    }
    assert_eq!(number(&format!("-{}", "9".repeat(38))).size(), 21);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// A decimal as plain digits before and after the point: the model to compare with.
    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Model {
        negative: bool,
        /// Units of 10^-170, least significant first.
        digits: Vec<u8>,
    }

    const PLACES: i32 = 170;
    const LENGTH: usize = 320;

    impl Model {
        fn new(negative: bool, significant: &str, exponent: i32) -> Self {
            let mut digits = vec![0; LENGTH];
            for (place, digit) in significant.bytes().rev().enumerate() {
                digits[usize::try_from(exponent + PLACES).expect("in range") + place] =
                    digit - b'0';
            }
            let negative = negative && digits.iter().any(|digit| *digit != 0);
            Self { negative, digits }
        }

        fn cmp_magnitude(&self, other: &Self) -> Ordering {
            self.digits.iter().rev().cmp(other.digits.iter().rev())
        }

        fn cmp(&self, other: &Self) -> Ordering {
            match (self.negative, other.negative) {
                (false, false) => self.cmp_magnitude(other),
                (true, true) => other.cmp_magnitude(self),
                (false, true) => Ordering::Greater,
                (true, false) => Ordering::Less,
            }
        }

        /// Schoolbook addition, digit by digit.
        fn add(&self, other: &Self) -> Self {
            let (mut large, mut small) = (self, other);
            if large.cmp_magnitude(small).is_lt() {
                (large, small) = (small, large);
            }
            let sign = if large.negative == small.negative { 1 } else { -1 };
            let mut carry = 0_i8;
            let digits: Vec<u8> = large
                .digits
                .iter()
                .zip(&small.digits)
                .map(|(left, right)| {
                    let sum = left.cast_signed() + sign * right.cast_signed() + carry;
                    carry = sum.div_euclid(10);
                    sum.rem_euclid(10).cast_unsigned()
                })
                .collect();
            let negative = large.negative && digits.iter().any(|digit| *digit != 0);
            Self { negative, digits }
        }

        /// What a `Number` makes of it.
        fn number(&self) -> Result<Number, NumberError> {
            let text: String =
                self.digits.iter().rev().map(|digit| char::from(digit + b'0')).collect();
            let sign = if self.negative { "-" } else { "" };
            format!("{sign}{text}e-{PLACES}").parse()
        }
    }

    fn decimals() -> impl Strategy<Value = (Model, String)> {
        (any::<bool>(), "[0-9]{1,38}", -60_i32..60).prop_map(|(negative, digits, exponent)| {
            let sign = if negative { "-" } else { "" };
            let text = format!("{sign}{digits}e{exponent}");
            (Model::new(negative, &digits, exponent), text)
        })
    }

    proptest! {
        #[test]
        fn order_and_equality_are_those_of_the_model(left in decimals(), right in decimals()) {
            let (a, b) = (number(&left.1), number(&right.1));
            prop_assert_eq!(a.cmp(&b), left.0.cmp(&right.0));
            prop_assert_eq!(a == b, left.0 == right.0);
        }

        #[test]
        fn neighbours_are_told_apart(digits in "[1-9][0-9]{0,20}", exponent in -60_i32..60) {
            let near = number(&format!("{digits}1e{exponent}"));
            let same = number(&format!("{digits}10e{}", exponent - 1));
            let next = number(&format!("{digits}2e{exponent}"));
            prop_assert_eq!(near, same);
            prop_assert!(near < next);
        }

        #[test]
        fn sums_are_those_of_the_model(left in decimals(), right in decimals()) {
            let (a, b) = (number(&left.1), number(&right.1));
            let sum = a.checked_add(b);
            prop_assert_eq!(&sum, &left.0.add(&right.0).number());
            prop_assert_eq!(&sum, &b.checked_add(a));
            if let Ok(sum) = sum {
                prop_assert_eq!(sum.checked_sub(b), Ok(a));
            }
        }

        #[test]
        fn sums_of_close_decimals_are_those_of_the_model(
            left in (any::<bool>(), "[0-9]{1,38}", -39_i32..3),
            right in (any::<bool>(), "[0-9]{1,38}", -39_i32..3),
        ) {
            let model = |(negative, digits, exponent): &(bool, String, i32)| {
                Model::new(*negative, digits, *exponent)
            };
            let (a, b) = (model(&left), model(&right));
            let sum = a.number().and_then(|a| a.checked_add(b.number()?));
            prop_assert_eq!(sum, a.add(&b).number());
        }

        #[test]
        fn text_survives_a_round_trip(decimal in decimals()) {
            let parsed = number(&decimal.1);
            prop_assert_eq!(number(&parsed.to_string()), parsed);
        }

        #[test]
        fn no_text_makes_parsing_panic(text in "\\PC{0,60}|[-+0-9.eE]{0,80}") {
            if let Ok(parsed) = text.parse::<Number>() {
                prop_assert_eq!(number(&parsed.to_string()), parsed);
            }
        }
    }
}
