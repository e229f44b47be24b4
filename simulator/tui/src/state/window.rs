//! How much of the past is shown.

/// A length of time up to now, in wall seconds of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    Seconds30,
    Minutes1,
    Minutes2,
    Minutes5,
    All,
}

impl Window {
    /// All of them, the shortest first.
    pub(crate) const ALL: [Self; 5] =
        [Self::Seconds30, Self::Minutes1, Self::Minutes2, Self::Minutes5, Self::All];

    /// The one that a run of `seconds` starts with: two minutes, or less where that holds all of it.
    pub(crate) fn holding(seconds: f64) -> Self {
        let holds = |window: &Self| {
            window.seconds().is_some_and(|length| seconds > 0.0 && seconds <= f64::from(length))
        };
        let shorter = [Self::Seconds30, Self::Minutes1];
        shorter.into_iter().find(holds).unwrap_or(Self::Minutes2)
    }

    /// Its length in seconds; none where it is the whole run.
    pub(crate) fn seconds(self) -> Option<u32> {
        match self {
            Self::Seconds30 => Some(30),
            Self::Minutes1 => Some(60),
            Self::Minutes2 => Some(120),
            Self::Minutes5 => Some(300),
            Self::All => None,
        }
    }

    /// As it is read.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Seconds30 => "30 s",
            Self::Minutes1 => "1 min",
            Self::Minutes2 => "2 min",
            Self::Minutes5 => "5 min",
            Self::All => "whole run",
        }
    }

    /// The next longer one, if there is one.
    pub(crate) fn longer(self) -> Self {
        let here = self.position();
        Self::ALL.get(here + 1).copied().unwrap_or(self)
    }

    /// The next shorter one, if there is one.
    pub(crate) fn shorter(self) -> Self {
        Self::ALL[self.position().saturating_sub(1)]
    }

    fn position(self) -> usize {
        Self::ALL.iter().position(|window| *window == self).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_run_starts_with_a_window_that_it_fills() {
        for (seconds, window) in [
            (20.0, Window::Seconds30),
            (30.0, Window::Seconds30),
            (60.0, Window::Minutes1),
            (61.0, Window::Minutes2),
            (14_400.0, Window::Minutes2),
            (0.0, Window::Minutes2),
            (f64::NAN, Window::Minutes2),
        ] {
            assert_eq!(Window::holding(seconds), window, "{seconds}");
        }
    }
}
