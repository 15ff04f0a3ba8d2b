//! FPGAs by part number: what nextpnr and icetime call them, and what they offer.

use serde::{Deserialize, Serialize};

/// FPGA family: decides synthesis, place and route, primitives and packer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    Ice40,
    Ecp5,
}

impl Family {
    /// What nextpnr calls a constraint file: the end of its name, and the option that reads it.
    pub fn constraints(self) -> &'static str {
        match self {
            Family::Ice40 => "pcf",
            Family::Ecp5 => "lpf",
        }
    }
}

/// One FPGA in its package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Device {
    /// Vendor's part number with speed grade (ECP5) and package, such as `iCE40UP5K-SG48` or `LFE5U-25F-6-CABGA381`.
    pub part: String,
    pub family: Family,
    /// Device, package and speed for nextpnr.
    pub place_flags: Vec<String>,
    /// Device and package for icetime; empty on ECP5, and where icetime does not know the device.
    pub timing_flags: Vec<String>,
    pub resources: Resources,
}

/// What a device offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Resources {
    /// Look-up tables of four inputs; on iCE40 the logic cells (one table and one flip-flop each).
    pub luts: usize,
    pub ffs: usize,
    pub block_rams: usize,
    /// Bits of one block RAM.
    pub block_ram_bits: usize,
    /// Large single-port RAMs (UP3K and UP5K only).
    pub sprams: usize,
    /// Bits of one of them.
    pub spram_bits: usize,
    /// Hard multipliers of at least 16 × 16 bits.
    pub dsps: usize,
}

/// One kind of part: its name in part numbers, nextpnr's option, what its die offers as nextpnr fills it, in which parts sold as
/// smaller ones have all of their die, and its packages.
struct Kind {
    name: &'static str,
    option: &'static str,
    resources: Resources,
    packages: &'static [&'static str],
}

const fn kind(
    name: &'static str,
    option: &'static str,
    resources: Resources,
    packages: &'static [&'static str],
) -> Kind {
    Kind {
        name,
        option,
        resources,
        packages,
    }
}

const fn ice40(cells: usize, block_rams: usize, sprams: usize, dsps: usize) -> Resources {
    Resources {
        luts: cells,
        ffs: cells,
        block_rams,
        block_ram_bits: 4096,
        sprams,
        spram_bits: if sprams == 0 { 0 } else { 262_144 },
        dsps,
    }
}

const fn ecp5(cells: usize, block_rams: usize, dsps: usize) -> Resources {
    Resources {
        block_ram_bits: 18_432,
        ..ice40(cells, block_rams, 0, dsps)
    }
}

const L384: Resources = ice40(384, 0, 0, 0);
const L1K: Resources = ice40(1280, 16, 0, 0);
const L8K: Resources = ice40(7680, 32, 0, 0);
const U4K: Resources = ice40(3520, 20, 0, 4);
const U5K: Resources = ice40(5280, 30, 4, 8);
const E25: Resources = ecp5(24_288, 56, 28);
const E45: Resources = ecp5(43_848, 108, 72);
const E85: Resources = ecp5(83_640, 208, 156);
const P1K: &[&str] = &[
    "CB121", "CB132", "CB81", "CM121", "CM36", "CM49", "CM81", "QN84", "SWG16TR", "TQ144", "VQ100",
];
const P4K: &[&str] = &["BG121", "CB132", "CM121", "CM225", "CM81", "TQ144"];
const P8K: &[&str] = &["BG121", "CB132", "CM121", "CM225", "CM81", "CT256"];
const P25: &[&str] = &["CABGA256", "CABGA381", "CSFBGA285", "TQFP144"];
const P45: &[&str] = &["CABGA256", "CABGA381", "CABGA554", "CSFBGA285", "TQFP144"];
const P85: &[&str] = &["CABGA381", "CABGA554", "CABGA756", "CSFBGA285"];

const KINDS: [Kind; 22] = [
    kind("iCE40LP384", "lp384", L384, &["CM36", "CM49", "QN32"]),
    kind("iCE40LP1K", "lp1k", L1K, P1K),
    kind("iCE40LP4K", "lp4k", L8K, P4K),
    kind("iCE40LP8K", "lp8k", L8K, P8K),
    kind("iCE40HX1K", "hx1k", L1K, P1K),
    kind("iCE40HX4K", "hx4k", L8K, P4K),
    kind("iCE40HX8K", "hx8k", L8K, P8K),
    kind("iCE40UP3K", "up3k", U5K, &["SG48", "UWG30"]),
    kind("iCE40UP5K", "up5k", U5K, &["SG48", "UWG30"]),
    kind("iCE5LP1K", "u1k", U4K, &["SG48"]),
    kind("iCE5LP2K", "u2k", U4K, &["SG48"]),
    kind("iCE5LP4K", "u4k", U4K, &["SG48"]),
    kind("LFE5U-12F", "12k", E25, P25),
    kind("LFE5U-25F", "25k", E25, P25),
    kind("LFE5U-45F", "45k", E45, P45),
    kind("LFE5U-85F", "85k", E85, P85),
    kind("LFE5UM-25F", "um-25k", E25, P25),
    kind("LFE5UM-45F", "um-45k", E45, P45),
    kind("LFE5UM-85F", "um-85k", E85, P85),
    kind("LFE5UM5G-25F", "um5g-25k", E25, P25),
    kind("LFE5UM5G-45F", "um5g-45k", E45, P45),
    kind("LFE5UM5G-85F", "um5g-85k", E85, P85),
];

const SPEEDS: [&str; 3] = ["6", "7", "8"];

impl TryFrom<String> for Device {
    type Error = String;

    /// Reads a part number; an error names the part that nobody knows, and what there is.
    fn try_from(part: String) -> Result<Device, String> {
        let known = |kind: &&Kind| {
            part.strip_prefix(kind.name)
                .is_some_and(|rest| rest.starts_with('-'))
        };
        let Some(kind) = KINDS.iter().find(known) else {
            let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
            return Err(format!(
                "no device of `{part}` is known: write one of {}, then the speed grade (ECP5) and the package, such as \
                 iCE40UP5K-SG48 or LFE5U-25F-6-CABGA381",
                names.join(", ")
            ));
        };
        let rest = &part[kind.name.len() + 1..];
        let family = match kind.name.starts_with("LFE5") {
            true => Family::Ecp5,
            false => Family::Ice40,
        };
        let (speed, package) = match family {
            Family::Ice40 => (None, rest),
            Family::Ecp5 => match rest.split_once('-') {
                Some((speed, package)) if SPEEDS.contains(&speed) => (Some(speed), package),
                _ => {
                    return Err(format!(
                        "`{part}` names no speed grade: write {}-6-PACKAGE, -7- or -8-",
                        kind.name
                    ));
                }
            },
        };
        if !kind.packages.contains(&package) {
            return Err(format!(
                "`{part}` has no package `{package}`: {} comes in {}",
                kind.name,
                kind.packages.join(", ")
            ));
        }
        Ok(Device::of(kind, family, speed, package, part.clone()))
    }
}

impl Device {
    fn of(kind: &Kind, family: Family, speed: Option<&str>, package: &str, part: String) -> Device {
        let option = format!("--{}", kind.option);
        let texts = |flags: &[&str]| flags.iter().map(|&flag| flag.to_owned()).collect();
        match speed {
            None => {
                let package = package.to_lowercase();
                // icetime names the 8K dies sold as 4K by their packages.
                let (timed, in_package) = match kind.option {
                    "hx4k" => ("hx8k", format!("{package}:4k")),
                    "lp4k" => ("lp8k", format!("{package}:4k")),
                    "up3k" => ("up5k", package.clone()),
                    "u1k" | "u2k" => ("u4k", package.clone()),
                    option => (option, package.clone()),
                };
                Device {
                    place_flags: texts(&[&option, "--package", &package]),
                    timing_flags: texts(&["-d", timed, "-P", &in_package]),
                    resources: kind.resources,
                    part,
                    family,
                }
            }
            Some(speed) => Device {
                place_flags: texts(&[&option, "--package", package, "--speed", speed]),
                timing_flags: vec![],
                resources: kind.resources,
                part,
                family,
            },
        }
    }
}

impl From<Device> for String {
    fn from(device: Device) -> String {
        device.part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(part: &str) -> Result<Device, String> {
        Device::try_from(part.to_owned())
    }

    #[test]
    fn part_numbers_say_what_tools_are_told() {
        let flags = |part: &str| {
            let device = device(part).expect("a part");
            (device.place_flags.join(" "), device.timing_flags.join(" "))
        };
        let wanted = |place: &str, timing: &str| (place.to_owned(), timing.to_owned());
        assert_eq!(
            flags("iCE40HX4K-TQ144"),
            wanted("--hx4k --package tq144", "-d hx8k -P tq144:4k")
        );
        assert_eq!(
            flags("iCE5LP4K-SG48"),
            wanted("--u4k --package sg48", "-d u4k -P sg48")
        );
        assert_eq!(
            flags("LFE5UM5G-45F-8-CABGA554"),
            wanted("--um5g-45k --package CABGA554 --speed 8", "")
        );
    }

    #[test]
    fn parts_that_are_not_sold_are_refused_with_those_that_are() {
        for (part, way_out) in [
            ("LFE5U-12F-6-CABGA554", "comes in CABGA256, CABGA381"),
            ("LFE5U-25F-CABGA381", "LFE5U-25F-6-PACKAGE"),
            ("LFE5U-25F-9-CABGA381", "LFE5U-25F-6-PACKAGE"),
            ("iCE40UP5K", "such as iCE40UP5K-SG48"),
            ("xc7a35t", "one of iCE40LP384"),
        ] {
            let refusal = device(part).unwrap_err();
            assert!(refusal.contains(part), "{refusal}");
            assert!(refusal.contains(way_out), "{refusal}");
        }
    }
}
