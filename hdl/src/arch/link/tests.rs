use super::*;
use crate::config::Network;

fn plan(name: &str, lanes: usize) -> Plan {
    let network = Network::builtin(name).expect("a built-in network");
    Plan::new(&network, lanes).expect("hardware exists")
}

#[test]
fn every_board_has_a_rate_without_error_and_room_for_frames_in_flight() {
    for board in Board::all() {
        let plan = plan("digits", board.lanes);
        let link = Link::new(&plan, board);
        assert_eq!(
            (link.baud, link.baud_error),
            (1_000_000, 0.0),
            "{}",
            board.name
        );
        assert!(link.window >= 2, "{}: {link:?}", board.name);
        assert!(link.receive_bytes.is_power_of_two() && link.slot_bytes.is_power_of_two());
        let hello = link.identity(&plan).len() + counter::COUNT;
        assert!(hello <= link.answer_words(), "{}: {link:?}", board.name);
    }
}

/// Frames of 784 inputs are long, and a large RAM holds fewer of them.
#[test]
fn long_frames_wait_in_large_rams_too() {
    let board = Board::load("icebreaker").expect("a board");
    let link = Link::new(&plan("mnist", 2), board);
    assert!(link.single_port);
    assert_eq!((link.receive_bytes, link.window), (16_384, 6));
}

#[test]
fn rates_follow_the_clock() {
    assert_eq!(rate(12_000_000), (1_000_000, 12, 0.0));
    assert_eq!(rate(7_372_800), (921_600, 8, 0.0));
    let (baud, divider, error) = rate(16_100_000);
    assert_eq!((baud, divider), (1_000_000, 16));
    assert!((error - 0.00625).abs() < 1e-9);
    // 1,000,000 would be 8.5 cycles.
    assert_eq!(rate(8_500_000).0, 500_000);
}

#[test]
fn an_identity_is_read_back() {
    let (plan, board) = (plan("digits", 2), &Board::all()[0]);
    let link = Link::new(&plan, board);
    let mut words = link.identity(&plan);
    words.extend([1, 2, 3, 4, 5, 6]);
    let identity = Identity::parse(&words).expect("our own identity");
    assert_eq!(identity.shape, plan.shape);
    assert_eq!(identity.hash, plan.hash);
    assert_eq!(identity.layers, [64, 48, 10]);
    assert_eq!(identity.counters, [1, 2, 3, 4, 5, 6]);
    assert_eq!(identity.baud(), 1e6);
    assert_eq!((identity.window, identity.answer_words), (7, 127));
    assert_eq!(identity.differences(&plan.shape), []);
    let mut other = plan.shape.clone();
    (other.feedback_shift, other.many_halvings) = (3, true);
    assert_eq!(shape_of(&shape_words(&other)), other);
    let mut other = plan.shape.clone();
    other.bank_words = 7;
    let has = plan.shape.bank_words as u32;
    assert_eq!(identity.differences(&other), [("bank_words", has, 7)]);
    for cut in 0..words.len() {
        let error = Identity::parse(&words[..cut]);
        assert_eq!(error, Err(IdentityError::Length { found: cut }));
    }
    words[1] = 9;
    let error = Identity::parse(&words);
    assert_eq!(error, Err(IdentityError::Version { found: 9 }));
}
