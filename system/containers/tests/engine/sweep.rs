//! What a killed run leaves is removed by the next; what belongs to a living one is not.

use securecart_containers::{Containers, Progress, sweep};

use crate::{
    child,
    rig::{alone, left, options},
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Docker and the images"]
async fn a_killed_run_is_swept_and_a_living_one_is_left_alone() {
    alone(async {
        let (options, folder) = options("killed");
        let mut child = child::holding(&options.run, folder.path());
        let held = left(&options.run).await;
        assert_eq!(held.len(), 5, "four containers and a network: {held:?}");

        let swept = sweep().await.unwrap();
        assert_eq!(swept, Vec::<String>::new(), "its owner lives");
        assert_eq!(left(&options.run).await, held);

        // SIGKILL: no destructor runs.
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(left(&options.run).await, held, "nobody has removed them yet");
        let mut swept = sweep().await.unwrap();
        swept.sort();
        let mut names: Vec<String> =
            held.iter().map(|name| name.trim_start_matches('/').to_owned()).collect();
        names.sort();
        assert_eq!(swept, names);
        assert_eq!(left(&options.run).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Docker and the images"]
async fn a_start_sweeps_first_and_a_panic_leaves_nothing() {
    alone(async {
        let (killed, folder) = options("before");
        let mut child = child::holding(&killed.run, folder.path());
        child.kill().unwrap();
        child.wait().unwrap();

        let (options, _folder) = options("panics");
        let run = options.run.clone();
        let task = tokio::spawn(async move {
            let swept = std::sync::Mutex::new(Vec::new());
            let note = |progress| {
                if let Progress::Swept { names } = progress {
                    *swept.lock().unwrap() = names;
                }
            };
            let _containers =
                Containers::start(options, note, std::future::pending()).await.unwrap();
            panic!("swept {}", swept.lock().unwrap().len());
        });
        let panic = task.await.unwrap_err().into_panic();
        assert_eq!(panic.downcast_ref::<String>().map(String::as_str), Some("swept 5"));
        assert_eq!(left(&killed.run).await, Vec::<String>::new());
        assert_eq!(left(&run).await, Vec::<String>::new());
    })
    .await;
}
