//! Messages that nobody can read.

use std::time::Duration;

use rand::RngExt as _;
use securecart_cloud::Role;
use securecart_domain::random;

use tokio_util::task::AbortOnDropHandle;

use super::Site;

/// Sends `count` poisonous messages to `queue`, spread evenly over `wall`, until the handle is
/// dropped.
pub(super) fn spread(
    site: &Site,
    queue: &str,
    count: u32,
    wall: Duration,
) -> AbortOnDropHandle<()> {
    let sqs = site.cloud.clients(Role::Harness).sqs;
    let url = site.resources.queue_url(queue);
    let mut random = random::stream(site.seed, &format!("poison/{queue}"));
    let gap = wall.div_f64(f64::from(count.max(1)));
    AbortOnDropHandle::new(tokio::spawn(async move {
        for number in 0..count {
            // Valid JSON now and then, so that not only the parser is tried.
            let body = if random.random::<bool>() {
                format!("{{\"poison\":{number}}}")
            } else {
                format!("poison {number}")
            };
            let sent = sqs.send_message().queue_url(&url).message_body(body).send().await;
            if let Err(error) = sent {
                log::warn!("a poisonous message could not be sent: {error}");
            }
            tokio::time::sleep(gap).await;
        }
    }))
}
