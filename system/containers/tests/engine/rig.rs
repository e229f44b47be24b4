//! What the tests share: one at a time, bounded, and a look at what is left.

use std::{
    collections::HashMap,
    future::Future,
    io::Write as _,
    net::SocketAddr,
    process::{Command, Stdio},
    time::Duration,
};

use bollard::{
    Docker,
    query_parameters::{ListContainersOptionsBuilder, ListNetworksOptionsBuilder},
};
use securecart_containers::{Options, RUN};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Mutex,
    time::{sleep, timeout},
};

static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Runs `test` alone, and not for ever.
pub(crate) async fn alone(test: impl Future<Output = ()>) {
    let _turn = ONE_AT_A_TIME.lock().await;
    timeout(Duration::from_secs(300), test).await.expect("the test took over five minutes");
}

/// Options of a run of its own, and the folder of its logs.
pub(crate) fn options(run: &str) -> (Options, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let run = format!("test-{}-{run}", std::process::id());
    (Options::new(run, folder.path()), folder)
}

/// Names of containers and networks of `run`.
pub(crate) async fn left(run: &str) -> Vec<String> {
    let docker = Docker::connect_with_local_defaults().unwrap();
    let filters = HashMap::from([("label", vec![format!("{RUN}={run}")])]);
    let of_containers = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    let of_networks = ListNetworksOptionsBuilder::new().filters(&filters).build();
    let containers = docker.list_containers(Some(of_containers)).await.unwrap();
    let networks = docker.list_networks(Some(of_networks)).await.unwrap();
    let containers = containers.into_iter().flat_map(|container| container.names.unwrap());
    containers.chain(networks.into_iter().filter_map(|network| network.name)).collect()
}

/// An image that is gone with the test.
pub(crate) struct Image(pub(crate) String);

impl Drop for Image {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["rmi", "--force", &self.0]).output();
    }
}

/// An image that runs `script`, whatever arguments it is given.
pub(crate) fn image(name: &str, script: &str) -> Image {
    let image = Image(format!("securecart-test/{name}:1"));
    let mut build = Command::new("docker")
        .args(["build", "--quiet", "--tag", &image.0, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let words = serde_json::to_string(&["bash", "-c", script]).unwrap();
    let recipe = format!("FROM debian:trixie-slim\nENTRYPOINT {words}\n");
    build.stdin.take().unwrap().write_all(recipe.as_bytes()).unwrap();
    assert!(build.wait().unwrap().success(), "docker build {}", image.0);
    image
}

/// What the `docker` command prints.
pub(crate) fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "docker {arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// What a server answers to one line.
pub(crate) async fn ask(address: SocketAddr, line: &str) -> std::io::Result<String> {
    let answer = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(line.as_bytes()).await?;
        let mut answer = vec![0; 64];
        let bytes = stream.read(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer[..bytes]).into_owned())
    };
    timeout(Duration::from_secs(1), answer)
        .await
        .unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
}

/// Waits until `condition` holds.
pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    for _ in 0..300 {
        if condition().await {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("not within 30 s: {what}");
}
