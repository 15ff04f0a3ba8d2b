//! Which candidate to build.

use serde::Serialize;

use super::Candidate;

/// Indices into the candidates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recommendation {
    pub candidate: usize,
    /// Others that would do, the next best first: one a board.
    pub alternatives: Vec<usize>,
    /// With a target, the one of another weight format that takes the fewest look-up tables, if it takes fewer.
    pub smaller_in_another_format: Option<usize>,
}

/// With a target, the candidate with the fewest look-up tables (iCE40: logic cells) of those that reach it, whatever
/// its board. Without, the fastest, and of equals the one that takes least.
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
    good.sort_by(|&a, &b| {
        let (a, b) = (&candidates[a], &candidates[b]);
        let foreign = |c: &Candidate| c.weight_bits != own_bits;
        let size = a.logic().cmp(&b.logic());
        let speed = b.speed().total_cmp(&a.speed());
        foreign(a).cmp(&foreign(b)).then(match target {
            Some(_) => size.then(speed),
            None => speed.then(size),
        })
    });
    let (&candidate, others) = good.split_first()?;
    let chosen = &candidates[candidate];
    let mut boards = vec![&chosen.board];
    let mut alternatives = vec![];
    for &index in others {
        let board = &candidates[index].board;
        if !boards.contains(&board) {
            boards.push(board);
            alternatives.push(index);
        }
    }
    let size = |index: &usize| candidates[*index].logic();
    let smallest = others.iter().copied().min_by_key(size);
    Some(Recommendation {
        candidate,
        alternatives,
        smaller_in_another_format: smallest
            .filter(|index| target.is_some() && size(index) < chosen.logic()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(board: &str, weight_bits: u32, luts: usize, speed: f64) -> Candidate {
        Candidate {
            board: board.into(),
            device: String::new(),
            lanes: 2,
            weight_bits,
            cycles_per_sample: 0.0,
            stream_cycles_per_sample: 0.0,
            array_use: 0.0,
            luts,
            ffs: 0,
            block_rams: 0,
            dsps: 0,
            fullest: "",
            fullest_share: 0.0,
            fmax_mhz: 0.0,
            clock_mhz: 0.0,
            stream_samples_per_second: speed,
            roofline_samples_per_second: 0.0,
            measured: None,
        }
    }

    /// A small device may need more look-up tables than a large one does.
    #[test]
    fn a_target_is_reached_with_the_fewest_look_up_tables() {
        let all = [
            candidate("icebreaker", 16, 4_000, 900.0),
            candidate("hx8k-evn", 16, 6_500, 1_500.0),
            candidate("colorlight-i5", 16, 6_000, 1_200.0),
            candidate("colorlight-i5", 16, 9_000, 5_000.0),
            candidate("colorlight-i5", 8, 5_000, 1_300.0),
        ];
        let found = recommend(&all, 16, Some(1_000.0)).unwrap();
        assert_eq!((found.candidate, found.alternatives), (2, vec![1]));
        assert_eq!(found.smaller_in_another_format, Some(4));
        let found = recommend(&all, 8, Some(1_000.0)).unwrap();
        assert_eq!(
            (found.candidate, found.smaller_in_another_format),
            (4, None)
        );
        let found = recommend(&all, 16, Some(500.0)).unwrap();
        assert_eq!(
            (found.candidate, found.smaller_in_another_format),
            (0, None)
        );
        let found = recommend(&all, 16, None).unwrap();
        assert_eq!(
            (found.candidate, found.smaller_in_another_format),
            (3, None)
        );
        assert_eq!(recommend(&all, 16, Some(6_000.0)), None);
    }
}
