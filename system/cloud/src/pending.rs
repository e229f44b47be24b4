//! TEMPORARY: replaced when hooks is merged.
use crate::{Clients, Error};
pub struct Redrive {
    pub moved: u64,
}
pub async fn redrive(_: &Clients, _: &str) -> Result<Redrive, Error> {
    Ok(Redrive { moved: 0 })
}
