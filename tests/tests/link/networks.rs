//! One bitstream, several networks.

use super::client::Hardware;
use super::training::{case, of, train};
use hdl::arch::link::Identity;
use hdl::arch::Plan;
use hdl::board::Board;
use hdl::config::Network;
use sim::board::Line;

fn bytes(_: &Plan, _: &Board) -> Line {
    Line::Bytes
}

/// Hardware for 16-12-4 runs `xor`, then 16-12-4, then `xor` again. The client maps them from what the device says
/// of itself.
#[test]
fn one_bitstream_runs_two_networks() {
    let larger = case("[16, 12, 4]", 6);
    let xor = of(Network::builtin("xor").unwrap(), 6);
    let shape = [&larger, &xor]
        .map(|case| Plan::new(&case.network, 2).unwrap().shape)
        .into_iter()
        .reduce(|a, b| a.union(&b).unwrap())
        .unwrap();
    let plan = Plan::on(&larger.network, &shape).unwrap();
    let hardware = Hardware::new(plan, "colorlight-i5", bytes);
    let mut client = hardware.client();
    let Identity { shape, .. } = client.hello(3);
    for case in [&xor, &larger, &xor] {
        let plan = Plan::on(&case.network, &shape).unwrap();
        train(&mut client, &plan, case);
    }
}
