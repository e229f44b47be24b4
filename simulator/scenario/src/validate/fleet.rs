//! Fleets: how many tasks or instances there are, and how large one is.

use miette::SourceSpan;

use crate::{
    defaults,
    document::{Instances, Tasks},
    limits,
    located::Field,
    plan::TaskSpec,
    problem::Problems,
};

use super::bounds;

/// Sizes of a task on Fargate: vCPU, least, most and step of its memory in GiB (Amazon ECS
/// developer guide, "Task CPU and memory"; 0.25 vCPU has 0.5, 1 and 2 GiB).
const FARGATE: [(f64, f64, f64, f64); 7] = [
    (0.25, 0.5, 2.0, 0.5),
    (0.5, 1.0, 4.0, 1.0),
    (1.0, 2.0, 8.0, 1.0),
    (2.0, 4.0, 16.0, 1.0),
    (4.0, 8.0, 30.0, 1.0),
    (8.0, 16.0, 60.0, 4.0),
    (16.0, 32.0, 120.0, 8.0),
];

/// Tasks of an ECS service.
pub(super) fn tasks(table: &Tasks, standard: TaskSpec, problems: &mut Problems) -> TaskSpec {
    let spec = Common::of_tasks(table).read(standard, problems);
    // A size that is no size at all is reported already.
    let sized = table.vcpu.value().is_some() || table.memory_gib.value().is_some();
    if sized && spec.vcpu > 0.0 && spec.memory_gib > 0.0 {
        fargate(table, spec, problems);
    }
    let image_mb = bounds::above_zero(&table.image_mb, "image-mb", limits::IMAGE_MB, problems);
    TaskSpec { image_mb: image_mb.unwrap_or(standard.image_mb), ..spec }
}

/// Reports a task that Fargate has not.
fn fargate(table: &Tasks, spec: TaskSpec, problems: &mut Problems) {
    let Some((_, least, most, step)) = FARGATE.into_iter().find(|size| size.0 == spec.vcpu) else {
        let all: Vec<String> = FARGATE.iter().map(|size| size.0.to_string()).collect();
        let help = format!("Fargate has {}", all.join(", "));
        problems.add(table.vcpu.span(), format!("`vcpu` is {}", spec.vcpu), help);
        return;
    };
    let memory = spec.memory_gib;
    let fits = (least..=most).contains(&memory) && ((memory - least) / step).fract() == 0.0;
    // 1.5 GiB is the one multiple of its step that a quarter of a vCPU has not.
    if !fits || (spec.vcpu == 0.25 && memory == 1.5) {
        let span = table.memory_gib.span().or_else(|| table.vcpu.span());
        let help = if spec.vcpu == 0.25 {
            "Fargate gives 0.25 vCPU 0.5, 1 or 2 GiB".to_owned()
        } else {
            format!("Fargate gives {} vCPU {least} to {most} GiB in steps of {step}", spec.vcpu)
        };
        problems.add(span, format!("`memory-gib` is {memory}"), help);
    }
}

/// Instances of an Auto Scaling group.
pub(super) fn instances(
    table: &Instances,
    standard: TaskSpec,
    problems: &mut Problems,
) -> TaskSpec {
    let spec = Common::of_instances(table).read(standard, problems);
    let most_s = limits::BOOT_S;
    let user_data_s = bounds::seconds(&table.user_data, "user-data", (0.0, most_s), problems);
    let warmup_s = bounds::seconds(&table.warmup, "warmup", (0.0, most_s), problems);
    let warm_pool = bounds::whole(&table.warm_pool, "warm-pool", (0, limits::TASKS), problems);
    if warm_pool.is_some_and(|pool| pool > 0) && spec.spot_share > 0.0 {
        let help = "AWS keeps warm pools of On-Demand groups only: drop one of the two";
        let message = "`warm-pool` and `spot-share` are both given";
        problems.add(table.warm_pool.span(), message, help);
    }
    TaskSpec {
        user_data_s: user_data_s.unwrap_or(standard.user_data_s),
        warmup_s: warmup_s.unwrap_or(standard.warmup_s),
        warm_pool: warm_pool.unwrap_or(standard.warm_pool),
        ..spec
    }
}

/// Reports bounds of tasks that no policy moves within.
pub(super) fn idle_tasks(table: &Tasks, standard: TaskSpec, problems: &mut Problems) {
    Common::of_tasks(table).idle(standard, problems);
}

/// The same of instances.
pub(super) fn idle_instances(table: &Instances, standard: TaskSpec, problems: &mut Problems) {
    Common::of_instances(table).idle(standard, problems);
}

/// The keys that tasks and instances share.
struct Common<'a> {
    min: &'a Field<u32>,
    max: &'a Field<u32>,
    initial: &'a Field<u32>,
    count: &'a Field<u32>,
    vcpu: &'a Field<f64>,
    memory_gib: &'a Field<f64>,
    concurrency: &'a Field<u32>,
    backlog: &'a Field<u32>,
    spot_share: &'a Field<f64>,
}

macro_rules! common {
    ($table:ident) => {
        Self {
            min: &$table.min,
            max: &$table.max,
            initial: &$table.initial,
            count: &$table.count,
            vcpu: &$table.vcpu,
            memory_gib: &$table.memory_gib,
            concurrency: &$table.concurrency,
            backlog: &$table.backlog,
            spot_share: &$table.spot_share,
        }
    };
}

impl<'a> Common<'a> {
    fn of_tasks(table: &'a Tasks) -> Self {
        common!(table)
    }

    fn of_instances(table: &'a Instances) -> Self {
        common!(table)
    }

    fn read(&self, standard: TaskSpec, problems: &mut Problems) -> TaskSpec {
        let (min, max, initial) = self.counts(standard, problems);
        let vcpu = bounds::above_zero(self.vcpu, "vcpu", limits::VCPU, problems);
        let memory =
            bounds::above_zero(self.memory_gib, "memory-gib", limits::MEMORY_GIB, problems);
        let slots = (1, limits::CONCURRENCY);
        let concurrency = bounds::whole(self.concurrency, "concurrency", slots, problems);
        let backlog = bounds::whole(self.backlog, "backlog", (0, limits::BACKLOG), problems);
        let spot_share = bounds::number(self.spot_share, "spot-share", 0.0..=1.0, problems);
        let vcpu = vcpu.unwrap_or(standard.vcpu);
        TaskSpec {
            min,
            max,
            initial,
            concurrency: concurrency.unwrap_or(standard.concurrency),
            backlog: backlog.unwrap_or(standard.backlog),
            vcpu,
            memory_gib: memory.unwrap_or(vcpu * defaults::MEMORY_GIB_PER_VCPU),
            spot_share: spot_share.unwrap_or(standard.spot_share),
            ..standard
        }
    }

    /// Reports bounds that do nothing where the number stays what it is at first.
    fn idle(&self, standard: TaskSpec, problems: &mut Problems) {
        let (min, max) = (self.min.value().copied(), self.max.value().copied());
        let has_room = min.unwrap_or(standard.min) < max.unwrap_or(standard.max);
        if self.count.value().is_some() || !has_room {
            return;
        }
        // Without `initial` a bound decides how many there are where it is beyond what is usual.
        let is_free = self.initial.value().is_none();
        let bounds = [
            ("min", self.min, is_free && min.is_some_and(|min| min > standard.initial)),
            ("max", self.max, is_free && max.is_some_and(|max| max < standard.initial)),
        ];
        for (key, field, decides) in bounds {
            if field.value().is_some() && !decides {
                let message = format!("`{key}` does nothing: no policy changes the number");
                let help = "give `scaling` too, or fix the number with `count`";
                problems.add(field.span(), message, help);
            }
        }
    }

    /// Fewest, most, and how many at first.
    fn counts(&self, standard: TaskSpec, problems: &mut Problems) -> (u32, u32, u32) {
        let mut whole = |field, key| bounds::whole(field, key, (1, limits::TASKS), problems);
        let (count, min) = (whole(self.count, "count"), whole(self.min, "min"));
        let (max, initial) = (whole(self.max, "max"), whole(self.initial, "initial"));
        if let Some(count) = count {
            let also = [("min", self.min), ("max", self.max), ("initial", self.initial)];
            if let Some((key, field)) = also.into_iter().find(|(_, key)| key.value().is_some()) {
                let help = "`count` fixes the number: give it, or `min`, `max` and `initial`";
                let message = format!("`count` and `{key}` are both given");
                problems.add(later(self.count, field), message, help);
            }
            return (count, count, count);
        }
        let (least, most) = (min.unwrap_or(standard.min), max.unwrap_or(standard.max));
        if least > most {
            let help = match (min, max) {
                (Some(_), None) => format!("`max` is {most} unless given: give it too"),
                (None, Some(_)) => format!("`min` is {least} unless given: give it too"),
                _ => String::new(),
            };
            problems.add(
                later(self.min, self.max),
                format!("`min` of {least} is above `max` of {most}"),
                help,
            );
            return (least, least, least);
        }
        let first = initial.unwrap_or(standard.initial.clamp(least, most));
        let beyond = match first {
            _ if first < least => Some(("below `min`", least, self.min)),
            _ if first > most => Some(("above `max`", most, self.max)),
            _ => None,
        };
        if let Some((side, bound, field)) = beyond {
            let help = format!("give a whole number from `min` ({least}) to `max` ({most})");
            let message = format!("`initial` of {first} is {side} of {bound}");
            problems.add(later(self.initial, field), message, help);
        }
        (least, most, first)
    }
}

/// Where the later of two keys stands: what was set by hand comes after the file.
fn later(a: &Field<u32>, b: &Field<u32>) -> Option<SourceSpan> {
    [a.span(), b.span()].into_iter().flatten().max_by_key(SourceSpan::offset)
}
