//! One suite for both databases: SQLite always, PostgreSQL where its URLs are given.
//!
//! ```text
//! SECURECART_TEST_POSTGRES_URL=postgres://… SECURECART_TEST_POSTGRES_REPLICA_URL=postgres://… \
//!     cargo test -p securecart-database -- --ignored
//! ```

mod repositories {
    pub(crate) mod bench;
    pub(crate) mod catalogue;
    pub(crate) mod faults;
    pub(crate) mod ledger;
    pub(crate) mod opening;
}

use repositories::{bench::Bench, catalogue, faults, ledger};

macro_rules! suite {
    ($($module:ident :: $case:ident),* $(,)?) => {
        mod sqlite {
            use super::*;
            $(
                #[tokio::test(start_paused = true)]
                async fn $case() {
                    let bench = Bench::sqlite(|_| ()).await;
                    $module::$case(&bench).await;
                    bench.close().await;
                }
            )*
        }

        mod postgres {
            use super::*;
            $(
                #[tokio::test]
                #[ignore = "needs PostgreSQL: SECURECART_TEST_POSTGRES_URL"]
                async fn $case() {
                    let bench = Bench::postgres(|_| ()).await;
                    $module::$case(&bench).await;
                    bench.close().await;
                }
            )*
        }
    };
}

suite! {
    catalogue::a_product_is_found_by_id,
    catalogue::a_category_is_paged,
    catalogue::a_word_finds_products_that_are_named_so,
    catalogue::prices_come_in_the_order_asked,
    catalogue::inserting_again_changes_nothing,
    ledger::an_order_is_written_once_and_read_back,
    ledger::an_order_moves_along_its_life_and_not_otherwise,
    ledger::of_fifty_who_move_an_order_one_does,
    ledger::two_captures_at_once_are_one,
    ledger::the_latest_authorisation_holds,
    ledger::the_audit_reads_every_row_once,
    ledger::damage_is_what_the_audit_then_finds,
    ledger::a_shopper_sees_what_was_just_written,
    faults::what_a_replica_lags_behind_the_primary_answers,
    faults::an_outage_of_the_primary_loses_nothing_acknowledged,
    faults::a_lost_replica_is_passed_over,
    faults::a_pool_queues_and_never_exceeds_its_size,
    faults::a_server_takes_so_many_connections,
}
