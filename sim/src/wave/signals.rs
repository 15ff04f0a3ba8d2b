//! The variables that a waveform declares, by full dotted name.

use std::collections::BTreeMap;

use ::vcd::{Header, IdCode, ReferenceIndex, Scope, ScopeItem, ScopeType, Var, VarType};

use super::{Annotation, Row, WaveError};

/// Name of the scope that holds the golden model's variables.
pub(super) const GOLDEN_SCOPE: &str = "golden";

/// One declared variable.
struct Declared {
    width: u32,
    /// As printed behind the name: `[15:0]`, or nothing.
    range: String,
}

/// Everything declared in the annotated waveform, ranges rewritten.
pub(super) struct Signals(BTreeMap<String, Declared>);

impl Signals {
    /// Full name with its range, as GTKWave knows the signal. `path` was checked by [`rewrite_header`].
    pub(super) fn with_range(&self, path: &str) -> String {
        let range = self.0.get(path).map_or("", |signal| &signal.range);
        format!("{path}{range}")
    }

    /// Bits of a signal; 1 for one that is not declared.
    pub(super) fn width(&self, path: &str) -> u32 {
        self.0.get(path).map_or(1, |signal| signal.width)
    }

    fn find(&self, path: &str) -> Result<&Declared, WaveError> {
        self.0.get(path).ok_or_else(|| {
            let last = path.rsplit('.').next().unwrap_or(path);
            let same_end = |name: &&String| name.rsplit('.').next() == Some(last);
            WaveError::UnknownSignal {
                path: path.to_string(),
                similar: self.0.keys().find(same_end).cloned(),
            }
        })
    }
}

/// Checks the annotation against the header, gives fixed-point signals a range with a negative end,
/// drops the date and adds the golden scope. Returns the codes of the golden traces.
pub(super) fn rewrite_header(
    header: &mut Header,
    annotation: &Annotation,
) -> Result<(Signals, Vec<IdCode>), WaveError> {
    let mut signals = Signals(BTreeMap::new());
    let mut next = IdCode::FIRST;
    visit(&mut header.items, "", &mut |path, var| {
        next = next.max(var.code.next());
        signals.0.insert(path, declared(var));
    });
    check_names(annotation)?;
    let fractions = check_rows(annotation, &signals)?;

    visit(&mut header.items, "", &mut |path, var| {
        if let Some(&fraction) = fractions.get(path.as_str()) {
            // Widths of real hardware are far below 2^31.
            let (width, fraction) = (var.size as i32, fraction as i32);
            var.index = Some(ReferenceIndex::Range(width - 1 - fraction, -fraction));
            signals.0.insert(path, declared(var));
        }
    });

    header.date = None;
    let mut scope = Scope::new(ScopeType::Module, GOLDEN_SCOPE.to_string());
    let mut codes = Vec::new();
    for trace in &annotation.golden {
        let var = Var::new(VarType::Real, 64, next, trace.variable(), None);
        codes.push(next);
        next = next.next();
        scope.items.push(ScopeItem::Var(var));
    }
    if !codes.is_empty() {
        header.items.push(ScopeItem::Scope(scope));
    }
    Ok((signals, codes))
}

fn declared(var: &Var) -> Declared {
    Declared {
        width: var.size,
        range: var.index.map_or(String::new(), |index| index.to_string()),
    }
}

/// Calls `action` with the full name of every variable.
fn visit(items: &mut [ScopeItem], prefix: &str, action: &mut impl FnMut(String, &mut Var)) {
    for item in items {
        match item {
            ScopeItem::Scope(scope) => {
                let path = format!("{prefix}{}.", scope.identifier);
                visit(&mut scope.items, &path, action);
            }
            ScopeItem::Var(var) => action(format!("{prefix}{}", var.reference), var),
            _ => {}
        }
    }
}

/// Names become VCD identifiers and parts of file names.
fn check_names(annotation: &Annotation) -> Result<(), WaveError> {
    let golden = annotation.golden.iter().map(|t| ("golden trace", &t.name));
    let tables = annotation
        .enumerations
        .iter()
        .map(|e| ("code table", &e.name));
    for (what, name) in golden.chain(tables) {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let name = name.clone();
            return Err(WaveError::Name { what, name });
        }
    }
    Ok(())
}

/// Checks every row; returns the fraction bits of the fixed-point signals.
fn check_rows<'a>(
    annotation: &'a Annotation,
    signals: &Signals,
) -> Result<BTreeMap<&'a str, u32>, WaveError> {
    let mut fractions = BTreeMap::new();
    for row in annotation.groups.iter().flat_map(|group| &group.rows) {
        match row {
            Row::Number { path, .. } | Row::Hex { path, .. } => {
                signals.find(path)?;
            }
            Row::Coded {
                path, enumeration, ..
            } => {
                signals.find(path)?;
                check_index("enumeration", *enumeration, annotation.enumerations.len())?;
            }
            Row::Golden { trace, .. } => {
                check_index("golden trace", *trace, annotation.golden.len())?;
            }
            Row::Fixed { path, fraction, .. } => {
                let width = signals.find(path)?.width;
                if *fraction >= width {
                    return Err(WaveError::Fraction {
                        path: path.clone(),
                        width,
                        fraction: *fraction,
                    });
                }
                let first = *fractions.entry(path.as_str()).or_insert(*fraction);
                if first != *fraction {
                    return Err(WaveError::TwoFractions {
                        path: path.clone(),
                        first,
                        second: *fraction,
                    });
                }
            }
        }
    }
    Ok(fractions)
}

/// Checks an index of the annotation.
pub(super) fn check_index(what: &'static str, index: usize, count: usize) -> Result<(), WaveError> {
    if index < count {
        Ok(())
    } else {
        Err(WaveError::Index { what, index, count })
    }
}
