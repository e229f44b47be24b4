//! From options to the tiers of a run: what is chosen and why, what is started, what it carries.

use std::{path::PathBuf, time::Duration};

use securecart_analysis::PROBED_SHARE_MAX;
use securecart_cloud::{Endpoint, EndpointError};
use securecart_containers::{self as containers, Images};
use securecart_live::{Backend, Carried, Choice, Error, ErrorKind, LocalStack, Tiers};
use securecart_record::Probe;
use securecart_scenario::{Container, Overrides, Plan, Scenario};
use tokio_util::sync::CancellationToken;

use super::load;
use crate::{
    args::{self, TierArgs},
    exit::Exit,
    output,
};

/// What was chosen, and why: words for the start-up line.
pub(super) struct Chosen {
    pub(super) choice: Choice,
    why: String,
}

/// Decides who serves the tiers. `auto` asks Docker, and pulls nothing.
pub(super) async fn choose(args: &TierArgs) -> Result<Chosen, Exit> {
    check(args)?;
    let (backend, why) = match args.backend {
        args::Backend::Embedded => (Backend::Embedded, "as asked".to_owned()),
        args::Backend::Localstack => (localstack(args, true), "as asked".to_owned()),
        args::Backend::Auto if args.endpoint_url.is_none() => auto(args).await,
        args::Backend::Auto | args::Backend::Endpoint => {
            (Backend::Endpoint(endpoint(args)?), "as asked".to_owned())
        }
    };
    let choice = Choice {
        backend,
        database_url: args.database_url.clone(),
        replica_urls: args.replica_url.clone(),
        cache_urls: args.cache_url.clone(),
    };
    Ok(Chosen { choice, why })
}

/// Options that contradict each other.
fn check(args: &TierArgs) -> Result<(), Exit> {
    use args::Backend::{Auto, Endpoint, Localstack};
    let is_containers = matches!(args.backend, Auto | Localstack) && args.endpoint_url.is_none();
    let images = [
        ("--localstack-image", &args.localstack_image),
        ("--postgres-image", &args.postgres_image),
        ("--cache-image", &args.cache_image),
    ];
    let image = images.iter().find(|(_, image)| image.is_some()).map(|(option, _)| *option);
    let mistake = if args.endpoint_url.is_some() && !matches!(args.backend, Auto | Endpoint) {
        "`--endpoint-url` needs `--backend endpoint`, or no `--backend`".to_owned()
    } else if args.endpoint_url.is_none() && args.backend == Endpoint {
        "`--backend endpoint` needs `--endpoint-url URL`, such as http://127.0.0.1:4566".to_owned()
    } else if args.endpoint_url.is_none() && args.allow_remote_endpoint {
        "`--allow-remote-endpoint` does nothing without `--endpoint-url`".to_owned()
    } else if let Some(option) = image.filter(|_| !is_containers) {
        format!("`{option}` does nothing: this backend starts no containers")
    } else if args.postgres_image.is_some() && args.database_url.is_some() {
        "`--postgres-image` does nothing beside `--database-url`: no PostgreSQL is started"
            .to_owned()
    } else if args.cache_image.is_some() && !args.cache_url.is_empty() {
        "`--cache-image` does nothing beside `--cache-url`: no cache is started".to_owned()
    } else {
        return Ok(());
    };
    output::complain(&mistake);
    Err(Exit::Usage)
}

fn endpoint(args: &TierArgs) -> Result<Endpoint, Exit> {
    let url = args.endpoint_url.as_deref().unwrap_or_default();
    let endpoint =
        if args.allow_remote_endpoint { Endpoint::anywhere(url) } else { url.parse::<Endpoint>() };
    endpoint.map_err(|error| {
        output::complain(&format!("--endpoint-url: {error}"));
        if matches!(error, EndpointError::Remote(_)) {
            output::narrate("       --allow-remote-endpoint takes an emulator on another machine");
        }
        Exit::Usage
    })
}

fn images(args: &TierArgs) -> Images {
    let mut images = Images::pinned(engine(args));
    let own = [
        (&mut images.localstack, &args.localstack_image),
        (&mut images.postgres, &args.postgres_image),
        (&mut images.cache, &args.cache_image),
    ];
    for (image, given) in own {
        if let Some(given) = given {
            image.clone_from(given);
        }
    }
    images
}

fn engine(args: &TierArgs) -> containers::CacheEngine {
    match args.cache_engine {
        args::CacheEngine::Valkey => containers::CacheEngine::Valkey,
        args::CacheEngine::Memcached => containers::CacheEngine::Memcached,
    }
}

fn localstack(args: &TierArgs, pull: bool) -> Backend {
    Backend::LocalStack(LocalStack {
        images: images(args),
        cache_engine: engine(args),
        auth_token: args.localstack_auth_token.clone(),
        ready_within: Duration::from_secs_f64(args.ready_within),
        pull,
    })
}

/// LocalStack where everything for it is here already.
async fn auto(args: &TierArgs) -> (Backend, String) {
    let images = images(args);
    let wanted = images.wanted(args.database_url.is_none(), args.cache_url.is_empty());
    let why = match containers::docker().await {
        Err(_) => "no Docker engine answers; --backend localstack says why".to_owned(),
        Ok(docker) => match containers::images_present(&wanted).await {
            Err(error) => format!("Docker {} answers, but {error}", docker.version),
            Ok(present) => match present.iter().find(|(_, is_here)| !is_here) {
                Some((missing, _)) => {
                    format!("Docker has no image {missing}; --backend localstack pulls it")
                }
                None => {
                    let why = format!(
                        "Docker {} answers and has the images; --backend embedded carries more load",
                        docker.version
                    );
                    return (localstack(args, false), why);
                }
            },
        },
    };
    (Backend::Embedded, why)
}

/// Tiers that are ready, and the plan at the scale that they carry.
pub(super) struct Prepared {
    pub(super) tiers: Tiers,
    pub(super) plan: Plan,
    pub(super) probe: Option<Probe>,
}

/// Where a plan came from, so that it can be made again at another scale.
pub(super) struct Source<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) overrides: &'a Overrides,
}

/// Starts what was chosen, and holds the plan against what it carries.
pub(super) async fn prepare(
    chosen: Chosen,
    plan: Plan,
    source: &Source<'_>,
    (run, logs): (&str, PathBuf),
    stop: &CancellationToken,
) -> Result<Prepared, Exit> {
    announce(&plan, &chosen);
    breaks_containers(&plan, &chosen.choice)?;
    let narrate = |text: &str| output::narrate(&format!("  {text}"));
    let has_logs = matches!(chosen.choice.backend, Backend::LocalStack(_));
    let folder = logs.clone();
    let tiers = Tiers::prepare(chosen.choice, &plan, (run, logs), narrate, stop.clone()).await;
    let tiers = tiers.map_err(|error| failed(&error, stop))?;
    for tier in tiers.described() {
        output::narrate(&format!("  {:<10} {}", tier.tier, tier.served_by));
    }
    let measured = tokio::select! {
        measured = tiers.measure() => measured.map_err(|error| failed(&error, stop)),
        () = stop.cancelled() => {
            let removed = if has_logs { "; its containers are removed" } else { "" };
            output::narrate(&format!(
                "interrupted while measuring what the emulator carries{removed}"
            ));
            Err(Exit::Interrupted)
        }
    };
    let fitted = measured.and_then(|carried| match carried {
        None => Ok((plan, None)),
        Some(carried) => fit(plan, source, carried),
    });
    match fitted {
        Ok((plan, probe)) => Ok(Prepared { tiers, plan, probe }),
        Err(exit) => {
            if let Err(error) = tiers.remove().await {
                output::complain(&error.to_string());
            }
            if has_logs {
                output::narrate(&format!("logs: {}", folder.display()));
            }
            Err(exit)
        }
    }
}

/// The plan at a scale that is carried. One that was asked for by `--scale` is not changed.
fn fit(plan: Plan, source: &Source<'_>, carried: Carried) -> Result<(Plan, Option<Probe>), Exit> {
    let (mut probe, fitting) = carried.hold_against(&plan);
    let numbers = format!(
        "the emulator carries {:.0} calls a second ({}), and the peak asks for {:.0} of that kind",
        probe.carried_per_second, probe.call, probe.asked_per_second
    );
    let Some(scale) = fitting else {
        output::narrate(&format!("  {numbers}"));
        return Ok((plan, Some(probe)));
    };
    let most = PROBED_SHARE_MAX * 100.0;
    if source.overrides.scale.is_some() {
        output::complain(&format!(
            "{numbers}: more than {most:.0} % of it measures the emulator, not SecureCart; give \
             `--scale {scale}` or less, or `--backend embedded`"
        ));
        return Err(Exit::Unavailable);
    }
    let overrides = Overrides { scale: Some(scale), ..*source.overrides };
    let scaled = source.scenario.plan(&overrides).map_err(|problems| {
        output::complain(&format!(
            "{numbers}: at a scale of {scale}, which it would carry, the scenario can't be played"
        ));
        load::explain(&problems);
        Exit::Unavailable
    })?;
    output::narrate(&format!("  {numbers}: scaled down from {} to {scale}", plan.scale));
    probe.scale_asked = Some(plan.scale);
    Ok((scaled, Some(probe)))
}

/// Faults of containers need containers.
fn breaks_containers(plan: &Plan, choice: &Choice) -> Result<(), Exit> {
    let lacking = |container| match (&choice.backend, container) {
        (Backend::Embedded | Backend::Endpoint(_), _) => Some((
            format!("backend {} has no containers", choice.backend.as_str()),
            "`--backend localstack`",
        )),
        (_, Container::Primary | Container::Replica) if choice.database_url.is_some() => {
            Some(("the database is elsewhere".to_owned(), "its own database: no `--database-url`"))
        }
        (_, Container::Cache) if !choice.cache_urls.is_empty() => {
            Some(("the cache is elsewhere".to_owned(), "its own cache: no `--cache-url`"))
        }
        _ => None,
    };
    let mut faults = plan.faults.iter();
    let found = faults.find_map(|fault| Some((fault, lacking(fault.kind.container()?)?)));
    let Some((fault, (why, instead))) = found else { return Ok(()) };
    output::complain(&format!(
        "the scenario has a `{}`, and {why}: run it with {instead}, or without its faults (`--set \
         'fault=[]'`)",
        fault.kind.as_str(),
    ));
    Err(Exit::Usage)
}

fn failed(error: &Error, stop: &CancellationToken) -> Exit {
    if stop.is_cancelled() {
        output::narrate(&error.kind.to_string());
        return Exit::Interrupted;
    }
    output::complain(&error.to_string());
    match error.kind {
        ErrorKind::Url(_) => Exit::Usage,
        _ if error.is_environment() => Exit::Unavailable,
        _ => Exit::Failure,
    }
}

/// Says what is about to run, and on what: one line that names the other choice.
fn announce(plan: &Plan, chosen: &Chosen) {
    output::narrate(&format!(
        "{}: {} of wall time, seed {}; backend {} ({})",
        plan.name,
        securecart_record::format::duration_s(plan.window.wall_s()),
        plan.seed,
        chosen.choice.backend.as_str(),
        chosen.why,
    ));
    let skipped = plan.skipped_faults().count();
    if skipped > 0 {
        output::narrate(&format!(
            "  {skipped} of {} faults lie outside of what is played, and are not; --check says which",
            plan.faults.len()
        ));
    }
}
