//! Items of SecureCart's tables as the audit's facts.

use std::fmt::Display;

use securecart_analysis::{Lines, NotificationFact, ReservationFact, StockFact};
use securecart_domain::event::{Channel, EventKind};

use super::Item;
use crate::Error;

pub(super) fn reservation(item: &Item) -> Result<ReservationFact, Error> {
    let reserved = match text(item, "outcome")? {
        "reserved" => true,
        "rejected" | "released" => false,
        _ => return Err(broken(item, "outcome")),
    };
    Ok(ReservationFact { order: id(item, "order_id")?, reserved, lines: lines(item)? })
}

pub(super) fn stock(item: &Item) -> Result<StockFact, Error> {
    Ok(StockFact {
        product: id(item, "product_id")?,
        start: number(item, "start")?,
        left: number(item, "available")?,
    })
}

/// A notice is `KIND#channel`.
pub(super) fn notification(item: &Item) -> Result<NotificationFact, Error> {
    let notice = text(item, "notice")?.split_once('#');
    let (kind, channel) = notice.ok_or_else(|| broken(item, "notice"))?;
    let kind = EventKind::ALL.into_iter().find(|known| known.detail_type() == kind);
    let channel = match channel {
        "email" => Channel::Email,
        "sms" => Channel::Sms,
        _ => return Err(broken(item, "notice")),
    };
    Ok(NotificationFact {
        order: id(item, "order_id")?,
        kind: kind.ok_or_else(|| broken(item, "notice"))?,
        channel,
        sent: number(item, "sent")?,
    })
}

fn lines(item: &Item) -> Result<Lines, Error> {
    let lines = item.get("lines").and_then(|lines| lines.as_m().ok());
    lines
        .ok_or_else(|| broken(item, "lines"))?
        .iter()
        .map(|(product, pieces)| {
            let product = product.parse().ok()?;
            Some((product, pieces.as_n().ok()?.parse().ok()?))
        })
        .collect::<Option<Lines>>()
        .ok_or_else(|| broken(item, "lines"))
}

fn text<'a>(item: &'a Item, name: &str) -> Result<&'a str, Error> {
    let value = item.get(name).and_then(|value| value.as_s().ok());
    value.map(String::as_str).ok_or_else(|| broken(item, name))
}

fn number<T: std::str::FromStr>(item: &Item, name: &str) -> Result<T, Error> {
    let value = item.get(name).and_then(|value| value.as_n().ok());
    value.and_then(|number| number.parse().ok()).ok_or_else(|| broken(item, name))
}

fn id<T: std::str::FromStr>(item: &Item, name: &str) -> Result<T, Error>
where
    T::Err: Display,
{
    text(item, name)?.parse().map_err(|error: T::Err| Error::facts(error.to_string()))
}

fn broken(item: &Item, name: &str) -> Error {
    Error::facts(format!("`{name}` is missing or makes no sense in {item:?}"))
}
