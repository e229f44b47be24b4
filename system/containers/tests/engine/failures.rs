//! Starts that fail: each says why and how to go on, and leaves nothing.

use std::{sync::Arc, time::Duration};

use securecart_containers::{Containers, Error, Options, Progress, docker, images_present};
use tokio::sync::Notify;

use crate::{
    child,
    rig::{alone, image, left, options},
};

/// The error of a start, after which nothing is left.
async fn fails(options: Options) -> Error {
    let run = options.run.clone();
    let result = Containers::start(options, |_| (), std::future::pending()).await;
    let error = result.expect_err("it started");
    println!("{error}\n");
    assert_eq!(left(&run).await, Vec::<String>::new(), "after: {error}");
    error
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Docker and the images"]
async fn the_engine_says_what_it_is_and_which_images_it_has() {
    alone(async {
        let engine = docker().await.unwrap();
        assert!(!engine.version.is_empty() && !engine.api_version.is_empty(), "{engine:?}");
        assert!(engine.cpus > 0 && engine.memory_bytes > 0, "{engine:?}");
        let (mut options, _folder) = options("images");
        options.images.cache = "securecart-test/none:1".into();
        let present = images_present(&options.images.wanted(true, true)).await.unwrap();
        let present: Vec<bool> = present.into_iter().map(|(_, there)| there).collect();
        assert_eq!(present, [true, true, false]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Docker and the images"]
async fn no_engine_is_told_at_once() {
    alone(async {
        let missing = child::doctor("unix:///nowhere/docker.sock");
        assert!(
            missing.starts_with("no Docker engine answers at /nowhere/docker.sock"),
            "{missing}"
        );
        let refused = child::doctor("tcp://127.0.0.1:1");
        assert!(refused.starts_with("no Docker engine answers at tcp://127.0.0.1:1"), "{refused}");
        assert!(refused.contains("--backend embedded"), "{refused}");

        // Takes connections and never answers.
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("docker.sock");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let hangs = child::doctor(&format!("unix://{}", socket.display()));
        assert!(hangs.contains("does not answer within 2 s"), "{hangs}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Docker and the images"]
async fn an_image_that_is_not_there_is_named_and_pulled_only_when_asked_for() {
    alone(async {
        let (mut options, _folder) = options("missing");
        options.images.cache = "securecart-test/none:1".into();
        let error = fails(options.clone()).await;
        assert!(error.to_string().contains("`docker pull securecart-test/none:1`"), "{error}");
        options.pull = true;
        let error = fails(options).await;
        assert!(
            matches!(&error, Error::Pull { image, .. } if image == "securecart-test/none:1"),
            "{error}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Docker and the images"]
async fn a_wrong_image_is_told_by_what_it_does() {
    alone(async {
        let (mut options, folder) = options("wrong");
        options.images.cache = "debian:trixie-slim".into();
        let error = fails(options.clone()).await;
        assert!(error.to_string().contains("is it an image of Valkey?"), "{error}");

        let ends = image("ends", "echo these were my last words; exit 3");
        options.images.cache.clone_from(&ends.0);
        let error = fails(options.clone()).await;
        assert!(matches!(error, Error::Exited { code: 3, .. }), "{error}");
        assert!(error.to_string().contains("these were my last words"), "{error}");
        let log = std::fs::read_to_string(folder.path().join("cache.log")).unwrap();
        assert!(log.contains("these were my last words"), "{log}");

        let token = image(
            "token",
            "echo 'License activation failed! Reason: No credentials were found in the environment. Please make sure to \
             either set the LOCALSTACK_AUTH_TOKEN variable to a valid auth token.'; exit 55",
        );
        options.images.localstack.clone_from(&token.0);
        options.images.cache = securecart_containers::VALKEY.into();
        let error = fails(options).await;
        assert!(matches!(error, Error::TokenWanted { .. }), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Docker and the images"]
async fn an_image_that_never_gets_ready_is_given_up() {
    alone(async {
        let (mut options, _folder) = options("silent");
        let silent = image("silent", "echo I do nothing; exec sleep 600");
        options.images.localstack.clone_from(&silent.0);
        options.ready_within = Duration::from_secs(2);
        // The databases need longer than that on a busy machine, and are not what is tested.
        options.images.postgres = options.images.localstack.clone();
        let error = fails(options).await;
        assert!(matches!(error, Error::NeverReady { .. }), "{error}");
        assert!(error.to_string().contains("was not ready within 2 s"), "{error}");
        assert!(error.to_string().contains("I do nothing"), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Docker and the images"]
async fn a_stop_or_a_start_given_up_leaves_nothing() {
    alone(async {
        let (options, _folder) = options("stopped");
        let started = Arc::new(Notify::new());
        let note = |progress| {
            if matches!(progress, Progress::Started { .. }) {
                started.notify_one();
            }
        };
        let result = Containers::start(options.clone(), note, started.notified()).await;
        let Err(Error::Stopped { doing, removed }) = &result else { panic!("{result:?}") };
        assert!(doing.starts_with("starting "), "{doing}");
        assert!(removed.is_some_and(|removed| removed > 0), "{removed:?}");
        assert_eq!(left(&options.run).await, Vec::<String>::new());

        // Given up: the future is dropped in the middle of a request.
        let start = Containers::start(options.clone(), note, std::future::pending());
        tokio::select! {
            result = start => panic!("{result:?}"),
            () = started.notified() => {}
        }
        assert_eq!(left(&options.run).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Docker and the images"]
async fn logs_that_cannot_be_written_end_the_start() {
    alone(async {
        let (mut options, folder) = options("logs");
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        options.logs = file.join("logs");
        let error = fails(options).await;
        assert!(matches!(error, Error::Log { .. }), "{error}");
    })
    .await;
}
