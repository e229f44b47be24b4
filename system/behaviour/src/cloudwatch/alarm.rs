//! An alarm: settings, a state, and how it got there.

use std::{collections::VecDeque, time::Duration};

use serde::Serialize;

use super::{
    AlarmSettings, Error, Metric,
    judgement::{self, Point},
    reason,
};

/// Transitions an alarm remembers. CloudWatch keeps two weeks of them.
pub const HISTORY_LIMIT: usize = 64;

/// Auto Scaling actions fire again this often while the state lasts (sheet 0.2).
const ACTION_INTERVAL: Duration = Duration::from_secs(60);

/// What an alarm says of its metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlarmState {
    /// Within the threshold.
    Ok,
    /// Outside of it.
    Alarm,
    /// Just created or changed, or too few datapoints.
    InsufficientData,
}

impl AlarmState {
    /// CloudWatch's name of the state.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// A change of state.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Transition {
    /// When.
    pub at: Duration,
    /// The state before.
    pub from: AlarmState,
    /// The state since.
    pub to: AlarmState,
    /// Why, in CloudWatch's words.
    pub reason: String,
}

/// What one evaluation found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evaluation {
    /// The state now.
    pub state: AlarmState,
    /// Whether the state has just changed.
    pub changed: bool,
    /// Whether an Auto Scaling action of the state `ALARM` fires: on the change, and every minute
    /// from then on.
    pub fires: bool,
}

/// An alarm on one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    settings: AlarmSettings,
    state: AlarmState,
    reason: String,
    latest: Option<f64>,
    fired: Option<Duration>,
    transitions: u64,
    history: VecDeque<Transition>,
    range: Vec<Point>,
}

impl Alarm {
    /// A new alarm, in `INSUFFICIENT_DATA`.
    ///
    /// # Errors
    ///
    /// What [`AlarmSettings::check`] finds.
    pub fn new(settings: AlarmSettings) -> Result<Self, Error> {
        settings.check()?;
        Ok(Self {
            settings,
            state: AlarmState::InsufficientData,
            reason: reason::INITIAL.to_owned(),
            latest: None,
            fired: None,
            transitions: 0,
            history: VecDeque::new(),
            range: Vec::new(),
        })
    }

    /// Judges the periods up to the one that ended at `end`, as of `now`. Whoever calls decides
    /// when: [`AlarmSettings::evaluation_interval`] says how often CloudWatch does.
    pub fn evaluate(&mut self, end: Duration, now: Duration, metric: &Metric) -> Evaluation {
        self.read(end, metric);
        let judgement = judgement::judge(&self.settings, &self.range);
        let state = judgement.state.unwrap_or(self.state);
        let changed = state != self.state;
        if changed {
            let reason = reason::of(&self.settings, &self.range, judgement, state);
            self.enter(now, state, reason);
        }
        let due = self.fired.is_none_or(|at| now.saturating_sub(at) >= ACTION_INTERVAL);
        let fires = state == AlarmState::Alarm && (changed || due);
        if fires {
            self.fired = Some(now);
        }
        Evaluation { state, changed, fires }
    }

    /// Changes the threshold, which puts an alarm back to `INSUFFICIENT_DATA` until it is next
    /// evaluated. The same threshold changes nothing.
    pub fn set_threshold(&mut self, now: Duration, threshold: f64) {
        if threshold.to_bits() == self.settings.threshold.to_bits() {
            return;
        }
        self.settings.threshold = threshold;
        if self.state != AlarmState::InsufficientData {
            let reason = format!("Unchecked: the threshold is {threshold:?} from now on");
            self.enter(now, AlarmState::InsufficientData, reason);
        }
    }

    /// Its parameters.
    #[must_use]
    pub fn settings(&self) -> &AlarmSettings {
        &self.settings
    }

    /// Its state.
    #[must_use]
    pub fn state(&self) -> AlarmState {
        self.state
    }

    /// Why it is in that state.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The newest datapoint that the latest evaluation saw.
    #[must_use]
    pub fn latest(&self) -> Option<f64> {
        self.latest
    }

    /// How often it has changed its state.
    #[must_use]
    pub fn transitions(&self) -> u64 {
        self.transitions
    }

    /// The newest [`HISTORY_LIMIT`] changes, oldest first.
    pub fn history(&self) -> impl Iterator<Item = &Transition> {
        self.history.iter()
    }

    fn read(&mut self, end: Duration, metric: &Metric) {
        let AlarmSettings { period, statistic, .. } = self.settings;
        self.range.clear();
        self.range.extend((0..self.settings.evaluation_range()).map(|age| {
            let end = end.checked_sub(period.saturating_mul(age));
            Point {
                end: end.unwrap_or_default(),
                value: end.and_then(|end| metric.datapoint(end, period, statistic)),
            }
        }));
        self.latest = self.range.iter().find_map(|point| point.value);
    }

    fn enter(&mut self, at: Duration, to: AlarmState, reason: String) {
        if self.history.len() == HISTORY_LIMIT {
            self.history.pop_front();
        }
        self.history.push_back(Transition { at, from: self.state, to, reason: reason.clone() });
        self.transitions += 1;
        self.state = to;
        self.reason = reason;
        self.fired = None;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cloudwatch::{Comparison, MissingData};

    const MINUTE: Duration = Duration::from_secs(60);

    fn settings() -> AlarmSettings {
        AlarmSettings::new("cpu-high", "cpu", Comparison::GreaterThan, 50.0).consecutive(3)
    }

    /// Evaluates every minute; a value of `None` is a missing datapoint.
    fn play(alarm: &mut Alarm, metric: &mut Metric, values: &[Option<f64>]) -> Vec<Evaluation> {
        (1..)
            .zip(values)
            .map(|(minute, value)| {
                let end = MINUTE * minute;
                if let Some(value) = value {
                    metric.record(end, *value);
                }
                alarm.evaluate(end, end, metric)
            })
            .collect()
    }

    fn metric() -> Metric {
        Metric::new(MINUTE, MINUTE * 20)
    }

    /// The figure of "Evaluating an alarm": threshold 3, 3 of 3; breached in periods 3 to 5 and 9.
    #[test]
    fn the_figure_of_the_documentation() {
        let settings = AlarmSettings { threshold: 3.0, ..settings() };
        let mut alarm = Alarm::new(settings).expect("valid");
        let values = [2.0, 2.5, 4.0, 5.0, 4.0, 2.0, 2.5, 2.0, 4.0, 2.0].map(Some);
        let states: Vec<_> =
            play(&mut alarm, &mut metric(), &values).iter().map(|e| e.state).collect();
        let alarms: Vec<_> =
            (1..).zip(&states).filter(|(_, s)| **s == AlarmState::Alarm).map(|(p, _)| p).collect();
        assert_eq!(alarms, [5]);
        assert_eq!(states.last(), Some(&AlarmState::Ok));
    }

    #[test]
    fn a_new_alarm_knows_nothing_and_says_why_it_changes() {
        let mut alarm = Alarm::new(settings()).expect("valid");
        assert_eq!(alarm.state(), AlarmState::InsufficientData);
        assert_eq!(alarm.reason(), "Unchecked: Initial alarm creation");
        play(&mut alarm, &mut metric(), &[Some(80.0), Some(81.0), Some(82.5)]);
        assert_eq!(
            alarm.reason(),
            "Threshold Crossed: 3 out of the last 3 datapoints [82.5 (00:02:00), 81.0 (00:01:00), \
             80.0 (00:00:00)] were greater than the threshold (50.0) \
             (minimum 3 datapoints for OK -> ALARM transition)."
        );
        assert_eq!(alarm.latest(), Some(82.5));

        let mut alarm = Alarm::new(settings()).expect("valid");
        play(&mut alarm, &mut metric(), &[Some(80.0), Some(80.0), Some(80.0), Some(20.0)]);
        assert_eq!(
            alarm.reason(),
            "Threshold Crossed: 1 out of the last 3 datapoints [20.0 (00:03:00)] was not greater \
             than the threshold (50.0) (minimum 1 datapoint for ALARM -> OK transition)."
        );
        let seen: Vec<_> = alarm.history().map(|t| (t.at.as_secs(), t.to.name())).collect();
        assert_eq!(seen, [(180, "ALARM"), (240, "OK")]);
    }

    #[test]
    fn missing_datapoints_are_named() {
        let breaching = AlarmSettings { missing_data: MissingData::Breaching, ..settings() };
        let mut alarm = Alarm::new(breaching).expect("valid");
        play(&mut alarm, &mut metric(), &[None]);
        assert_eq!(
            alarm.reason(),
            "Threshold Crossed: no datapoints were received for 3 periods and 3 missing \
             datapoints were treated as [Breaching]."
        );
        let mut alarm = Alarm::new(settings()).expect("valid");
        let mut values = vec![Some(10.0)];
        values.resize(6, None);
        play(&mut alarm, &mut metric(), &values);
        assert_eq!(alarm.reason(), "Insufficient Data: 3 datapoints were unknown.");
    }

    #[test]
    fn actions_fire_on_the_change_and_every_minute_while_it_lasts() {
        let short = AlarmSettings { period: Duration::from_secs(10), ..settings() };
        let mut alarm = Alarm::new(short).expect("valid");
        let mut metric = Metric::new(Duration::from_secs(10), MINUTE * 5);
        let fired: Vec<u64> = (1..=18)
            .map(|step| Duration::from_secs(10 * step))
            .filter(|end| {
                metric.record(*end, 80.0);
                alarm.evaluate(*end, *end, &metric).fires
            })
            .map(|end| end.as_secs())
            .collect();
        assert_eq!(fired, [30, 90, 150]);
    }

    /// Windows of five minutes are judged every minute, wherever they start.
    #[test]
    fn long_periods_slide_by_the_minute() {
        let long = AlarmSettings { period: MINUTE * 5, ..settings() }.consecutive(1);
        let mut alarm = Alarm::new(long).expect("valid");
        let mut values = vec![Some(0.0); 3];
        values.extend([Some(100.0); 5]);
        let states: Vec<_> =
            play(&mut alarm, &mut metric(), &values).iter().map(|e| e.state).collect();
        // (0 + 0 + 100 + 100 + 100) / 5 = 60 at minute 6; 40 at minute 5.
        assert_eq!(states.iter().position(|s| *s == AlarmState::Alarm), Some(5));
    }

    #[test]
    fn a_changed_alarm_starts_over() {
        let mut alarm = Alarm::new(settings()).expect("valid");
        let mut metric = metric();
        play(&mut alarm, &mut metric, &[Some(80.0); 3]);
        alarm.set_threshold(MINUTE * 3, 90.0);
        assert_eq!(alarm.state(), AlarmState::InsufficientData);
        let next = alarm.evaluate(MINUTE * 3, MINUTE * 3, &metric);
        assert_eq!((next.state, next.fires), (AlarmState::Ok, false));
    }

    proptest! {
        /// History is bounded, and each transition starts where the one before ended.
        #[test]
        fn history_is_bounded_and_continuous(
            values in prop::collection::vec(prop::option::of(0.0_f64..100.0), 1..400),
        ) {
            let mut alarm = Alarm::new(settings().consecutive(1)).expect("valid");
            play(&mut alarm, &mut metric(), &values);
            let history: Vec<_> = alarm.history().cloned().collect();
            prop_assert!(history.len() <= HISTORY_LIMIT);
            for pair in history.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
                prop_assert!(pair[0].at < pair[1].at);
            }
        }
    }
}
