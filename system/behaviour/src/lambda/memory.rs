//! What a function's memory buys.

/// Memory that comes with one vCPU, MB (sheet 2, CPU).
const MB_OF_A_VCPU: f64 = 1_769.0;

/// vCPUs of a function with `memory_mb`: in proportion (sheet 2, CPU).
#[must_use]
pub fn vcpus(memory_mb: u32) -> f64 {
    f64::from(memory_mb) / MB_OF_A_VCPU
}

/// How much longer one thread computes with `memory_mb` than with a whole vCPU, at least 1: more
/// than one vCPU is of no use to one thread.
#[must_use]
pub fn slowdown(memory_mb: u32) -> f64 {
    1.0 / vcpus(memory_mb.max(1)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vcpu_is_1769_mb_and_one_thread_has_no_use_for_more() {
        assert!((vcpus(1_769) - 1.0).abs() < 1e-9);
        assert!((slowdown(512) - 1_769.0 / 512.0).abs() < 1e-9);
        assert!((slowdown(10_240) - 1.0).abs() < 1e-9);
    }
}
