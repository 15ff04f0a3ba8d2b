//! Named steps with results that are reused, and tools that run inside them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::scratch::Scratch;
use super::{Event, FlowError};
use crate::tools::{self, Located};

/// How many lines of a failed tool are quoted.
const QUOTED: usize = 8;

/// Runs steps in one output folder.
pub struct Steps<'a> {
    out_dir: &'a Path,
    scratch: Arc<Scratch>,
    observer: &'a mut dyn FnMut(Event),
}

/// The scratch folder of a build, for steps that run at the same time.
pub struct SharedScratch(Arc<Scratch>);

impl SharedScratch {
    /// Steps in the same folders as those that this comes from.
    pub fn steps<'a>(&self, out_dir: &'a Path, observer: &'a mut dyn FnMut(Event)) -> Steps<'a> {
        Steps {
            out_dir,
            scratch: Arc::clone(&self.0),
            observer,
        }
    }
}

/// An [`Event`] on its way from one thread to another.
pub enum Notice {
    Started(String),
    Line(String),
    Finished(String),
    Reused(String),
}

impl Notice {
    pub fn of(event: Event) -> Notice {
        match event {
            Event::Started(step) => Notice::Started(step.into()),
            Event::Line(line) => Notice::Line(line.into()),
            Event::Finished(step) => Notice::Finished(step.into()),
            Event::Reused(step) => Notice::Reused(step.into()),
        }
    }

    pub fn event(&self) -> Event<'_> {
        match self {
            Notice::Started(step) => Event::Started(step),
            Notice::Line(line) => Event::Line(line),
            Notice::Finished(step) => Event::Finished(step),
            Notice::Reused(step) => Event::Reused(step),
        }
    }
}

/// How a tool ended.
pub struct Outcome {
    /// What it said, in lines.
    pub lines: Vec<String>,
    /// The error that quotes it, when it failed.
    pub failure: Option<FlowError>,
}

/// Everything that a step's results depend on, as one hash, and the files of the output folder among it.
pub struct Key {
    hash: Sha256,
    /// Name and hash of each.
    files: Vec<(String, String)>,
}

impl Key {
    /// Starts with the tool and its version.
    pub fn new(tool: &Located) -> Key {
        let key = Key {
            hash: Sha256::new(),
            files: vec![],
        };
        key.and(tool.identity())
    }

    /// Adds a part. The length goes before it, so that no two lists of parts are the same bytes.
    pub fn and(mut self, part: impl AsRef<[u8]>) -> Key {
        self.hash.update((part.as_ref().len() as u64).to_le_bytes());
        self.hash.update(part);
        self
    }

    /// Adds the content of a file that the step's tool reads in the output folder.
    pub fn and_file(mut self, name: &str, content: impl AsRef<[u8]>) -> Key {
        self.files.push((name.to_string(), sha256(&content)));
        self.and(name).and(content)
    }

    pub fn and_all(self, parts: &[String]) -> Key {
        parts.iter().fold(self, Key::and)
    }
}

impl<'a> Steps<'a> {
    pub fn new(
        out_dir: &'a Path,
        observer: &'a mut dyn FnMut(Event),
    ) -> Result<Steps<'a>, FlowError> {
        let scratch = Scratch::new(out_dir).map_err(|e| io("write in", out_dir, e))?;
        Ok(Steps {
            out_dir,
            scratch: Arc::new(scratch),
            observer,
        })
    }

    /// What other steps need to work beside these.
    pub fn scratch(&self) -> SharedScratch {
        SharedScratch(Arc::clone(&self.scratch))
    }

    /// Hands an event to whoever watches.
    pub fn tell(&mut self, event: Event) {
        (self.observer)(event);
    }

    /// Path of a file of the output folder.
    pub fn path(&self, file: &str) -> PathBuf {
        self.out_dir.join(file)
    }

    /// Path of a file of the scratch folder, as tools see it, which run in the output folder.
    /// YoWASP tools get relative paths only: they cannot see the machine's /tmp.
    pub fn partial(&self, file: &str) -> String {
        format!("{}/{file}", self.scratch.name())
    }

    pub fn read(&self, file: &str) -> Result<Vec<u8>, FlowError> {
        let path = self.path(file);
        fs::read(&path).map_err(|e| io("read", &path, e))
    }

    /// Writes a file of the scratch folder.
    pub fn write_partial(&self, file: &str, text: &str) -> Result<(), FlowError> {
        let path = self.scratch.path().join(file);
        fs::write(&path, text).map_err(|e| io("write", &path, e))
    }

    /// Writes a file of the output folder, complete or not at all.
    pub fn write(&self, file: &str, text: &str) -> Result<(), FlowError> {
        self.write_partial(file, text)?;
        self.publish(file)
    }

    /// Moves a complete file of the scratch folder to where it belongs.
    fn publish(&self, file: &str) -> Result<(), FlowError> {
        let path = self.path(file);
        fs::rename(self.scratch.path().join(file), &path).map_err(|e| io("write", &path, e))
    }

    /// Runs `work`, which makes the `outputs` in the scratch folder, unless the stamp of the step
    /// says that they are there already, made from the same `key`. Results of files that were changed
    /// meanwhile are refused: the stamp would tell of other ones than the tool read.
    pub fn step(
        &mut self,
        name: &str,
        key: Key,
        outputs: &[&str],
        work: impl FnOnce(&mut Self) -> Result<(), FlowError>,
    ) -> Result<(), FlowError> {
        let (key, files) = (format!("{:x}", key.hash.finalize()), key.files);
        let stamp = self.path(&format!("{name}.stamp"));
        // No stamp, or a result that is gone, simply means that the step has to run.
        let stamped = fs::read_to_string(&stamp).ok();
        if stamped.is_some() && stamped == self.stamp(&key, outputs).ok() {
            (self.observer)(Event::Reused(name));
            return Ok(());
        }
        (self.observer)(Event::Started(name));
        if stamped.is_some() {
            fs::remove_file(&stamp).map_err(|e| io("remove", &stamp, e))?;
        }
        work(self)?;
        for (file, hash) in files {
            if sha256(self.read(&file)?) != hash {
                let path = self.path(&file).display().to_string();
                return Err(FlowError::Changed { path });
            }
        }
        for output in outputs {
            self.publish(output)?;
        }
        self.write(&format!("{name}.stamp"), &self.stamp(&key, outputs)?)?;
        (self.observer)(Event::Finished(name));
        Ok(())
    }

    /// Runs a tool in the output folder; its log is `<step>.log`. A failure of the tool is part of
    /// the outcome, because the caller may know better what it means.
    pub fn tool(
        &mut self,
        step: &str,
        tool: &Located,
        arguments: &[String],
    ) -> Result<Outcome, FlowError> {
        let log = self.path(&format!("{step}.log"));
        let mut command = tool.command();
        command
            .args(arguments)
            .current_dir(self.out_dir)
            .env("TMPDIR", self.scratch.path());
        let mut lines = Vec::new();
        let observer = &mut self.observer;
        let status = tools::run(tool, command, &log, &mut |line| {
            observer(Event::Line(line));
            lines.push(line.to_string());
        })?;
        let failure = (!status.success()).then(|| {
            let (name, log) = (tool.tool.spec().name, log.display().to_string());
            match tools::cache_problem(&lines) {
                Some(said) => FlowError::Cache {
                    tool: name,
                    said: said.to_string(),
                    log,
                },
                None => FlowError::Failed {
                    tool: name,
                    status: status.to_string(),
                    quote: quote(&lines),
                    log,
                },
            }
        });
        Ok(Outcome { lines, failure })
    }

    /// Content of a stamp file: the key, then the hash of every result as it lies there now.
    fn stamp(&self, key: &str, outputs: &[&str]) -> Result<String, FlowError> {
        let mut stamp = format!("{key}\n");
        for output in outputs {
            stamp += &format!("{} {output}\n", sha256(self.read(output)?));
        }
        Ok(stamp)
    }
}

/// What a failed tool said about it: its lines marked as errors, or else its last lines.
fn quote(lines: &[String]) -> String {
    let errors: Vec<&String> = lines.iter().filter(|line| line.contains("ERROR")).collect();
    let said = match errors.is_empty() {
        false => errors,
        true => lines.iter().filter(|line| !line.is_empty()).collect(),
    };
    let quoted = &said[said.len().saturating_sub(QUOTED)..];
    quoted
        .iter()
        .map(|line| format!("  {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn sha256(content: impl AsRef<[u8]>) -> String {
    format!("{:x}", Sha256::digest(content))
}

fn io(action: &'static str, path: &Path, source: std::io::Error) -> FlowError {
    FlowError::Io {
        action,
        path: path.display().to_string(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_quoted_before_last_lines() {
        let said = |text: &str| text.lines().map(str::to_string).collect::<Vec<_>>();
        assert_eq!(quote(&said("a\nERROR: b\nc")), "  ERROR: b");
        assert_eq!(
            quote(&said("1\n2\n3\n4\n5\n6\n7\n8\n\n9")).lines().count(),
            QUOTED
        );
        assert!(quote(&said("Traceback\nOSError: no space\n\n")).ends_with("OSError: no space"));
    }
}
