//! From a document to a plan: every rule of the format that is more than a type.
//!
//! A value that breaks a rule is reported and reading goes on with it, so that one pass finds all
//! problems; a plan made on the way is used only when there are none.

mod bounds;
mod data;
mod faults;
mod fleet;
mod frame;
mod functions;
mod journeys;
mod metrics;
mod objectives;
mod resources;
mod run;
mod scaling;
mod services;
mod traffic;

use miette::SourceSpan;
use securecart_domain::ServiceName;

use crate::{
    defaults,
    document::{CatalogueTable, Document, NotificationTable},
    limits,
    located::Field,
    plan::{CatalogueSpec, NotificationSpec, Plan},
    problem::Problems,
};

pub(crate) use frame::Frame;
pub(crate) use run::check_load;

use faults::Shop;

/// The plan of `document` as it is without overrides, and what overrides are held against.
pub(crate) fn plan(document: &Document, problems: &mut Problems) -> (Plan, Frame) {
    let (window, scale, frame) = run::read(document, problems);
    let mut services = services::read(&document.services, &frame, problems);
    let functions = functions::read(&document.functions, problems);
    if let (Some(service), Some(function)) =
        (services.get_mut(&ServiceName::Fraud), functions.get(ServiceName::Fraud.as_str()))
    {
        service.service_time = function.service_time;
    }
    let database = data::database(&document.database, problems);
    let cache = data::cache(&document.cache, problems);
    let shop = Shop { services: &services, functions: &functions, database, cache, frame: &frame };
    let faults = shop.faults(&document.fault, problems);
    let redrives = shop.redrives(&document.redrive, problems);
    let plan = Plan {
        name: name(&document.name, problems),
        summary: summary(&document.summary, problems),
        seed: document.seed.value().copied().unwrap_or(defaults::SEED),
        scale,
        window,
        traffic: traffic::read(&document.traffic, &frame, problems),
        catalogue: catalogue(&document.catalogue, problems),
        journeys: journeys::read(&document.journey, problems),
        services,
        functions,
        tables: resources::tables(&document.tables, problems),
        database,
        cache,
        gateway: resources::gateway(&document.gateway, problems),
        assumptions: resources::assumptions(&document.assumptions, problems),
        faults,
        redrives,
        notifications: notifications(&document.notifications, problems),
        objectives: objectives::read(&document.objectives, problems),
        overrides: Vec::new(),
    };
    (plan, frame)
}

/// A name that is legal: lower-case words with hyphens, so that it serves as a file name.
fn name(field: &Field<String>, problems: &mut Problems) -> String {
    let Some(name) = field.value() else { return String::new() };
    let words = name.split('-').all(|word| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    });
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !words || !starts || name.len() > limits::NAME_CHARS {
        problems.add(
            field.span(),
            format!("`{name}` is not a legal name"),
            format!(
                "a name is lower-case letters, digits and single hyphens, starts with a letter and \
                 has at most {} characters, such as `black-friday`",
                limits::NAME_CHARS
            ),
        );
    }
    name.clone()
}

fn summary(field: &Field<String>, problems: &mut Problems) -> String {
    let Some(summary) = field.value() else { return String::new() };
    let one_line = !summary.trim().is_empty() && !summary.contains(char::is_control);
    if !one_line || summary.chars().count() > limits::SUMMARY_CHARS {
        problems.add(
            field.span(),
            "`summary` is not one line",
            format!("say in 1 to {} characters what the scenario is", limits::SUMMARY_CHARS),
        );
    }
    summary.clone()
}

fn catalogue(field: &Field<CatalogueTable>, problems: &mut Problems) -> CatalogueSpec {
    let Some(table) = field.value() else { return defaults::CATALOGUE };
    let standard = defaults::CATALOGUE;
    let mut whole = |field: &Field<u32>, key, standard, least, most| {
        bounds::whole(field, key, (least, most), problems).unwrap_or(standard)
    };
    let products = whole(&table.products, "products", standard.products, 1, limits::PRODUCTS);
    let stock = whole(&table.stock, "stock", standard.stock, 0, limits::STOCK);
    let hot = &table.hot_product_stock;
    let hot_product_stock =
        whole(hot, "hot-product-stock", standard.hot_product_stock, 0, limits::STOCK);
    let most = limits::ZIPF_EXPONENT;
    let zipf_exponent = bounds::number(&table.zipf_exponent, "zipf-exponent", 0.0..=most, problems)
        .unwrap_or(standard.zipf_exponent);
    CatalogueSpec { products, zipf_exponent, stock, hot_product_stock }
}

fn notifications(field: &Field<NotificationTable>, problems: &mut Problems) -> NotificationSpec {
    let Some(table) = field.value() else { return defaults::NOTIFICATIONS };
    let mut rate = |field, key, standard| {
        bounds::above_zero(field, key, limits::NOTIFICATIONS_PER_SECOND, problems)
            .unwrap_or(standard)
    };
    let standard = defaults::NOTIFICATIONS;
    NotificationSpec {
        email_per_second: rate(
            &table.email_per_second,
            "email-per-second",
            standard.email_per_second,
        ),
        sms_per_second: rate(&table.sms_per_second, "sms-per-second", standard.sms_per_second),
    }
}

/// Reports a list that is empty or longer than `most`.
fn length(
    items: usize,
    most: usize,
    what: &str,
    span: Option<SourceSpan>,
    problems: &mut Problems,
) {
    if items == 0 {
        problems.add(span, format!("`{what}` is empty"), "");
    } else if items > most {
        problems.add(
            span,
            format!("`{what}` has {items} entries"),
            format!("at most {most} are allowed"),
        );
    }
}

/// Whether `service` answers requests; the others work off queues.
const fn serves(service: ServiceName) -> bool {
    !matches!(
        service,
        ServiceName::Inventory | ServiceName::Fulfilment | ServiceName::Notifications
    )
}
