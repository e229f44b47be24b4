use super::*;

#[test]
fn values_stay_small() {
    assert_eq!(size_of::<AttributeValue>(), 32);
}
