//! What can be selected, and how the arrows move.

use super::{State, View};
use crate::figures::{
    CACHE, CacheRow, ContainerRow, DatabaseRow, OperationRow, QueueRow, ScalingRow, ServiceRow,
    StoreRow, activities, cache, containers, databases, operations, queues, scaled, services,
    stores, worst_first,
};

/// Something a view has a row or a tile for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A service, by name.
    Service(String),
    /// A queue, by name.
    Queue(String),
    /// A table, by name.
    Table(String),
    /// A function, by name.
    Function(String),
    /// A server of the database, by name.
    Database(String),
    /// The cache.
    Cache,
    /// A container, by name.
    Container(String),
    /// An operation, by name.
    Operation(String),
    /// All operations together.
    AllOperations,
    /// A scaling activity: what scaled, and its place among the record's activities.
    Activity(String, usize),
}

impl Subject {
    /// Its name as something that scales: `checkout`, `table/carts`; of an activity, what scaled.
    pub(crate) fn resource(&self) -> Option<String> {
        match self {
            Self::Service(name) | Self::Activity(name, _) => Some(name.clone()),
            Self::Table(name) => Some(format!("table/{name}")),
            Self::Function(name) => Some(format!("function/{name}")),
            Self::Queue(_)
            | Self::Database(_)
            | Self::Cache
            | Self::Container(_)
            | Self::Operation(_)
            | Self::AllOperations => None,
        }
    }

    /// The group of rows it is in, from left to right.
    fn group(&self, view: View) -> usize {
        match (view, self) {
            (View::Overview, Self::Queue(_)) | (View::Scaling, Self::Activity(..)) => 1,
            (
                View::Overview,
                Self::Table(_)
                | Self::Function(_)
                | Self::Database(_)
                | Self::Cache
                | Self::Container(_),
            ) => 2,
            _ => 0,
        }
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

    /// What keeps data or stands beside the services and the filter leaves, the worst first.
    pub(crate) fn stores(&self) -> Vec<StoreRow<'_>> {
        let mut rows = stores(self.record());
        rows.retain(|row| self.matches(row.name()));
        worst_first(&mut rows, StoreRow::health);
        rows
    }

    /// The servers of the database that the filter leaves, as they come.
    pub(crate) fn databases(&self) -> Vec<DatabaseRow<'_>> {
        let mut rows = databases(self.record());
        rows.retain(|row| self.matches(row.name));
        rows
    }

    /// The cache, where there is one and the filter leaves it.
    pub(crate) fn cache(&self) -> Option<CacheRow<'_>> {
        cache(self.record()).filter(|_| self.matches(CACHE))
    }

    /// The containers the filter leaves, as they come.
    pub(crate) fn containers(&self) -> Vec<ContainerRow<'_>> {
        let mut rows = containers(self.record());
        rows.retain(|row| self.matches(row.name));
        rows
    }

    /// What can scale and the filter leaves, the worst first.
    pub(crate) fn scaled(&self) -> Vec<ScalingRow<'_>> {
        let mut rows = scaled(self.record());
        rows.retain(|row| self.matches(&row.resource));
        worst_first(&mut rows, |row| row.health);
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
                .chain(self.stores().iter().map(StoreRow::subject))
                .collect(),
            View::Queues => queues().collect(),
            View::Latency => {
                let all = self.filter.is_empty().then_some(Subject::AllOperations);
                let each = self.operations().into_iter();
                all.into_iter()
                    .chain(each.map(|row| Subject::Operation(row.name.to_owned())))
                    .collect()
            }
            View::Scaling => self.scaling_subjects(),
            View::Data => self.data_subjects(),
        }
    }

    /// The servers of the database, the cache and the containers.
    fn data_subjects(&self) -> Vec<Subject> {
        let databases = self.databases().into_iter();
        let containers = self.containers().into_iter();
        databases
            .map(|row| Subject::Database(row.name.to_owned()))
            .chain(self.cache().map(|_| Subject::Cache))
            .chain(containers.map(|row| Subject::Container(row.name.to_owned())))
            .collect()
    }

    /// What can scale, and the activities of that which is chosen.
    fn scaling_subjects(&self) -> Vec<Subject> {
        let mut subjects: Vec<_> = self.scaled().into_iter().map(|row| row.subject).collect();
        let chosen = self.selected[self.view_index()].as_ref().and_then(Subject::resource);
        let resources = || subjects.iter().filter_map(Subject::resource);
        let resource = chosen.filter(|chosen| resources().any(|one| one == *chosen));
        if let Some(resource) = resource.or_else(|| resources().next()) {
            let activities = activities(self.record(), &resource).into_iter();
            subjects
                .extend(activities.map(|(index, _)| Subject::Activity(resource.clone(), index)));
        }
        subjects
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

    /// Selects the row `step` further, stopping at the ends. What scales and its activities are
    /// lists of their own.
    pub(super) fn select_row(&mut self, step: isize) {
        let mut subjects = self.subjects();
        let Some(selected) = self.selected() else { return };
        if self.view == View::Scaling {
            let group = selected.group(self.view);
            subjects.retain(|subject| subject.group(self.view) == group);
        }
        let here = subjects.iter().position(|subject| *subject == selected).unwrap_or(0);
        let there = here.saturating_add_signed(step).min(subjects.len() - 1);
        self.select(subjects[there].clone());
    }

    /// Selects the first row of the group beside; in a view of one group, a row beside. Of
    /// activities the newest, of what scales that whose activities are shown.
    pub(super) fn select_group(&mut self, step: isize) {
        if !matches!(self.view, View::Overview | View::Scaling) {
            return self.select_row(step);
        }
        let subjects = self.subjects();
        let Some(selected) = self.selected() else { return };
        let here = selected.group(self.view);
        let groups = subjects.iter().map(|subject| subject.group(self.view));
        let beside = if step > 0 {
            groups.filter(|group| *group > here).min()
        } else {
            groups.filter(|group| *group < here).max()
        };
        let Some(beside) = beside else { return };
        let mut rows = subjects.iter().filter(|subject| subject.group(self.view) == beside);
        let target = match &selected {
            Subject::Activity(resource, _) => {
                rows.find(|subject| subject.resource().as_ref() == Some(resource))
            }
            _ if self.view == View::Scaling => rows.next_back(),
            _ => rows.next(),
        };
        if let Some(subject) = target.cloned() {
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
