use hdl::arch::Plan;
use hdl::config::*;
use sim::bittrue::Mode;
use sim::lockstep::*;
use sim::random::*;
use sim::verilate::*;
fn main() {
    let args: Vec<u32> = std::env::args()
        .skip(1)
        .map(|a| a.parse().unwrap())
        .collect();
    let (lanes, from, to) = (args[0] as usize, args[1], args[2]);
    let formats = Formats {
        state_fraction: 12,
        weight_bits: 16,
        weight_fraction: 13,
    };
    let limits = Limits {
        formats,
        lanes,
        max_layers: 4,
        max_units: 9,
        max_blocks: 5,
        samples: 3,
    };
    let cases: Vec<_> = (from..to).map(|s| random_network(s, &limits)).collect();
    let shape = cases
        .iter()
        .map(|c| Plan::new(&c.network, lanes).unwrap().shape)
        .reduce(|a, b| a.union(&b).unwrap())
        .unwrap();
    let first = Plan::on(&cases[0].network, &shape).unwrap();
    let design = hdl::design::core(&first).unwrap();
    let waivers = [
        "UNUSEDSIGNAL",
        "VARHIDDEN",
        "PINCONNECTEMPTY",
        "DECLFILENAME",
        "WIDTH",
        "UNUSED",
    ]
    .map(String::from)
    .to_vec();
    let options = BuildOptions {
        profile: Profile::Quick,
        waivers,
        trace: if args.len() > 3 {
            Trace::Vcd
        } else {
            Trace::None
        },
    };
    let library = match build(
        &source(&first, &design),
        &options,
        &Cache::new("/tmp/eqcache"),
    ) {
        Ok(l) => l,
        Err(e) => {
            println!("{e}");
            return;
        }
    };
    let mut bad = 0;
    for case in &cases {
        let plan = Plan::on(&case.network, &shape).unwrap();
        let mut model = library.instance();
        if args.len() > 3 {
            model.trace_to(std::path::Path::new("/tmp/t.vcd")).unwrap();
        }
        let sizes: Vec<_> = case.network.layers.iter().map(|l| l.units).collect();
        let d = &case.network;
        let r = (|| {
            let mut l = Lockstep::new(plan, model, &case.weights, None)?;
            for s in &case.samples {
                l.sample(s, Mode::Nudge)?;
            }
            Ok::<_, LockstepError>(l.totals().clone())
        })();
        match r {
            Ok(t) => println!(
                "{} ok {:?} {:?} cycles {}",
                d.name, sizes, d.dynamics.order, t.cycles
            ),
            Err(e) => {
                bad += 1;
                println!(
                    "{} {:?} k{} {:?} {:?} {:?} blocks {:?}\n   {e}",
                    d.name,
                    sizes,
                    d.dynamics.k,
                    d.dynamics.order,
                    d.phases,
                    d.dynamics.tolerance,
                    d.blocks.iter().map(|b| (b.a, b.b)).collect::<Vec<_>>()
                )
            }
        }
        if bad > 3 {
            break;
        }
    }
}
