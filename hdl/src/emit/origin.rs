//! Which Rust block a module comes from, and what its file says of it.
//!
//! rust-hdl names a module after its place: `top$line$lanes$0$step`. The sources say that the top is a `Core`, that
//! field `line` of a `Core` is a `Line`, field `lanes` of that are `Lane`s and field `step` of those is an `Update`.

use std::collections::HashMap;

/// The files in which a design's blocks are written, one of them the top.
#[derive(Clone, Copy, Debug)]
pub struct Sources {
    /// Path from the root of the repository, and text.
    pub files: &'static [(&'static str, &'static str)],
    /// Name of the top's block.
    pub top: &'static str,
}

/// Where a module comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Name of the Rust type.
    pub block: String,
    /// Path from the root of the repository.
    pub file: &'static str,
    /// The file's documentation, and the type's own where the file has several blocks.
    pub documentation: Vec<String>,
}

/// Every block of the sources by name.
pub struct Blocks {
    top: &'static str,
    blocks: HashMap<&'static str, Block>,
}

struct Block {
    file: &'static str,
    documentation: Vec<String>,
    /// Name and type, as they are written.
    fields: HashMap<&'static str, &'static str>,
}

impl Blocks {
    pub fn of(sources: &Sources) -> Blocks {
        let blocks = sources.files.iter().flat_map(|file| read(file));
        Blocks {
            top: sources.top,
            blocks: blocks.collect(),
        }
    }

    /// The origin of the module that rust-hdl calls `raw`.
    pub fn origin(&self, raw: &str) -> Option<Origin> {
        let mut name = self.top;
        let index = |s: &&str| !s.bytes().all(|b| b.is_ascii_digit());
        for field in raw.split('$').skip(1).filter(index) {
            let kind = self.blocks.get(name)?.fields.get(field)?;
            name = words(kind).find(|word| self.blocks.contains_key(word))?;
        }
        let block = self.blocks.get(name)?;
        Some(Origin {
            block: name.to_owned(),
            file: block.file,
            documentation: block.documentation.clone(),
        })
    }
}

impl Origin {
    /// Of a module that is written as text in `file`.
    pub fn text(block: &str, file: &'static str, text: &str) -> Origin {
        Origin {
            block: block.to_owned(),
            file,
            documentation: head(text),
        }
    }

    /// The type's name as Verilog writes names: `SlotBase` is `slot_base`.
    pub fn name(&self) -> String {
        let mut name = String::new();
        for c in self.block.chars() {
            if c.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(c.to_ascii_lowercase());
        }
        name
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

/// The blocks of one file: every `struct` that derives `LogicBlock`.
fn read(&(file, text): &(&'static str, &'static str)) -> Vec<(&'static str, Block)> {
    let mut blocks: Vec<(&str, Block)> = Vec::new();
    let (mut own, mut derived, mut inside): (Vec<String>, bool, Option<(&str, Block)>) =
        Default::default();
    for line in text.lines().map(str::trim) {
        if let Some((name, mut block)) = inside.take() {
            if line == "}" {
                blocks.push((name, block));
                continue;
            }
            if let Some((field, kind)) = line.trim_start_matches("pub ").split_once(": ") {
                block.fields.insert(field, kind);
            }
            inside = Some((name, block));
        } else if let Some(line) = plain(line, "///") {
            own.push(line);
        } else if line.starts_with("#[derive(") {
            derived = line.contains("LogicBlock");
        } else if let Some(rest) = line.strip_prefix("pub struct ").filter(|_| derived) {
            let block = Block {
                file,
                documentation: std::mem::take(&mut own),
                fields: HashMap::new(),
            };
            inside = words(rest).next().map(|name| (name, block));
            derived = false;
        } else {
            own.clear();
        }
    }
    let alone = blocks.len() == 1;
    for (_, block) in &mut blocks {
        let mut documentation = head(text);
        if !alone && !block.documentation.is_empty() {
            documentation.push(String::new());
            documentation.append(&mut block.documentation);
        }
        block.documentation = documentation;
    }
    blocks
}

/// The documentation of a file.
fn head(text: &str) -> Vec<String> {
    text.lines().map_while(|l| plain(l, "//!")).collect()
}

/// A line of documentation without marks that only rustdoc reads.
fn plain(line: &str, mark: &str) -> Option<String> {
    let text = line.strip_prefix(mark)?;
    let text = text.strip_prefix(' ').unwrap_or(text);
    let fence = text.trim_start().starts_with("```");
    let text = if fence { "" } else { text };
    Some(text.replace("[`", "`").replace("`]", "`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &[(&str, &str)] = &[
        (
            "core.rs",
            "//! The core.\n//!\n//! ```text\n//!  a ─► b\n//! ```\n//! Of [`Lane`]s.\nuse x;\n\
             #[derive(LogicBlock)]\npub struct Core<const P: usize> {\n    pub clock: Signal<In, Clock>,\n    \
             lanes: [Lane<P>; P],\n}\n",
        ),
        (
            "lane.rs",
            "//! Lanes.\n\n#[derive(Clone)]\npub struct Shape {\n    depth: usize,\n}\n\
             /// One of them.\n#[derive(LogicBlock)]\npub struct Lane<const P: usize> {\n    slot: SlotBase,\n}\n\
             #[derive(LogicBlock)]\npub struct SlotBase {\n    pub a: Signal<In, Bit>,\n}\n",
        ),
    ];

    #[test]
    fn a_path_leads_to_its_block() {
        let blocks = Blocks::of(&Sources {
            files: FILES,
            top: "Core",
        });
        let core = blocks.origin("top").unwrap();
        assert_eq!((core.name().as_str(), core.file), ("core", "core.rs"));
        assert_eq!(
            core.documentation,
            ["The core.", "", "", " a ─► b", "", "Of `Lane`s."]
        );
        let lane = blocks.origin("top$lanes$7").unwrap();
        assert_eq!(lane.documentation, ["Lanes.", "", "One of them."]);
        let slot = blocks.origin("top$lanes$7$slot").unwrap();
        assert_eq!((slot.name().as_str(), slot.file), ("slot_base", "lane.rs"));
        assert_eq!(slot.documentation, ["Lanes."]);
        assert_eq!(blocks.origin("top$lanes$7$register"), None);
    }
}
