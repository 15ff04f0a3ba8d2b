//! `eqprop setup --check`: which external tools are there, in which version, and what is missing.

use std::fmt;

use serde::Serialize;

use crate::report::table::{Align, Table};
use crate::tools::{Located, Tool, ToolError};

/// What was found. Prints as a table; serialises as the object that `--json` shows.
#[derive(Debug, Serialize)]
pub struct Survey {
    /// Whether every tool is there that the project needs; the command exits with 0 then, else 1.
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
    /// The version that the project was tested with; empty where the tool tells none.
    pub tested: &'static str,
    /// Relative to the project, or the name on PATH.
    #[serde(rename = "where")]
    pub place: Option<String>,
    /// Viewers and programmers can be missing.
    pub optional: bool,
    pub purpose: &'static str,
    /// The command that installs it.
    pub install: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The tested version, or one that tells no version.
    Ok,
    /// New enough, but not the version that the project was tested with.
    Untested,
    TooOld,
    Missing,
}

impl Survey {
    /// Looks for every tool on this machine.
    pub fn take() -> Survey {
        Survey::of(Tool::find)
    }

    fn of(find: impl Fn(Tool) -> Result<Located, ToolError>) -> Survey {
        let tools: Vec<Finding> = Tool::ALL
            .into_iter()
            .map(|tool| Finding::new(tool, find(tool)))
            .collect();
        Survey {
            complete: tools.iter().all(|tool| tool.optional || tool.usable()),
            tools,
        }
    }
}

impl Finding {
    fn new(tool: Tool, result: Result<Located, ToolError>) -> Finding {
        let spec = tool.spec();
        let (status, found, place) = match result {
            Ok(located) => {
                // "0.70" was tested; "0.70.0.0.post1259" is that version.
                let tested = located
                    .version
                    .as_deref()
                    .is_none_or(|version| version.starts_with(spec.tested));
                let status = if tested { Status::Ok } else { Status::Untested };
                (status, located.version, Some(located.place))
            }
            Err(ToolError::TooOld { found, place, .. }) => {
                (Status::TooOld, Some(found), Some(place))
            }
            Err(_) => (Status::Missing, None, None),
        };
        Finding {
            tool: spec.name,
            status,
            found,
            tested: spec.tested,
            place,
            optional: spec.optional,
            purpose: spec.purpose,
            install: tool.install(),
        }
    }

    fn usable(&self) -> bool {
        matches!(self.status, Status::Ok | Status::Untested)
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
                Status::Missing if tool.optional => "not there".to_string(),
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
            let lacking = |tool: &&Finding| !tool.optional && !tool.usable();
            let names: Vec<&str> = self.tools.iter().filter(lacking).map(|t| t.tool).collect();
            writeln!(
                f,
                "To install {}: ./bootstrap tools (in the project's folder)",
                names.join(", ")
            )?;
        }
        for tool in self
            .tools
            .iter()
            .filter(|tool| tool.optional && !tool.usable())
        {
            writeln!(f, "Optional: {}", tool.install)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// A machine with Debian's yosys, a newer Icarus, no nextpnr and no viewer.
    fn some_machine(tool: Tool) -> Result<Located, ToolError> {
        let spec = tool.spec();
        let version = match tool {
            Tool::NextpnrEcp5 | Tool::Surfer => return Err(ToolError::Missing { tool }),
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
            Tool::Yosys | Tool::NextpnrEcp5 => some_machine(Tool::Make),
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
        assert!(survey.complete, "\n{survey}");
    }
}
