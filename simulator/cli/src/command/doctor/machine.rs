//! What needs no Docker: cores, memory, files, ports, disks, the terminal.

use std::{
    io::IsTerminal as _,
    net::{Ipv4Addr, TcpListener},
    path::Path,
};

use nix::sys::{
    resource::{Resource, getrlimit},
    statvfs::statvfs,
};
use securecart_live::environment;

use super::Finding;

/// Cores below which the load, the services and their AWS are in each other's way.
const CORES: u32 = 2;

/// What a black-friday on the embedded backend holds at the most, with room for the build's own.
const MEMORY_BYTES: u64 = 2 << 30;

/// Open files of a live black-friday: two for each shopper under way.
const FILES: u64 = 4_096;

/// Open files without which no run starts.
const FILES_LEAST: u64 = 256;

/// What a run's record, log and database may take.
const DISK_BYTES: u64 = 1 << 30;

/// What the smallest run takes.
const DISK_BYTES_LEAST: u64 = 50 << 20;

/// The port that `securecart up` takes unless told otherwise.
const AWS_PORT: u16 = 4566;

/// Columns that the terminal's views were made for.
const COLUMNS: u16 = 80;

pub(super) fn look(out: &Path) -> Vec<Finding> {
    let profile = env!("SECURECART_PROFILE");
    let machine = environment(profile);
    let build = match profile {
        "release" => Finding::good("build", "release"),
        other => Finding::limited(
            "build",
            format!("{other}: good for runs, not for benchmarks"),
            "cargo run --release",
        ),
    };
    vec![
        Finding::good("system", format!("{}, {}, {}", machine.os, machine.arch, machine.cpu)),
        build,
        cores(machine.cores),
        memory(machine.memory_bytes),
        files(),
        disk("runs", out),
        disk("temporary", &std::env::temp_dir()),
        port(AWS_PORT),
        terminal(),
    ]
}

/// Bytes as a person reads them.
pub(super) fn gib(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
}

fn cores(cores: u32) -> Finding {
    if cores >= CORES {
        return Finding::good("cores", cores.to_string());
    }
    Finding::limited("cores", cores.to_string(), format!("{CORES} or more, or a smaller --scale"))
}

fn memory(bytes: u64) -> Finding {
    match bytes {
        0 => Finding::limited("memory", "unknown", "nothing: the system does not tell"),
        _ if bytes >= MEMORY_BYTES => Finding::good("memory", gib(bytes)),
        _ => {
            let fix = format!("{} or more, or a smaller --scale", gib(MEMORY_BYTES));
            Finding::limited("memory", gib(bytes), fix)
        }
    }
}

fn files() -> Finding {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return Finding::limited("open files", "unknown", "nothing: the system does not tell");
    };
    // A run raises its soft limit to the hard one.
    let found = format!("{soft} (up to {hard})");
    let fix = format!("ulimit -n {FILES}, or LimitNOFILE / limits.conf for the hard limit");
    match hard {
        _ if hard < FILES_LEAST => Finding::bad("open files", found, fix),
        _ if hard < FILES => Finding::limited("open files", found, fix),
        _ => Finding::good("open files", found),
    }
}

/// The disk under the nearest folder of `path` that exists.
fn disk(what: &'static str, path: &Path) -> Finding {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there = whole.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    let shown = path.display();
    let Ok(disk) = statvfs(there) else {
        return Finding::limited(
            what,
            format!("{shown}: unknown"),
            "nothing: the system does not tell",
        );
    };
    let free = disk.blocks_available() * disk.fragment_size();
    let found = format!("{shown}: {} free", gib(free));
    let fix = match what {
        "runs" => "free some, or --out DIR on another disk",
        _ => "free some, or TMPDIR on another disk",
    };
    match free {
        _ if free < DISK_BYTES_LEAST => Finding::bad(what, found, fix),
        _ if free < DISK_BYTES => Finding::limited(what, found, fix),
        _ => Finding::good(what, found),
    }
}

fn port(port: u16) -> Finding {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Finding::good("port", format!("{port} is free")),
        Err(error) => Finding::limited(
            "port",
            format!("{port}: {error}"),
            "securecart up --port 0 takes any that is free; a scenario needs no fixed one",
        ),
    }
}

fn terminal() -> Finding {
    if !std::io::stderr().is_terminal() {
        return Finding::good("terminal", "none: a run prints progress lines");
    }
    match securecart_tui::columns() {
        Some(columns) if columns >= COLUMNS => {
            Finding::good("terminal", format!("{columns} columns"))
        }
        Some(columns) => {
            let fix = format!("{COLUMNS} columns show everything; --no-tui prints lines");
            Finding::limited("terminal", format!("{columns} columns"), fix)
        }
        None => Finding::limited("terminal", "its size is unknown", "--no-tui prints lines"),
    }
}
