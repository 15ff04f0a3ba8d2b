//! `eqprop setup --check`: which external tools are there, in which version, and what is missing.

use std::fmt;

use serde::Serialize;

use crate::error::Failure;
use crate::output::Printer;
use crate::report::table::{Align, Table};
use crate::tools::{Located, Need, Tool, ToolError};

/// Show which external tools are there, in which version, and what is missing
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: eqprop setup --check\n\nEvery tool is started. `./bootstrap tools` installs what is missing."
)]
pub struct Arguments {
    /// Check only; installing is the work of ./bootstrap tools
    #[arg(long, required = true)]
    check: bool,
}

pub fn run(_: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let survey = Survey::take();
    printer.result(&survey.to_string(), &survey)?;
    if survey.complete {
        return Ok(());
    }
    Err(Failure::failed(Incomplete))
}

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("a tool is missing or too old")]
#[diagnostic(code(eqprop::setup), help("./bootstrap tools"))]
struct Incomplete;

/// What was found. Prints as a table; serialises as the object that `--json` shows.
#[derive(Debug, Serialize)]
pub struct Survey {
    /// Whether every tool is there and starts that simulating and building need; the command exits with 0 then,
    /// else 1.
    pub complete: bool,
    pub tools: Vec<Finding>,
}

/// One tool.
#[derive(Debug, Serialize)]
pub struct Finding {
    pub tool: &'static str,
    pub status: Status,
    /// The version that was found; `None` where there is none or the tool tells none.
    pub found: Option<String>,
    /// The versions that the project was tested with; empty where the tool tells none.
    pub tested: &'static str,
    /// Relative to the project, or the name on PATH.
    #[serde(rename = "where")]
    pub place: Option<String>,
    /// Only the project's tests need it.
    pub tests_only: bool,
    /// Viewers and programmers can be missing.
    pub optional: bool,
    /// Why it cannot be used although it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    pub purpose: &'static str,
    /// The command that installs it.
    pub install: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A tested version, or one that tells no version.
    Ok,
    /// New enough, but not a version that the project was tested with.
    Untested,
    TooOld,
    /// There, but it does not start.
    Broken,
    Missing,
}

impl Survey {
    /// Looks for every tool on this machine.
    pub fn take() -> Survey {
        Survey::of(Tool::check)
    }

    fn of(find: impl Fn(Tool) -> Result<Located, ToolError>) -> Survey {
        let tools: Vec<Finding> = Tool::ALL
            .into_iter()
            .map(|tool| Finding::new(tool, find(tool)))
            .collect();
        Survey {
            complete: !tools.iter().any(Finding::lacking),
            tools,
        }
    }
}

impl Finding {
    fn new(tool: Tool, result: Result<Located, ToolError>) -> Finding {
        let spec = tool.spec();
        let (status, found, place, problem) = match result {
            Ok(located) => {
                // "0.70" was tested; "0.70.0.0.post1259" is that version.
                let tested = located.version.as_deref().is_none_or(|version| {
                    spec.tested
                        .split(", ")
                        .any(|tested| version.starts_with(tested))
                });
                let status = if tested { Status::Ok } else { Status::Untested };
                (status, located.version, Some(located.place), None)
            }
            Err(ToolError::TooOld { found, place, .. }) => {
                (Status::TooOld, Some(found), Some(place), None)
            }
            Err(ToolError::Broken { place, why, .. }) => {
                (Status::Broken, None, Some(place), Some(why))
            }
            Err(_) => (Status::Missing, None, None, None),
        };
        Finding {
            tool: spec.name,
            status,
            found,
            tested: spec.tested,
            place,
            tests_only: spec.need == Need::Tests,
            optional: spec.need == Need::Extra,
            problem,
            purpose: spec.purpose,
            install: tool.install(),
        }
    }

    fn usable(&self) -> bool {
        matches!(self.status, Status::Ok | Status::Untested)
    }

    /// Whether work is impossible without it.
    fn lacking(&self) -> bool {
        !self.usable() && !self.optional && !self.tests_only
    }
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles = ["Tool", "Found", "Tested", "Where", "Needed for"];
        let mut table = Table::new(titles.map(|title| (title, Align::Left)));
        for tool in &self.tools {
            let version = tool.found.as_deref().unwrap_or("tells none");
            let found = match tool.status {
                Status::Ok => version.to_string(),
                Status::Untested => format!("{version} (not the tested one)"),
                Status::TooOld => format!("{version} (too old)"),
                Status::Broken => "CANNOT BE USED".to_string(),
                Status::Missing if !tool.lacking() => "not there".to_string(),
                Status::Missing => "MISSING".to_string(),
            };
            let place = tool.place.as_deref().unwrap_or_default();
            let purpose = match tool.optional {
                true => format!("{} (optional)", tool.purpose),
                false => tool.purpose.to_string(),
            };
            table.row([tool.tool, found.as_str(), tool.tested, place, &purpose]);
        }
        write!(f, "{table}")?;
        writeln!(f)?;
        if self.complete {
            writeln!(f, "Everything that is needed is there.")?;
        } else {
            let lacking = self.tools.iter().filter(|tool| tool.lacking());
            let names: Vec<&str> = lacking.map(|tool| tool.tool).collect();
            writeln!(
                f,
                "To install {}: ./bootstrap tools (in the project's folder)",
                names.join(", ")
            )?;
        }
        for tool in self.tools.iter().filter(|tool| !tool.usable()) {
            if let Some(problem) = &tool.problem {
                writeln!(f, "{} {problem}", tool.tool)?;
            }
            if tool.tests_only {
                writeln!(f, "For the tests, {}: {}", tool.tool, tool.install)?;
            } else if tool.optional {
                writeln!(f, "Optional: {}", tool.install)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// A machine with Debian's yosys, a newer Icarus, no nextpnr, no viewer, no z3 and a Verilator that is led astray.
    fn some_machine(tool: Tool) -> Result<Located, ToolError> {
        let spec = tool.spec();
        let version = match tool {
            Tool::NextpnrEcp5 | Tool::Surfer | Tool::Z3 => return Err(ToolError::Missing { tool }),
            Tool::Verilator => {
                return Err(ToolError::Broken {
                    tool,
                    place: "/usr/bin/verilator".to_string(),
                    why: "does not start (VERILATOR_ROOT is /opt/none: unset it)".to_string(),
                })
            }
            Tool::Yosys => {
                return Err(ToolError::TooOld {
                    tool,
                    found: "0.23".to_string(),
                    place: "yosys on PATH".to_string(),
                })
            }
            Tool::Iverilog => Some("12.0".to_string()),
            _ if spec.tested.is_empty() => None,
            _ => Some(format!("{}.post7", spec.tested)),
        };
        Ok(Located {
            tool,
            path: PathBuf::new(),
            version,
            place: format!("{} on PATH", spec.name),
        })
    }

    #[test]
    fn the_table_says_what_is_missing_and_what_to_type() {
        let survey = Survey::of(some_machine);
        assert!(!survey.complete);
        insta::assert_snapshot!(survey.to_string());
    }

    #[test]
    fn a_missing_viewer_is_not_a_missing_tool() {
        let survey = Survey::of(|tool| match tool {
            Tool::Verilator | Tool::Yosys | Tool::NextpnrEcp5 => some_machine(Tool::Make),
            tool => some_machine(tool),
        });
        assert!(survey.complete);
        assert!(survey
            .to_string()
            .contains("Everything that is needed is there."));
        let json = serde_json::to_value(&survey).unwrap();
        assert_eq!(json["complete"], true);
        assert_eq!(json["tools"][16]["tool"], "surfer");
        assert_eq!(json["tools"][16]["status"], "missing");
        assert_eq!(json["tools"][3]["status"], "untested");
        assert_eq!(json["tools"][3]["where"], "iverilog on PATH");
    }

    /// The tests of the whole project need every tool: they must not pass without.
    #[test]
    fn this_machine_has_every_tool() {
        let survey = Survey::take();
        let tests = survey.tools.iter().filter(|tool| tool.tests_only);
        assert!(
            survey.complete && tests.into_iter().all(Finding::usable),
            "\n{survey}"
        );
    }
}
