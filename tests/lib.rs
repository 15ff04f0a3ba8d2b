//! Whole-project cases live in `tests/*.rs` of this member; this library holds what they share.
