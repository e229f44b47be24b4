//! Flow 5: shoppers hear of their orders by the channels they want, at the provider's rate.

use securecart_cloud::Shaping;
use securecart_domain::{CustomerId, ProductId, event::Channel, resources::SMS_QUEUE};
use securecart_services::{Failure, Provider};

use crate::{
    queues::Care,
    stage::{BOTH_CHANNELS, EMAIL_ONLY, Stage},
};

#[tokio::test(start_paused = true)]
async fn everybody_gets_an_email_and_an_sms_only_who_wants_it() {
    let stage = Stage::set().await;
    for customer in (0..8).map(CustomerId) {
        let order = stage.buy(customer.0, customer, &[(ProductId(5), 1)]).await;
        stage.settle(Care::Once).await;
        let wanted: Vec<String> = Channel::of(customer)
            .iter()
            .map(|channel| format!("OrderShipped#{}", channel.as_str()))
            .collect();
        let got: Vec<String> = stage.notices(order).await.into_keys().collect();
        assert_eq!(got, wanted, "{customer}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_nobody_wants_by_sms_never_reaches_its_queue() {
    let stage = Stage::set().await;
    assert_eq!(Channel::of(EMAIL_ONLY), [Channel::Email]);
    assert_eq!(Channel::of(BOTH_CHANNELS), [Channel::Email, Channel::Sms]);
    let sent = |stage: &Stage| {
        let metrics = stage.cloud.queue_metrics();
        metrics.iter().find(|queue| queue.name == SMS_QUEUE).expect("provisioned").sent
    };
    stage.buy(1, EMAIL_ONLY, &[(ProductId(5), 1)]).await;
    stage.settle(Care::Once).await;
    assert_eq!(sent(&stage), 0);
    stage.buy(2, BOTH_CHANNELS, &[(ProductId(5), 1)]).await;
    stage.settle(Care::Once).await;
    assert_eq!(sent(&stage), 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_provider_delays_notices_and_loses_none() {
    let provider = Provider::new(1.0, 1.0);
    let stage = Stage::with(Shaping::Modelled { seed: 1 }, provider).await;
    let mut orders = Vec::new();
    for number in 0..20 {
        orders.push(stage.buy(number, BOTH_CHANNELS, &[(ProductId(5), 1)]).await);
    }
    let handled = stage.settle(Care::Once).await;
    assert!(!handled.failures.is_empty(), "a batch of 10 at 1/s outlasts the provider's patience");
    for failure in &handled.failures {
        let Failure::Dependency { dependency, code, .. } = failure else { panic!("{failure}") };
        assert_eq!((*dependency, code.as_str()), ("notification provider", "429"));
    }
    for order in orders {
        let notices = ["OrderShipped#email", "OrderShipped#sms"].map(|name| (name.to_owned(), 1));
        assert_eq!(stage.notices(order).await, notices.into(), "{order}");
    }
    for channel in securecart_domain::resources::QUEUES {
        assert!(stage.take_dead_letters(channel).await.is_empty(), "{channel}");
    }
}
