//! Where the figures come from, and how to have them again.

use securecart_record::{Probe, RunInfo, RunRecord, Verdict, format};

use super::{data::served_by, paint::Paint, prose::facts};

/// The shortest draining that is one, s.
const DRAIN_MIN_S: f64 = 0.001;

pub(super) fn section(record: &RunRecord, paint: Paint, width: usize) -> String {
    let (run, machine, totals) = (&record.run, &record.environment, &record.totals);
    // Less is the look at queues that are empty, or that nobody waits for.
    let drained = if run.drain_s < DRAIN_MIN_S {
        "no draining".to_owned()
    } else {
        format!("{} draining", format::duration_s(run.drain_s))
    };
    let time = format!(
        "{} traffic, {drained} (wall); {} to {} (scenario), speed {}",
        format::duration_s(run.traffic_s),
        format::clock_s(run.window_start_s),
        format::clock_s(played_until_s(record)),
        run.speed,
    );
    let setup = format!(
        "scale {}, seed {}, backend {} {}, commit {}, {} build",
        run.scale, run.seed, run.backend, run.backend_version, run.commit, machine.profile,
    );
    let host = format!(
        "{} cores of {}, {}; CPU {}, memory {} at most",
        machine.cores,
        machine.cpu,
        machine.os,
        format::duration_s(totals.cpu_s),
        format::bytes(totals.memory_bytes_max),
    );
    let mut lines = vec![("run", run.id.clone()), ("time", time), ("setup", setup)];
    if !run.tiers.is_empty() {
        lines.push(("served by", served_by(&run.tiers)));
    }
    lines.extend(run.probe.as_ref().map(|probe| ("probe", probed(run, probe))));
    lines.push(("machine", host));
    // The command is not wrapped: it is to be copied.
    facts(&lines, paint, width) + &format!("{} {}\n", paint.label("again:"), again(run))
}

/// What the emulator carries and what the plan asks for: `the emulator carries 150 PutItem/s, the plan
/// asks for 90`, and what was made of it.
fn probed(run: &RunInfo, probe: &Probe) -> String {
    let bare = |rate: f64| format::rate(rate).trim_end_matches("/s").to_owned();
    let operation = probe.call.split_once(':').map_or(probe.call.as_str(), |(_, name)| name);
    let mut text = format!(
        "the emulator carries {} {operation}/s, the plan asks for {}",
        bare(probe.carried_per_second),
        bare(probe.asked_per_second),
    );
    if let Some(asked) = probe.scale_asked {
        let played = bare(probe.played_per_second(run.scale));
        text += &format!("; scaled from {asked} to {}, which asks for {played}", run.scale);
    }
    text
}

/// The scenario second at which traffic ended: the window's end, or where it was interrupted.
fn played_until_s(record: &RunRecord) -> f64 {
    let run = &record.run;
    match record.verdict {
        Verdict::Interrupted => {
            (run.window_start_s + run.traffic_s * run.speed).min(run.window_end_s)
        }
        _ => run.window_end_s,
    }
}

/// The command that offers the same arrivals again.
fn again(run: &RunInfo) -> String {
    // Records of builds that did not keep what was asked for have its name only.
    let scenario = if run.source.is_empty() { &run.scenario } else { &run.source };
    let options = run.tier_options.iter().map(|word| format!(" {}", quoted(word)));
    let settings = run.settings.iter().map(|setting| format!(" --set {}", quoted(setting)));
    format!(
        "securecart scenario {} --seed {} --scale {} --speed {} --duration {}s --backend {}{}{}",
        quoted(scenario),
        run.seed,
        run.scale,
        run.speed,
        (run.window_end_s - run.window_start_s) / run.speed.max(1e-9),
        run.backend,
        options.collect::<String>(),
        settings.collect::<String>(),
    )
}

/// One word for a POSIX shell.
fn quoted(word: &str) -> String {
    // `=` is plain but at the start of a word, where zsh looks for a command.
    let plain = |c: char| c.is_alphanumeric() || "-_./=".contains(c);
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_repeated_as_words_of_a_shell() {
        let settings = [
            "services.checkout.tasks.max=8",
            r#"tables.carts.capacity = "on-demand""#,
            "traffic.spikes=[{at=\"00:00\"}]",
        ];
        let run = RunInfo { settings: settings.map(str::to_owned).into(), ..RunInfo::default() };
        let again = again(&run);
        let (_, after) = again.split_once(" --set ").expect("settings");
        assert_eq!(
            after,
            "services.checkout.tasks.max=8 --set 'tables.carts.capacity = \"on-demand\"' --set \
             'traffic.spikes=[{at=\"00:00\"}]'"
        );
    }

    #[test]
    fn who_served_the_tiers_is_repeated() {
        let words =
            ["--cache-engine", "memcached", "--database-url", "postgres://me:PASSWORD@db/shop"];
        let run = RunInfo {
            backend: "localstack".to_owned(),
            tier_options: words.map(str::to_owned).into(),
            ..RunInfo::default()
        };
        let again = again(&run);
        let (_, after) = again.split_once(" --backend ").expect("a backend");
        assert_eq!(
            after,
            "localstack --cache-engine memcached --database-url 'postgres://me:PASSWORD@db/shop'"
        );
    }

    #[test]
    fn a_run_of_a_file_is_repeated_with_the_file() {
        let run = RunInfo {
            scenario: "sale".to_owned(),
            source: "my scenarios/it's.toml".to_owned(),
            backend: "embedded".to_owned(),
            seed: 7,
            scale: 0.5,
            speed: 30.0,
            window_start_s: 60.0,
            window_end_s: 360.0,
            ..RunInfo::default()
        };
        let again = again(&run);
        assert_eq!(
            again,
            r"securecart scenario 'my scenarios/it'\''s.toml' --seed 7 --scale 0.5 --speed 30 --duration 10s --backend embedded"
        );
    }
}
