//! SecureCart's services.
#![forbid(unsafe_code)]
