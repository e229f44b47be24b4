//! Another process: one that is killed, or has another engine.
//!
//! The test binary starts itself, with the one test below that does nothing but to play the child.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use securecart_containers::{Containers, Options, docker};

const ROLE: &str = "SECURECART_TEST_CHILD";

/// Starts containers for `run`, and holds them until it is killed.
pub(crate) fn holding(run: &str, folder: &std::path::Path) -> Child {
    let mut child = command(&format!("hold {run} {}", folder.display())).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut lines = lines.map_while(Result::ok);
    let ready = lines.find(|line| line.contains("child:"));
    assert_eq!(ready.as_deref(), Some("child: ready"));
    child
}

/// What `docker()` says where `DOCKER_HOST` is `host`.
pub(crate) fn doctor(host: &str) -> String {
    let output = command("doctor").env("DOCKER_HOST", host).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_once("child: ").unwrap().1.to_owned()
}

fn command(role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--ignored", "--nocapture", "--exact", "child::plays_its_role"])
        .env(ROLE, role)
        .stdout(Stdio::piped());
    command
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Docker and the images"]
async fn plays_its_role() {
    let Some(role) = std::env::var_os(ROLE) else { return };
    let role = role.into_string().unwrap();
    match role.split(' ').collect::<Vec<_>>()[..] {
        ["hold", run, folder] => {
            let started =
                Containers::start(Options::new(run, folder), |_| (), std::future::pending()).await;
            let _containers = started.unwrap();
            // In front of it stands what the test harness prints.
            println!("\nchild: ready");
            std::future::pending::<()>().await;
        }
        ["doctor"] => match docker().await {
            Ok(engine) => println!("\nchild: {engine:?}"),
            Err(error) => println!("\nchild: {error}"),
        },
        _ => panic!("{role}"),
    }
}
