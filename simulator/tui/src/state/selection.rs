//! What can be selected, and how the arrows move.

use super::{State, View};
use crate::figures::{
    OperationRow, QueueRow, ServiceRow, operations, queues, services, worst_first,
};

/// Something a view has a row or a tile for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A service, by name.
    Service(String),
    /// A queue, by name.
    Queue(String),
    /// An operation, by name.
    Operation(String),
    /// All operations together.
    AllOperations,
}

impl Subject {
    /// Whether it is in the same group of rows as `other`.
    fn is_beside(&self, other: &Self) -> bool {
        matches!(self, Self::Queue(_)) == matches!(other, Self::Queue(_))
    }
}

impl State {
    /// The services the filter leaves, the worst first.
    pub(crate) fn services(&self) -> Vec<ServiceRow<'_>> {
        let mut rows = services(self.record());
        rows.retain(|row| self.matches(row.name));
        worst_first(&mut rows, |row| row.health);
        rows
    }

    /// The queues the filter leaves; the worst first in the overview, else as they come.
    pub(crate) fn queues(&self) -> Vec<QueueRow<'_>> {
        let mut rows = queues(self.record());
        rows.retain(|row| self.matches(row.name));
        if self.view == View::Overview {
            worst_first(&mut rows, |row| row.health);
        }
        rows
    }

    /// The operations the filter leaves.
    pub(crate) fn operations(&self) -> Vec<OperationRow<'_>> {
        let mut rows = operations(self.record());
        rows.retain(|row| self.matches(row.name));
        rows
    }

    /// Everything the view has a row for, in its order.
    pub(crate) fn subjects(&self) -> Vec<Subject> {
        let queues = || self.queues().into_iter().map(|row| Subject::Queue(row.name.to_owned()));
        match self.view {
            View::Overview => self
                .services()
                .into_iter()
                .map(|row| Subject::Service(row.name.to_owned()))
                .chain(queues())
                .collect(),
            View::Queues => queues().collect(),
            View::Latency => {
                let all = self.filter.is_empty().then_some(Subject::AllOperations);
                let each = self.operations().into_iter();
                all.into_iter()
                    .chain(each.map(|row| Subject::Operation(row.name.to_owned())))
                    .collect()
            }
        }
    }

    /// What is selected: the chosen thing while it is there, else the first; none without rows.
    pub(crate) fn selected(&self) -> Option<Subject> {
        let subjects = self.subjects();
        let chosen = self.selected[self.view_index()].as_ref();
        chosen.filter(|chosen| subjects.contains(chosen)).or(subjects.first()).cloned()
    }

    pub(super) fn select(&mut self, subject: Subject) {
        self.selected[self.view_index()] = Some(subject);
    }

    /// Selects the row `step` further, stopping at the ends.
    pub(super) fn select_row(&mut self, step: isize) {
        let subjects = self.subjects();
        let Some(selected) = self.selected() else { return };
        let here = subjects.iter().position(|subject| *subject == selected).unwrap_or(0);
        let there = here.saturating_add_signed(step).min(subjects.len() - 1);
        self.select(subjects[there].clone());
    }

    /// Selects the first row of the group beside; in a view of one group, a row beside.
    pub(super) fn select_group(&mut self, step: isize) {
        if self.view != View::Overview {
            return self.select_row(step);
        }
        let subjects = self.subjects();
        let Some(selected) = self.selected() else { return };
        let to_the_right = step > 0;
        let target = subjects.into_iter().find(|subject| {
            matches!(subject, Subject::Queue(_)) == to_the_right && !subject.is_beside(&selected)
        });
        if let Some(subject) = target {
            self.select(subject);
        }
    }

    fn matches(&self, name: &str) -> bool {
        self.filter.is_empty() || name.to_lowercase().contains(&self.filter.to_lowercase())
    }

    fn view_index(&self) -> usize {
        View::ALL.iter().position(|view| *view == self.view).unwrap_or(0)
    }
}
