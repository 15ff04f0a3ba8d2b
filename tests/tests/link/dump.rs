#[test]
fn dump() {
    for (network, board, lanes) in [
        ("digits", "icebreaker", 2),
        ("digits", "hx8k-evn", 2),
        ("xor", "hx8k-evn", 2),
        ("xor", "icebreaker", 2),
        ("digits", "colorlight-i5", 8),
    ] {
        let network_ = hdl::config::Network::builtin(network).unwrap();
        let plan = hdl::arch::Plan::new(&network_, lanes).unwrap();
        let b = hdl::board::Board::load(board).unwrap();
        println!("{network} {board} {:?}", hdl::arch::Link::new(&plan, b));
        let d = hdl::design::board(&plan, b).unwrap();
        std::fs::write(format!("/tmp/link-{network}-{board}.v"), d.text).unwrap();
    }
}
