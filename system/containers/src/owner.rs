//! Who owns a container: labels, and whether the owner is still there.
//!
//! Invariant: what can't be decided counts as alive. Containers of another machine (an engine that
//! several share) are never touched, nor those of another PID namespace, unless their owner was a
//! container of this very engine. Only Linux tells (`/proc`); elsewhere nothing is swept.

use std::{collections::HashMap, fs, str::FromStr};

/// The label with the run's id.
pub const RUN: &str = "securecart.run";
/// The label with the process that owns the container.
pub const OWNER: &str = "securecart.owner";
/// The label with the container's role.
pub const MEMBER: &str = "securecart.member";

/// Stands for a part that is not known.
const UNKNOWN: &str = "-";

/// A process, in a way that stays true when ids are used again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    /// The host's boot: another one after each start of the machine.
    boot: String,
    pid: u32,
    /// Clock ticks from the boot until the process began: tells it from a later one with its id.
    started: u64,
    /// The machine, also after a new boot.
    machine: String,
    /// The PID namespace, within which the id means something.
    namespace: String,
    /// The container of this engine in which the process runs, if it does.
    container: String,
}

/// Whether an owner is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is, or nobody can tell from here.
    Lives,
    /// It is gone, and so may be what it owned.
    Gone,
    /// It lives as long as this container runs.
    Asks(String),
}

impl Owner {
    /// This process.
    pub(crate) fn here() -> Self {
        let text = |path: &str| {
            fs::read_to_string(path)
                .ok()
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty())
        };
        let known = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.into());
        Self {
            boot: known(text("/proc/sys/kernel/random/boot_id")),
            pid: std::process::id(),
            started: start_of(std::process::id()).unwrap_or_default(),
            machine: known(text("/etc/machine-id")),
            namespace: known(
                fs::read_link("/proc/self/ns/pid")
                    .ok()
                    .and_then(|link| inode(&link.to_string_lossy())),
            ),
            container: known(text("/proc/self/mountinfo").and_then(|text| container_in(&text))),
        }
    }

    /// The container in which this process runs, if it does.
    pub(crate) fn container(&self) -> Option<&str> {
        (self.container != UNKNOWN).then_some(&self.container)
    }

    /// Forgets the container: the engine does not know it, so it can't be asked about it.
    pub(crate) fn forget_container(&mut self) {
        self.container = UNKNOWN.into();
    }

    /// What became of it, as seen by `here`; `started` tells a process's start on this machine.
    pub(crate) fn fate(&self, here: &Self, started: impl Fn(u32) -> Option<u64>) -> Fate {
        let same = |one: &str, other: &str| one != UNKNOWN && one == other;
        if self.container != UNKNOWN && self.container != here.container {
            return Fate::Asks(self.container.clone());
        }
        if !same(&self.boot, &here.boot) {
            let booted_again = same(&self.machine, &here.machine) && here.boot != UNKNOWN;
            return if booted_again { Fate::Gone } else { Fate::Lives };
        }
        if !same(&self.namespace, &here.namespace) || started(self.pid) == Some(self.started) {
            return Fate::Lives;
        }
        Fate::Gone
    }

    /// The labels of what `self` starts for `run`.
    pub(crate) fn labels(&self, run: &str) -> HashMap<String, String> {
        HashMap::from([(RUN.into(), run.into()), (OWNER.into(), self.to_string())])
    }
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { boot, pid, started, machine, namespace, container } = self;
        write!(f, "{boot}/{pid}/{started}/{machine}/{namespace}/{container}")
    }
}

impl FromStr for Owner {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let parts: Vec<&str> = text.split('/').collect();
        let [boot, pid, started, machine, namespace, container] = parts[..] else { return Err(()) };
        Ok(Self {
            boot: boot.into(),
            pid: pid.parse().map_err(|_| ())?,
            started: started.parse().map_err(|_| ())?,
            machine: machine.into(),
            namespace: namespace.into(),
            container: container.into(),
        })
    }
}

/// When a process of this machine began, in clock ticks from the boot; none when it is gone or a
/// zombie, which does nothing any more.
pub(crate) fn start_of(pid: u32) -> Option<u64> {
    start_in(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Field 22 of `/proc/PID/stat`. The name, in brackets, may hold anything.
fn start_in(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// The number in `pid:[4026531836]`.
fn inode(link: &str) -> Option<String> {
    Some(link.split_once('[')?.1.strip_suffix(']')?.to_owned())
}

/// The id of the container whose files Docker has mounted over this one's.
fn container_in(mounts: &str) -> Option<String> {
    mounts.split("/containers/").skip(1).find_map(|rest| {
        let id = rest.get(..64)?;
        id.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| id.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(boot: &str, machine: &str, namespace: &str, container: &str) -> Owner {
        Owner {
            boot: boot.into(),
            pid: 42,
            started: 1000,
            machine: machine.into(),
            namespace: namespace.into(),
            container: container.into(),
        }
    }

    #[test]
    fn an_owner_survives_its_label() {
        let here = Owner::here();
        assert_eq!(here.to_string().parse(), Ok(here));
        assert_eq!("boot/1".parse::<Owner>(), Err(()));
        assert_eq!("boot/x/1/m/n/c".parse::<Owner>(), Err(()));
    }

    #[test]
    fn a_process_lives_while_its_start_is_the_same() {
        let here = owner("b", "m", "1", "-");
        assert_eq!(here.fate(&here, |_| Some(1000)), Fate::Lives);
        assert_eq!(here.fate(&here, |_| Some(1001)), Fate::Gone, "the id was used again");
        assert_eq!(here.fate(&here, |_| None), Fate::Gone);
    }

    #[test]
    fn a_new_boot_of_this_machine_ends_all_its_owners() {
        let before = owner("b1", "m", "1", "-");
        assert_eq!(before.fate(&owner("b2", "m", "1", "-"), |_| Some(1000)), Fate::Gone);
    }

    #[test]
    fn what_cannot_be_told_lives() {
        let gone = |_| None;
        let here = owner("b", "m", "1", "-");
        assert_eq!(owner("b2", "m2", "1", "-").fate(&here, gone), Fate::Lives, "another machine");
        assert_eq!(owner("b", "m", "2", "-").fate(&here, gone), Fate::Lives, "another namespace");
        let blind = owner("-", "-", "-", "-");
        assert_eq!(blind.fate(&here, gone), Fate::Lives);
        assert_eq!(blind.fate(&blind, gone), Fate::Lives, "no /proc");
        assert_eq!(here.fate(&blind, gone), Fate::Lives);
    }

    #[test]
    fn an_owner_in_a_container_lives_as_long_as_that() {
        let inside = owner("b", "-", "2", "c0ffee");
        let here = owner("b", "m", "1", "-");
        assert_eq!(inside.fate(&here, |_| None), Fate::Asks("c0ffee".into()));
        assert_eq!(inside.fate(&inside, |_| Some(1000)), Fate::Lives, "the same container");
    }

    #[test]
    fn the_start_is_read_past_any_name_and_not_of_zombies() {
        let stat = |state: &str| {
            format!("7 (a) b) {state} 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 98765 20")
        };
        assert_eq!(start_in(&stat("S")), Some(98765));
        assert_eq!(start_in(&stat("Z")), None);
        assert_eq!(start_in("nonsense"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_found_alive() {
        let here = Owner::here();
        assert_eq!(here.fate(&here, start_of), Fate::Lives);
        assert!(here.started > 0);
    }

    #[test]
    fn the_own_container_is_read_from_its_mounts() {
        let id = "0123456789abcdef".repeat(4);
        let mounts = format!("1 2 8:1 /var/lib/docker/containers/{id}/hostname /etc/hostname rw");
        assert_eq!(container_in(&mounts), Some(id));
        assert_eq!(container_in("1 2 8:1 /containers/short /x"), None);
    }
}
