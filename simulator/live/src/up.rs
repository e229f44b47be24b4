//! SecureCart without load: for the AWS CLI, a browser, or a load tool of one's own. It scales as
//! its plan says; faults are not played.

use std::{net::SocketAddr, sync::Arc};

use securecart_loopback::Server;
use securecart_scenario::Plan;
use tokio::time::Instant;

use crate::{Error, Tiers, conditions::Conditions, run::Stage, shop::Shop};

/// What to start.
#[derive(Debug)]
pub struct UpOptions {
    /// Fleets and catalogue come from this plan; its traffic is not driven.
    pub plan: Plan,
    /// Who serves AWS, the database and the cache.
    pub tiers: Tiers,
    /// What the clock shows at the start, ms since the Unix epoch.
    pub epoch_ms: u64,
    /// Port of the AWS API; 0 takes any that is free.
    pub aws_port: u16,
    /// Port of the shop; 0 takes any that is free.
    pub shop_port: u16,
}

/// A SecureCart that runs until it is closed.
pub struct Up {
    shop: Arc<Shop>,
    conditions: Conditions,
    aws: Server,
    stage: Stage,
    /// Last: the files of the database go with it.
    _tiers: Tiers,
}

impl Up {
    /// Starts everything.
    ///
    /// # Errors
    /// When a port can't be had or provisioning fails.
    pub async fn start(options: UpOptions) -> Result<Self, Error> {
        let UpOptions { plan, tiers, epoch_ms, aws_port, shop_port } = options;
        let stage = Stage::set(plan, epoch_ms, &tiers).await?;
        let aws = stage.cloud.engine().serve(aws_port).await.map_err(Error::aws_port)?;
        let shop = Arc::new(stage.open(shop_port).await?);
        stage.time.begin(Instant::now());
        let conditions = Conditions::scaling(&stage, &shop)?;
        Ok(Self { shop, conditions, aws, stage, _tiers: tiers })
    }

    /// Where the AWS API is served.
    #[must_use]
    pub fn aws_address(&self) -> SocketAddr {
        self.aws.address()
    }

    /// Where shoppers reach the shop.
    #[must_use]
    pub fn shop_address(&self) -> SocketAddr {
        self.shop.address()
    }

    /// Stops everything.
    pub async fn close(self) {
        self.conditions.end().await;
        if let Some(shop) = Arc::into_inner(self.shop) {
            shop.close().await;
        }
        self.aws.close().await;
        if let Err(error) = self.stage.clear().await {
            log::warn!("{error}");
        }
    }
}
