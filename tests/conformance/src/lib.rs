//! What every AWS API that SecureCart runs on must do.
#![forbid(unsafe_code)]
