//! What is to be Verilated: the texts, the names of the ports and the options of a build.

use super::error::VerilateError;

/// A core as Verilog text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelSource {
    /// Name of the top module.
    pub top: String,
    /// File name (no folders) and text of each source. `.v` and `.sv` files are compiled, `.vlt` files are
    /// Verilator's lint configuration, others can be included.
    pub files: Vec<(String, String)>,
    pub ports: CorePorts,
    /// Ports that name a write inside the core, sampled in every observed cycle in this order.
    pub probes: Vec<ProbePorts>,
}

/// Port names of a core with one AXI4-Stream in and one out. All are one bit wide but the two data ports (32 bits).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorePorts {
    pub clock: String,
    /// Synchronous, active high.
    pub reset: String,
    pub s_valid: String,
    pub s_ready: String,
    pub s_data: String,
    pub s_last: String,
    pub m_valid: String,
    pub m_ready: String,
    pub m_data: String,
    pub m_last: String,
    /// High while the core works on a command.
    pub busy: String,
}

/// Names of the four output ports of one probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbePorts {
    /// Handed back as [`super::ProbeEvent::probe`].
    pub id: u16,
    /// One bit: the other three mean something in this cycle.
    pub valid: String,
    /// At most 8 bits.
    pub kind: String,
    /// At most 32 bits.
    pub address: String,
    /// At most 64 bits.
    pub value: String,
    /// The value is in two's complement of the port's width.
    pub signed: bool,
}

/// Which waveform format a model can write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Trace {
    #[default]
    None,
    Vcd,
    Fst,
}

/// How hard the C++ compiler works on a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// -Og: compiles in two thirds of the time of -O1 and is as fast. For tests and short runs.
    Quick,
    /// -O3.
    #[default]
    Fast,
}

/// Options of one build; models of different options are different cache entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildOptions {
    pub trace: Trace,
    pub profile: Profile,
    /// Verilator warnings that do not stop the build, such as `WIDTH` (passed as `-Wno-WIDTH`).
    pub waivers: Vec<String>,
}

impl ModelSource {
    /// Refuses names that would need escaping on the way through Verilog, C++, the shell or the file system.
    pub(super) fn check(&self, options: &BuildOptions) -> Result<(), VerilateError> {
        let refuse = |what, name: &str, rule| {
            Err(VerilateError::Name {
                what,
                name: name.to_string(),
                rule,
            })
        };
        const IDENTIFIER: &str =
            "letters, digits and single underscores, not starting with a digit";
        let probes = self
            .probes
            .iter()
            .flat_map(|p| [&p.valid, &p.kind, &p.address, &p.value]);
        let core = self.ports.all().map(|(_, name)| name);
        for name in core.into_iter().chain(probes) {
            if !is_identifier(name) {
                return refuse("port", name, IDENTIFIER);
            }
        }
        if !is_identifier(&self.top) {
            return refuse("top module", &self.top, IDENTIFIER);
        }
        for (name, _) in &self.files {
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || !name.chars().all(plain) {
                return refuse(
                    "source file",
                    name,
                    "a file name of letters, digits, '.', '_' and '-', without folders",
                );
            }
        }
        for name in &options.waivers {
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
                return refuse("waiver", name, "the name of a Verilator warning");
            }
        }
        Ok(())
    }
}

impl CorePorts {
    /// Every port is called as it is here.
    pub fn plain() -> CorePorts {
        let name = |name: &str| name.to_string();
        CorePorts {
            clock: name("clock"),
            reset: name("reset"),
            s_valid: name("s_valid"),
            s_ready: name("s_ready"),
            s_data: name("s_data"),
            s_last: name("s_last"),
            m_valid: name("m_valid"),
            m_ready: name("m_ready"),
            m_data: name("m_data"),
            m_last: name("m_last"),
            busy: name("busy"),
        }
    }

    /// The C++ macro that stands for each port in the shim, and the port's name.
    pub(super) fn all(&self) -> [(&'static str, &String); 11] {
        [
            ("CLOCK", &self.clock),
            ("RESET", &self.reset),
            ("S_VALID", &self.s_valid),
            ("S_READY", &self.s_ready),
            ("S_DATA", &self.s_data),
            ("S_LAST", &self.s_last),
            ("M_VALID", &self.m_valid),
            ("M_READY", &self.m_ready),
            ("M_DATA", &self.m_data),
            ("M_LAST", &self.m_last),
            ("BUSY", &self.busy),
        ]
    }
}

/// Verilator keeps exactly these names as C++ members; it encodes `$` and double underscores.
fn is_identifier(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.contains("__")
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
