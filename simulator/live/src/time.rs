//! Scenario time during a run.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use securecart_scenario::Window;
use tokio::time::Instant;

/// The shop's clock: it stands at the window's start until the first shopper is due, and then runs
/// at the window's speed, past its end too. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct ScenarioTime {
    window: Window,
    origin: Arc<OnceLock<Instant>>,
}

impl ScenarioTime {
    pub(crate) fn new(window: Window) -> Self {
        Self { window, origin: Arc::default() }
    }

    /// The first shopper is due at `origin`. Only the first call counts.
    pub(crate) fn begin(&self, origin: Instant) {
        self.origin.get_or_init(|| origin);
    }

    /// Whether the first shopper is due.
    pub(crate) fn has_begun(&self) -> bool {
        self.origin.get().is_some_and(|origin| *origin <= Instant::now())
    }

    /// Wall seconds since the first shopper was due; 0 before.
    pub(crate) fn wall_s(&self) -> f64 {
        let since = |origin: &Instant| Instant::now().saturating_duration_since(*origin);
        self.origin.get().map_or(0.0, |origin| since(origin).as_secs_f64())
    }

    /// Scenario seconds since midnight.
    pub(crate) fn scenario_s(&self) -> f64 {
        self.window.scenario_s(self.wall_s())
    }

    /// Scenario time since midnight, as the models of `behaviour` take it.
    pub(crate) fn now(&self) -> Duration {
        Duration::from_secs_f64(self.scenario_s().max(0.0))
    }

    /// The wall time that `scenario` takes.
    pub(crate) fn wall(&self, scenario: Duration) -> Duration {
        scenario.div_f64(self.window.speed)
    }

    /// When `scenario_s` is on the wall clock, seconds since the first shopper was due.
    pub(crate) fn wall_s_of(&self, scenario_s: f64) -> f64 {
        (scenario_s - self.window.start_s) / self.window.speed
    }

    /// Scenario seconds that pass in a wall second.
    pub(crate) fn speed(&self) -> f64 {
        self.window.speed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_stands_until_the_first_shopper_and_then_runs_at_its_speed() {
        let time = ScenarioTime::new(Window { start_s: 60.0, end_s: 120.0, speed: 30.0 });
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!((time.wall_s(), time.now().as_secs()), (0.0, 60));
        time.begin(Instant::now());
        tokio::time::advance(Duration::from_secs(4)).await;
        assert_eq!((time.wall_s(), time.now().as_secs()), (4.0, 180), "past the window's end too");
        assert_eq!(time.wall(Duration::from_secs(60)), Duration::from_secs(2));
        assert_eq!(time.wall_s_of(90.0), 1.0);
    }
}
