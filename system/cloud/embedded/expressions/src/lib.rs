//! DynamoDB attribute values and expressions.
#![forbid(unsafe_code)]
