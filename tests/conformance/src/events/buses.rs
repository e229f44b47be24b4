//! Buses: `CreateEventBus`, `DescribeEventBus`, `ListEventBuses`, `DeleteEventBus`.

use super::support::Bus;
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, holds, same},
    context::Context,
};

const CREATE: &str = "EventBridge API reference, CreateEventBus";
const DESCRIBE: &str = "EventBridge API reference, DescribeEventBus";
const LIST: &str = "EventBridge API reference, ListEventBuses";
const DELETE: &str = "EventBridge API reference, DeleteEventBus";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "events/create-event-bus/arn",
            "The ARN is arn:aws:events:region:account:event-bus/name.",
            CREATE,
            arn,
        ),
        case(
            "events/create-event-bus/again",
            "A bus that is there is ResourceAlreadyExistsException.",
            CREATE,
            again,
        ),
        case(
            "events/create-event-bus/default",
            "The name default belongs to the bus that is always there.",
            CREATE,
            |cx| taken(cx, "default"),
        ),
        case(
            "events/create-event-bus/with-slash",
            "A custom bus's name has no slash.",
            CREATE,
            |cx| bad_name(cx, "a/b".to_owned()),
        ),
        case("events/create-event-bus/of-257", "A name has up to 256 characters.", CREATE, |cx| {
            bad_name(cx, "n".repeat(257))
        }),
        case(
            "events/describe-event-bus/known",
            "A bus is described by name and ARN.",
            DESCRIBE,
            described,
        ),
        case(
            "events/describe-event-bus/default",
            "The default bus is always there.",
            DESCRIBE,
            default_bus,
        ),
        case(
            "events/describe-event-bus/missing",
            "A bus that is not there is ResourceNotFoundException.",
            DESCRIBE,
            missing,
        ),
        case(
            "events/list-event-buses/by-prefix",
            "Only buses whose names begin with the prefix are listed.",
            LIST,
            by_prefix,
        ),
        case(
            "events/list-event-buses/pages",
            "Pages of Limit come to all buses, each once.",
            LIST,
            pages,
        ),
        case(
            "events/delete-event-bus/is-gone",
            "A deleted bus is not there any more.",
            DELETE,
            deleted,
        ),
        case(
            "events/delete-event-bus/absent",
            "Deleting a bus that is not there is no error.",
            DELETE,
            delete_absent,
        ),
        case(
            "events/delete-event-bus/default",
            "The default bus can't be deleted.",
            DELETE,
            delete_default,
        ),
        case(
            "events/delete-event-bus/with-rules",
            "A bus with rules can't be deleted.",
            DELETE,
            delete_with_rules,
        ),
    ]
}

async fn arn(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let end = format!(":event-bus/{}", bus.name);
    holds(
        &format!("an ARN that ends with {end}"),
        bus.arn.starts_with("arn:aws:events:us-east-1:") && bus.arn.ends_with(&end),
        &bus.arn,
    )
}

async fn again(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let created = cx.events().create_event_bus().name(&bus.name).send().await;
    created
        .refused(400, "ResourceAlreadyExistsException")?
        .saying(&format!("Event bus {} already exists.", bus.name))
}

async fn taken(cx: Context, name: &'static str) -> Checked {
    let created = cx.events().create_event_bus().name(name).send().await;
    created.refused(400, "ResourceAlreadyExistsException").map(drop)
}

async fn bad_name(cx: Context, name: String) -> Checked {
    let created = cx.events().create_event_bus().name(name).send().await;
    created.refused(400, "ValidationException").map(drop)
}

async fn described(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let got =
        cx.events().describe_event_bus().name(&bus.name).send().await.answer("DescribeEventBus")?;
    same("Name and Arn", (got.name, got.arn), (Some(bus.name), Some(bus.arn)))
}

async fn default_bus(cx: Context) -> Checked {
    let got = cx.events().describe_event_bus().send().await.answer("DescribeEventBus")?;
    same("Name", got.name.as_deref(), Some("default"))
}

async fn missing(cx: Context) -> Checked {
    let name = cx.name("none");
    let got = cx.events().describe_event_bus().name(&name).send().await;
    got.refused(400, "ResourceNotFoundException")?
        .saying(&format!("Event bus {name} does not exist."))
}

async fn by_prefix(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let listed = cx.events().list_event_buses().name_prefix(&bus.name).send().await;
    let names: Vec<_> = listed
        .answer("ListEventBuses")?
        .event_buses()
        .iter()
        .filter_map(|bus| bus.name.clone())
        .collect();
    same("names", names, [bus.name])
}

async fn pages(cx: Context) -> Checked {
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(Bus::new(&cx).await?.name);
    }
    let (mut seen, mut token) = (Vec::new(), None);
    for _ in 0..6 {
        let list = cx.events().list_event_buses().name_prefix(format!("{}-", cx.prefix())).limit(2);
        let page = list.set_next_token(token).send().await.answer("ListEventBuses")?;
        holds("at most 2 a page", page.event_buses().len() <= 2, page.event_buses().len())?;
        seen.extend(page.event_buses().iter().filter_map(|bus| bus.name.clone()));
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    made.sort_unstable();
    seen.sort_unstable();
    same("names of all pages", seen, made)
}

async fn deleted(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    cx.events().delete_event_bus().name(&bus.name).send().await.answer("DeleteEventBus")?;
    let got = cx.events().describe_event_bus().name(&bus.name).send().await;
    got.refused(400, "ResourceNotFoundException").map(drop)
}

async fn delete_absent(cx: Context) -> Checked {
    let deleted = cx.events().delete_event_bus().name(cx.name("none")).send().await;
    deleted.answer("DeleteEventBus").map(drop)
}

async fn delete_default(cx: Context) -> Checked {
    let deleted = cx.events().delete_event_bus().name("default").send().await;
    deleted.refused(400, "ValidationException")?.mentioning("Cannot delete event bus default.")
}

async fn delete_with_rules(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    bus.rule(r#"{"source":["a"]}"#).await?;
    let deleted = cx.events().delete_event_bus().name(&bus.name).send().await;
    deleted.refused(400, "ValidationException").map(drop)
}
