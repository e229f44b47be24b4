//! Samples with the wall time each stands for.

use securecart_record::{RunRecord, Sample, ServiceSample, format};

/// A sample and the wall seconds it stands for.
pub(crate) type Timed<'a> = (&'a Sample, f64);

/// Every sample with its length: from the end of the one before it, never less than 0.
pub(crate) fn timed(record: &RunRecord) -> impl Iterator<Item = Timed<'_>> {
    let resolution_s = f64::from(record.resolution_s.max(1));
    let mut before_s: Option<f64> = None;
    record.samples.iter().map(move |sample| {
        let from_s = before_s.replace(sample.at_s).unwrap_or(sample.at_s - resolution_s);
        let length_s = sample.at_s - from_s;
        (&**sample, if length_s.is_finite() { length_s.max(0.0) } else { resolution_s })
    })
}

/// The sample of the service `name`.
pub(crate) fn service<'a>(sample: &'a Sample, name: &str) -> Option<&'a ServiceSample> {
    sample.services.iter().find(|service| service.service == name)
}

/// Wall seconds, said as such: `3 min 30 s (wall)`.
pub(crate) fn wall(seconds: f64) -> String {
    format!("{} (wall)", format::duration_s(seconds))
}

/// A time of the shop's day, said as such: `00:12:00 (scenario)`.
pub(crate) fn at(scenario_s: f64) -> String {
    format!("{} (scenario)", format::clock_s(scenario_s))
}
