//! Lists of parts that carry a name: operations, services, queues.

/// Merges `theirs` into `mine` part by part. The result has the order of `theirs`, which is the
/// later and so the fuller list; what only `mine` has follows.
pub(crate) fn merge<T: Clone>(
    mine: &mut Vec<T>,
    theirs: &[T],
    name: fn(&T) -> &str,
    merge: impl Fn(&mut T, &T),
) {
    let mut merged = Vec::with_capacity(mine.len().max(theirs.len()));
    for part in theirs {
        match mine.iter().position(|other| name(other) == name(part)) {
            Some(index) => {
                let mut earlier = mine.remove(index);
                merge(&mut earlier, part);
                merged.push(earlier);
            }
            None => merged.push(part.clone()),
        }
    }
    merged.append(mine);
    *mine = merged;
}
