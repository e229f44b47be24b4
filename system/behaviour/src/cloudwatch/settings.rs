//! What an alarm is made of: the parameters of `PutMetricAlarm` that matter here.

use std::time::Duration;

use serde::Serialize;

use super::Statistic;

/// Datapoints that an evaluation reads beyond N. The documentation says only that the range is
/// wider; its example is 5 for N = 3, and two more is assumed for every N (sheet 0.2).
const EXTRA_DATAPOINTS: u32 = 2;

/// N periods may not exceed a day (`PutMetricAlarm`).
const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 3_600);

const MINUTE: Duration = Duration::from_secs(60);

/// How a datapoint is compared with the threshold; true is a breach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// `GreaterThanThreshold`.
    GreaterThan,
    /// `GreaterThanOrEqualToThreshold`.
    GreaterThanOrEqual,
    /// `LessThanThreshold`.
    LessThan,
    /// `LessThanOrEqualToThreshold`.
    LessThanOrEqual,
}

impl Comparison {
    /// Whether `value` breaches `threshold`.
    #[must_use]
    pub fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterThan => value > threshold,
            Self::GreaterThanOrEqual => value >= threshold,
            Self::LessThan => value < threshold,
            Self::LessThanOrEqual => value <= threshold,
        }
    }

    /// Whether a breach lies above the threshold.
    #[must_use]
    pub fn is_upper(self) -> bool {
        matches!(self, Self::GreaterThan | Self::GreaterThanOrEqual)
    }

    /// As CloudWatch says it: "greater than the threshold".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::GreaterThan => "greater than",
            Self::GreaterThanOrEqual => "greater than or equal to",
            Self::LessThan => "less than",
            Self::LessThanOrEqual => "less than or equal to",
        }
    }
}

/// What an alarm takes a missing datapoint for. Alarms on `AWS/DynamoDB` metrics always behave as
/// [`MissingData::Ignore`] (sheet 0.2); whoever makes one has to say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissingData {
    /// For nothing: with no datapoint in range the state is `INSUFFICIENT_DATA`. The default.
    #[default]
    Missing,
    /// For one within the threshold.
    NotBreaching,
    /// For one that breaches.
    Breaching,
    /// The state stays as it is.
    Ignore,
}

/// An alarm's parameters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlarmSettings {
    /// Its name, unique in an account and Region.
    pub name: String,
    /// The metric it watches.
    pub metric: String,
    /// How values become a datapoint.
    pub statistic: Statistic,
    /// Length of a datapoint: 10, 20 or 30 s, or a multiple of 60 s.
    pub period: Duration,
    /// N: how many datapoints are judged.
    pub evaluation_periods: u32,
    /// M: how many of them have to breach.
    pub datapoints_to_alarm: u32,
    /// What a breach is.
    pub comparison: Comparison,
    /// In the metric's unit.
    pub threshold: f64,
    /// What a missing datapoint is taken for.
    pub missing_data: MissingData,
}

impl AlarmSettings {
    /// An alarm on one datapoint of a minute's average; change the fields for any other.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        metric: impl Into<String>,
        comparison: Comparison,
        threshold: f64,
    ) -> Self {
        Self {
            name: name.into(),
            metric: metric.into(),
            statistic: Statistic::Average,
            period: MINUTE,
            evaluation_periods: 1,
            datapoints_to_alarm: 1,
            comparison,
            threshold,
            missing_data: MissingData::Missing,
        }
    }

    /// The same alarm on `count` of `count` datapoints.
    #[must_use]
    pub fn consecutive(self, count: u32) -> Self {
        Self { evaluation_periods: count, datapoints_to_alarm: count, ..self }
    }

    /// How often it is evaluated: every minute, or every 10 s where its period is below a minute.
    #[must_use]
    pub fn evaluation_interval(&self) -> Duration {
        if self.period < MINUTE { Duration::from_secs(10) } else { MINUTE }
    }

    /// How many datapoints an evaluation looks at.
    #[must_use]
    pub fn evaluation_range(&self) -> u32 {
        self.evaluation_periods.saturating_add(EXTRA_DATAPOINTS)
    }

    /// Whether `PutMetricAlarm` would take it.
    ///
    /// # Errors
    ///
    /// The first parameter that it would refuse.
    pub fn check(&self) -> Result<(), Error> {
        let alarm = || self.name.clone();
        let seconds = self.period.as_secs();
        let whole = self.period.subsec_nanos() == 0;
        if !whole
            || !(matches!(seconds, 10 | 20 | 30) || (seconds > 0 && seconds.is_multiple_of(60)))
        {
            return Err(Error::Period { alarm: alarm(), period: self.period });
        }
        let (n, m) = (self.evaluation_periods, self.datapoints_to_alarm);
        if m == 0 || m > n {
            return Err(Error::Datapoints { alarm: alarm(), n, m });
        }
        if self.period.saturating_mul(n) > LONGEST_WINDOW {
            return Err(Error::Window { alarm: alarm(), n, period: self.period });
        }
        if !self.threshold.is_finite() {
            return Err(Error::Threshold { alarm: alarm(), threshold: self.threshold });
        }
        Ok(())
    }
}

/// A parameter that `PutMetricAlarm` refuses.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A period that is none.
    #[error("period of {period:?} of alarm `{alarm}`: use 10 s, 20 s, 30 s or a multiple of 60 s")]
    Period {
        /// The alarm.
        alarm: String,
        /// Its period.
        period: Duration,
    },
    /// M of N that can't be.
    #[error("{m} of {n} datapoints of alarm `{alarm}`: from 1 to as many as are evaluated")]
    Datapoints {
        /// The alarm.
        alarm: String,
        /// Datapoints evaluated.
        n: u32,
        /// Datapoints to alarm.
        m: u32,
    },
    /// More than a day.
    #[error("{n} periods of {period:?} of alarm `{alarm}`: more than a day; evaluate fewer")]
    Window {
        /// The alarm.
        alarm: String,
        /// Datapoints evaluated.
        n: u32,
        /// Its period.
        period: Duration,
    },
    /// Not a number.
    #[error("threshold {threshold} of alarm `{alarm}`: has to be a number")]
    Threshold {
        /// The alarm.
        alarm: String,
        /// Its threshold.
        threshold: f64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm() -> AlarmSettings {
        AlarmSettings::new("cpu-high", "cpu", Comparison::GreaterThan, 50.0)
    }

    #[test]
    fn periods_are_10_20_30_seconds_or_minutes() {
        for (period_ms, valid) in [
            (10_000, true),
            (20_000, true),
            (30_000, true),
            (60_000, true),
            (300_000, true),
            (0, false),
            (1_000, false),
            (40_000, false),
            (90_000, false),
            (60_500, false),
        ] {
            let settings = AlarmSettings { period: Duration::from_millis(period_ms), ..alarm() };
            assert_eq!(settings.check().is_ok(), valid, "{period_ms} ms");
        }
    }

    #[test]
    fn m_lies_within_n_and_n_periods_within_a_day() {
        assert!(alarm().consecutive(1_440).check().is_ok());
        let error = alarm().consecutive(1_441).check().expect_err("more than a day");
        assert!(error.to_string().contains("`cpu-high`: more than a day"), "{error}");
        assert!(AlarmSettings { datapoints_to_alarm: 0, ..alarm() }.check().is_err());
        assert!(AlarmSettings { datapoints_to_alarm: 2, ..alarm() }.check().is_err());
        assert!(AlarmSettings { threshold: f64::NAN, ..alarm() }.check().is_err());
    }

    #[test]
    fn only_short_periods_are_evaluated_every_ten_seconds() {
        let short = AlarmSettings { period: Duration::from_secs(30), ..alarm() };
        assert_eq!(short.evaluation_interval(), Duration::from_secs(10));
        let long = AlarmSettings { period: Duration::from_secs(300), ..alarm() };
        assert_eq!(long.evaluation_interval(), MINUTE);
    }
}
