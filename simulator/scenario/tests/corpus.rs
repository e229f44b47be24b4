//! The corpora: what is read, and what the messages for the rest look like.
//!
//! Every file of `tests/corpus` has a snapshot next to it. After a wanted change:
//! `INSTA_UPDATE=always cargo test -p securecart-scenario`, then read the difference.

use std::{
    fs,
    path::{Path, PathBuf},
};

use miette::{GraphicalReportHandler, GraphicalTheme};
use securecart_scenario::{Diagnostics, Overrides, Scenario};

fn corpus(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus").join(kind)
}

/// Name and text of every file of a corpus, in order.
fn files(kind: &str) -> Vec<(String, String)> {
    let entries = fs::read_dir(corpus(kind)).expect("the corpus is there");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| {
            let name = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("it can be read"))
        })
        .collect();
    files.sort();
    files
}

fn rendered(diagnostics: &Diagnostics) -> String {
    let mut text = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(100)
        .render_report(&mut text, diagnostics)
        .expect("a report can be rendered");
    text
}

fn snapshot(kind: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(corpus(kind));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn good_files_become_plans() {
    let files = files("good");
    assert!(files.len() >= 3, "the corpus is complete");
    for (name, text) in files {
        let scenario = Scenario::parse(&format!("{name}.toml"), &text)
            .unwrap_or_else(|diagnostics| panic!("{}", rendered(&diagnostics)));
        assert_eq!(scenario.name(), name);
        let plan = scenario.plan(&Overrides::default()).expect("it can be played");
        snapshot("good", &name, &plan.describe());
    }
}

#[test]
fn bad_files_are_explained() {
    let files = files("bad");
    assert!(files.len() >= 100, "the corpus is complete");
    for (name, text) in files {
        let diagnostics = match Scenario::parse(&format!("{name}.toml"), &text) {
            Ok(_) => panic!("{name} is accepted"),
            Err(diagnostics) => diagnostics,
        };
        assert!(!diagnostics.problems().is_empty(), "{name}");
        snapshot("bad", &name, &rendered(&diagnostics));
    }
}

#[test]
fn shipped_scenarios_are_described() {
    for shipped in securecart_scenario::shipped() {
        let scenario = Scenario::parse(shipped.name, shipped.text).expect("it is valid");
        let plan = scenario.plan(&Overrides::default()).expect("it can be played");
        insta::assert_snapshot!(shipped.name, plan.describe());
    }
}
