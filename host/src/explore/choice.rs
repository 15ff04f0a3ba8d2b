//! Which candidate to build.

use std::cmp::Ordering;

use hdl::board::Board;
use serde::Serialize;

use super::Candidate;

/// Indices into the candidates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recommendation {
    pub candidate: usize,
    /// Others that would do, the next best first: one a board.
    pub alternatives: Vec<usize>,
}

/// With a target, the cheapest candidate that reaches it: the smallest device by its look-up tables, then the
/// fewest of them used. Without, the fastest, and of equals the one that takes least.
///
/// Only `own_bits`, the network's own format, is chosen while it can be: how far fewer bits learn, training
/// tells and not this. `None` if nothing reaches the target.
pub fn recommend(
    candidates: &[Candidate],
    own_bits: u32,
    target: Option<f64>,
) -> Option<Recommendation> {
    let reaches = |c: &Candidate| target.is_none_or(|target| c.speed() >= target);
    let mut good: Vec<usize> = (0..candidates.len())
        .filter(|&index| reaches(&candidates[index]))
        .collect();
    let size = |c: &Candidate| Board::load(&c.board).map_or(usize::MAX, |b| b.resources.luts);
    good.sort_by(|&a, &b| {
        let (a, b) = (&candidates[a], &candidates[b]);
        let foreign = |c: &Candidate| c.weight_bits != own_bits;
        let by = match target {
            Some(_) => size(a).cmp(&size(b)).then(a.luts.cmp(&b.luts)),
            None => b.speed().total_cmp(&a.speed()).then(a.luts.cmp(&b.luts)),
        };
        foreign(a).cmp(&foreign(b)).then(by).then(Ordering::Equal)
    });
    let (&candidate, others) = good.split_first()?;
    let mut boards = vec![&candidates[candidate].board];
    let mut alternatives = vec![];
    for &index in others {
        let board = &candidates[index].board;
        if !boards.contains(&board) {
            boards.push(board);
            alternatives.push(index);
        }
    }
    Some(Recommendation {
        candidate,
        alternatives,
    })
}
