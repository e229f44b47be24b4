//! The machine: what it is, and how busy it and this process are.

use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use securecart_record::{Environment, HostSample};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};
use tokio::time::Instant;

/// Reads the machine's load.
#[derive(Debug)]
pub(crate) struct Host {
    /// Nothing where the system can't be asked.
    system: Option<System>,
    process: Pid,
    cores: f64,
    cpu: Duration,
    read_at: Instant,
    cpu_at_start: Duration,
    memory_bytes_max: u64,
}

impl Host {
    pub(crate) fn new() -> Self {
        let mut system = System::new().ok();
        if let Some(system) = &mut system {
            system.refresh_cpu_usage();
        }
        let cpu = process_cpu();
        Self {
            system,
            process: Pid::from_u32(std::process::id()),
            cores: f64::from(cores()),
            cpu,
            read_at: Instant::now(),
            cpu_at_start: cpu,
            memory_bytes_max: 0,
        }
    }

    /// Load since the last call.
    pub(crate) fn sample(&mut self) -> HostSample {
        let (cpu_host, memory_bytes) = self.read();
        self.memory_bytes_max = self.memory_bytes_max.max(memory_bytes);
        let cpu = process_cpu();
        let available = self.read_at.elapsed().as_secs_f64().max(1e-3) * self.cores;
        let cpu_process = cpu.saturating_sub(self.cpu).as_secs_f64() / available;
        self.cpu = cpu;
        self.read_at = Instant::now();
        HostSample { cpu_host, cpu_process: cpu_process.clamp(0.0, 1.0), memory_bytes }
    }

    /// Share of the machine's processors in use, and memory of this process.
    fn read(&mut self) -> (f64, u64) {
        let Some(system) = &mut self.system else { return (0.0, 0) };
        system.refresh_cpu_usage();
        system.refresh_processes_specifics(
            ProcessesToUpdate::Some(&[self.process]),
            false,
            ProcessRefreshKind::nothing().with_memory(),
        );
        let memory_bytes = system.process(self.process).map_or(0, sysinfo::Process::memory);
        (f64::from(system.global_cpu_usage()) / 100.0, memory_bytes)
    }

    /// Processor time of this process since the first sample, s.
    pub(crate) fn cpu_s(&self) -> f64 {
        self.cpu.saturating_sub(self.cpu_at_start).as_secs_f64()
    }

    /// The most memory any sample saw.
    pub(crate) fn memory_bytes_max(&self) -> u64 {
        self.memory_bytes_max
    }
}

/// What machine this is. `profile` is the Cargo profile of the binary.
#[must_use]
pub fn environment(profile: &str) -> Environment {
    let mut system = System::new().ok();
    if let Some(system) = &mut system {
        system.refresh_memory();
        system.refresh_cpu_all();
    }
    let cpu = system.as_ref().and_then(|system| system.cpus().first());
    let cpu = cpu.map_or("unknown", |cpu| cpu.brand()).trim();
    Environment {
        os: System::long_os_version().unwrap_or_else(|_| "unknown".to_owned()),
        arch: std::env::consts::ARCH.to_owned(),
        cpu: if cpu.is_empty() { "unknown".to_owned() } else { cpu.to_owned() },
        cores: cores(),
        memory_bytes: system.map_or(0, |system| system.total_memory()),
        profile: profile.to_owned(),
    }
}

fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32)
}

/// Processor time of this process so far; zero where the system does not tell.
fn process_cpu() -> Duration {
    getrusage(UsageWho::RUSAGE_SELF).map_or(Duration::ZERO, |usage| {
        let us = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
        Duration::from_micros(us.unsigned_abs())
    })
}
