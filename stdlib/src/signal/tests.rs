use super::check_name;
use crate::host::fake::Fake;

#[test]
fn a_name_can_be_typed() {
    for good in ["approved", "order-7.paid", "a:b"] {
        assert!(check_name(good).is_ok(), "{good}");
    }
    for bad in ["", "two words", "$(rm)", "a/b", "\u{1b}[0m"] {
        assert!(check_name(bad).is_err(), "{bad}");
    }
}

#[test]
fn where_no_signal_can_arrive_waiting_for_one_is_a_slip() {
    let ran = Fake::new().run("wait_for_signal(\"approved\")");
    let error = ran.error();
    assert!(error.contains("no signal can arrive here"), "{error}");
}
