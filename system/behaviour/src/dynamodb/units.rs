//! Capacity units from sizes (behaviour sheet 4.1, "units").

const READ_UNIT_BYTES: usize = 4_096;
const WRITE_UNIT_BYTES: usize = 1_024;

/// How strongly an item is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consistency {
    /// It may be stale: half a unit for each 4 KB.
    Eventual,
    /// Consistent: a unit for each 4 KB.
    Strong,
    /// Part of a transaction: two units for each 4 KB.
    Transactional,
}

/// Read units for an item of `bytes`, or for a page of a query or scan. What is not there costs the
/// least unit.
#[must_use]
pub fn read_units(bytes: usize, consistency: Consistency) -> f64 {
    let factor = match consistency {
        Consistency::Eventual => 0.5,
        Consistency::Strong => 1.0,
        Consistency::Transactional => 2.0,
    };
    whole_units(bytes, READ_UNIT_BYTES) * factor
}

/// Write units for an item of `bytes`, double in a transaction.
#[must_use]
pub fn write_units(bytes: usize, transactional: bool) -> f64 {
    whole_units(bytes, WRITE_UNIT_BYTES) * if transactional { 2.0 } else { 1.0 }
}

#[expect(clippy::cast_precision_loss, reason = "sizes are below 2^52")]
fn whole_units(bytes: usize, unit: usize) -> f64 {
    bytes.div_ceil(unit).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_round_up_and_transactions_cost_double() {
        let writes =
            |transactional| [0, 1, 1_024, 1_025].map(|bytes| write_units(bytes, transactional));
        assert_eq!(writes(false), [1.0, 1.0, 1.0, 2.0]);
        assert_eq!(writes(true), [2.0, 2.0, 2.0, 4.0]);
        let reads =
            |consistency| [0, 4_096, 4_097, 409_600].map(|bytes| read_units(bytes, consistency));
        assert_eq!(reads(Consistency::Eventual), [0.5, 0.5, 1.0, 50.0]);
        assert_eq!(reads(Consistency::Strong), [1.0, 1.0, 2.0, 100.0]);
        assert_eq!(reads(Consistency::Transactional), [2.0, 2.0, 4.0, 200.0]);
    }
}
