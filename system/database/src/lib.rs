//! The relational database: products, orders and payments in SQL.
#![forbid(unsafe_code)]
