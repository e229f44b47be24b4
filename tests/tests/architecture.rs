//! The direction of dependencies, and what only some crates may do.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Each crate, and the crates of ours that it may use. Everything else is a back edge.
const ALLOWED: &[(&str, &[&str])] = &[
    ("securecart-domain", &[]),
    ("securecart-clock", &[]),
    ("securecart-loopback", &[]),
    ("securecart-behaviour", &[]),
    ("securecart-embedded-wire", &[]),
    ("securecart-embedded-sqs", &["securecart-clock", "securecart-embedded-wire"]),
    ("securecart-embedded-expressions", &[]),
    (
        "securecart-embedded-dynamodb",
        &["securecart-clock", "securecart-embedded-expressions", "securecart-embedded-wire"],
    ),
    ("securecart-embedded-events", &["securecart-clock", "securecart-embedded-wire"]),
    (
        "securecart-embedded-lambda",
        &[
            "securecart-behaviour",
            "securecart-clock",
            "securecart-embedded-sqs",
            "securecart-embedded-wire",
        ],
    ),
    ("securecart-embedded-s3", &["securecart-clock", "securecart-embedded-wire"]),
    (
        "securecart-embedded",
        &[
            "securecart-behaviour",
            "securecart-clock",
            "securecart-embedded-dynamodb",
            "securecart-embedded-events",
            "securecart-embedded-lambda",
            "securecart-embedded-s3",
            "securecart-embedded-sqs",
            "securecart-embedded-wire",
            "securecart-loopback",
        ],
    ),
    (
        "securecart-cloud",
        &[
            "securecart-behaviour",
            "securecart-domain",
            "securecart-embedded",
            "securecart-embedded-wire",
        ],
    ),
    ("securecart-database", &["securecart-behaviour", "securecart-domain"]),
    ("securecart-cache", &["securecart-behaviour", "securecart-domain"]),
    ("securecart-containers", &[]),
    ("securecart-edge", &["securecart-behaviour", "securecart-domain", "securecart-loopback"]),
    (
        "securecart-services",
        &[
            "securecart-behaviour",
            "securecart-cache",
            "securecart-clock",
            "securecart-database",
            "securecart-domain",
        ],
    ),
    ("securecart-scenario", &["securecart-domain"]),
    ("securecart-record", &["securecart-domain"]),
    ("securecart-traffic", &["securecart-domain", "securecart-record", "securecart-scenario"]),
    ("securecart-analysis", &["securecart-domain", "securecart-record"]),
    (
        "securecart-live",
        &[
            "securecart-analysis",
            "securecart-behaviour",
            "securecart-cache",
            "securecart-clock",
            "securecart-cloud",
            "securecart-containers",
            "securecart-database",
            "securecart-domain",
            "securecart-edge",
            "securecart-embedded",
            "securecart-loopback",
            "securecart-record",
            "securecart-scenario",
            "securecart-services",
            "securecart-traffic",
        ],
    ),
    ("securecart-reports", &["securecart-analysis", "securecart-record"]),
    ("securecart-tui", &["securecart-record"]),
];

/// The binary wires everything, and nothing may use it.
const BINARY: &str = "securecart";

/// The members that hold tests, and nothing else.
const TESTS: [&str; 2] = ["securecart-tests", "securecart-conformance"];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata")
}

fn ours(metadata: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    let members: BTreeSet<String> =
        metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect();
    metadata
        .workspace_packages()
        .iter()
        .map(|package| {
            let used = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind == DependencyKind::Normal)
                .map(|dependency| dependency.name.clone())
                .filter(|name| members.contains(name));
            (package.name.to_string(), used.collect())
        })
        .collect()
}

#[test]
fn dependencies_point_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    for (package, used) in ours(&metadata()) {
        if package == BINARY || TESTS.contains(&package.as_str()) {
            continue;
        }
        let allowed = allowed.get(package.as_str()).unwrap_or_else(|| {
            panic!("{package} has no place in the architecture: give it one here")
        });
        for name in &used {
            assert!(
                allowed.contains(&name.as_str()),
                "{package} may not use {name}: dependencies point one way (ARCHITECTURE.md)"
            );
        }
    }
}

#[test]
fn nothing_uses_the_binary() {
    for (package, used) in ours(&metadata()) {
        assert!(!used.contains(BINARY), "{package} uses the binary");
    }
}

#[test]
fn what_is_allowed_is_used() {
    let used = ours(&metadata());
    for (package, allowed) in ALLOWED {
        let used = used.get(*package).unwrap_or_else(|| panic!("there is no {package}"));
        for name in *allowed {
            assert!(
                used.contains(*name),
                "{package} does not use {name} any more: take it out here"
            );
        }
    }
}

/// A pure crate can't do I/O with what it has: no runtime, no SDK, no sockets.
#[test]
fn pure_crates_have_no_means_of_io() {
    let metadata = metadata();
    let pure = [
        "securecart-domain",
        "securecart-behaviour",
        "securecart-record",
        "securecart-analysis",
        "securecart-embedded-expressions",
        "securecart-scenario",
    ];
    for package in metadata.workspace_packages() {
        if !pure.contains(&package.name.as_str()) {
            continue;
        }
        for dependency in &package.dependencies {
            let io = ["tokio", "hyper", "hyper-util", "nix", "sysinfo"]
                .contains(&dependency.name.as_str())
                || dependency.name.starts_with("aws-");
            assert!(!io, "{} is pure and may not use {}", package.name, dependency.name);
        }
    }
}

#[test]
fn every_crate_forbids_unsafe_code_and_shares_the_lints() {
    for package in metadata().workspace_packages() {
        let manifest = std::fs::read_to_string(&package.manifest_path).expect("a manifest");
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{} has its own lints",
            package.name
        );
        for target in &package.targets {
            if target.is_lib() || target.is_bin() {
                let source = std::fs::read_to_string(&target.src_path).expect("a root file");
                assert!(
                    source.contains("#![forbid(unsafe_code)]"),
                    "{} allows unsafe code",
                    package.name
                );
            }
        }
    }
}

/// Files that nobody can read to the end are not written.
#[test]
fn no_source_file_grows_past_reading() {
    for package in metadata().workspace_packages() {
        let folder = package.manifest_path.parent().expect("a folder");
        let mut folders = vec![folder.join("src").into_std_path_buf()];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let lines = std::fs::read_to_string(&path).expect("text").lines().count();
                    assert!(lines <= 700, "{} has {lines} lines", path.display());
                }
            }
        }
    }
}
