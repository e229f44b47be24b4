//! TEMPORARY: replaced when throttles, lambda and hooks are merged.
use crate::{Clients, Cloud, Error};
pub struct Redrive {
    pub moved: u64,
}
pub async fn redrive(_: &Clients, _: &str) -> Result<Redrive, Error> {
    Ok(Redrive { moved: 0 })
}
impl Cloud {
    pub fn throttle_table(&self, _: &str, _: f64) {}
    pub fn throttle_function(&self, _: &str, _: Option<u32>) {}
}
