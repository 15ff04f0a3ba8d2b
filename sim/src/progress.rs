//! How long work tells that it advances, without knowing who watches.
//!
//! Libraries emit these events; the command line draws them as bars, prints them as lines or drops
//! them.

/// A listener to one piece of work at a time.
pub trait Progress {
    /// Work begins: `what` names it ("co-simulating"), `total` counts its `unit`s ("samples").
    fn start(&self, what: &str, total: u64, unit: &str);
    /// So many units are done since the start.
    fn reach(&self, done: u64);
    /// How the work goes, in a few words; shown beside the count.
    fn detail(&self, _text: &str) {}
    /// The work that was started is over.
    fn finish(&self);
}

/// Transfers of fewer words are over before anyone would ask.
const MANY_WORDS: usize = 8192;

/// Tells of a transfer of `words` words to `listener`, or to nobody if these are few.
pub fn of_words<'a>(listener: &'a dyn Progress, what: &str, words: usize) -> &'a dyn Progress {
    if words < MANY_WORDS {
        return &Silent;
    }
    listener.start(what, words as u64, "words");
    listener
}

/// A listener that drops everything.
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _what: &str, _total: u64, _unit: &str) {}
    fn reach(&self, _done: u64) {}
    fn finish(&self) {}
}
