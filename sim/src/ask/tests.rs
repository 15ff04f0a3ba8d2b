//! Judgements worked out by hand, and the same answers from model and hardware's arithmetic.

use std::path::Path;

use super::*;

fn reply(outputs: &[f64], answer: usize) -> Reply {
    Reply {
        outputs: outputs.to_vec(),
        answer,
        sweeps: 3,
        settled: true,
    }
}

fn data(layers: &str, rows: &str) -> Dataset {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    std::fs::write(&path, rows).unwrap();
    let network = Network::parse("net.toml", &format!("layers = {layers}")).unwrap();
    Dataset::load(&network, Path::new(""), Some(path.as_path())).unwrap()
}

#[test]
fn classes_are_counted_as_by_hand() {
    let data = data("[1, 3]", "0,ant\n0,ant\n0,bee\n0,cow\n");
    // ant → ant, ant → bee, bee → bee, cow → ant
    let replies = [
        reply(&[1.0, 0.0, 0.0], 0),
        reply(&[0.25, 0.5, 0.0], 1),
        reply(&[0.0, 0.75, 0.25], 1),
        reply(&[1.0, 0.0, 0.0], 0),
    ];
    let judged = Judgement::new(&data, &[0, 1, 2, 3], &replies);
    let Quality::Classes {
        accuracy,
        ref confusion,
    } = judged.quality
    else {
        panic!("labels are classes");
    };
    assert_eq!(accuracy, 0.5);
    assert_eq!(*confusion, [[1, 1, 0], [0, 1, 0], [1, 0, 0]]);
    let classes = judged.quality.by_class(|class| data.class_name(class));
    let shares: Vec<_> = (classes.iter())
        .map(|class| (class.name.as_str(), class.recall, class.precision))
        .collect();
    assert_eq!(
        shares,
        [
            ("ant", Some(0.5), Some(0.5)),
            ("bee", Some(1.0), Some(0.5)),
            ("cow", Some(0.0), None)
        ]
    );
    // ½(1 + 1), ½(0.75² + 0.5²), ½(0.25² + 0.25²), 0
    assert_eq!(
        judged.worst,
        [(3, 1.0), (1, 0.40625), (2, 0.0625), (0, 0.0)]
    );
    let margins: Vec<f64> = replies.iter().map(Reply::margin).collect();
    assert_eq!(margins, [1.0, 0.25, 0.5, 1.0]);
}

#[test]
fn real_targets_are_measured_as_by_hand() {
    let data = data("[1, 1]", "0,0.25\n0,0.75\n");
    let judged = |outputs: [f64; 2]| {
        let replies = outputs.map(|output| reply(&[output], 0));
        Judgement::new(&data, &[0, 1], &replies).quality
    };
    let quality = |rmse, r2| Quality::Targets { rmse, r2: Some(r2) };
    assert_eq!(judged([0.25, 0.75]), quality(0.0, 1.0));
    // The mean explains nothing.
    assert_eq!(judged([0.5, 0.5]), quality(0.25, 0.0));
    assert_eq!(reply(&[0.25], 0).margin(), 0.5);
}

/// Trained a little, integers and real numbers answer nearly alike, and the score of training counts the same.
#[test]
fn models_agree_with_the_score_of_training() {
    use crate::train::{Backend, BitTrueBackend};
    let network = Network::builtin("digits").unwrap();
    let data = Dataset::load(&network, Path::new(""), None).unwrap();
    let weights = Weights::initial(&network);
    let indices: Vec<usize> = (0..60).collect();
    let integers = bittrue(&network, &weights, &data, &indices);
    let mut backend = BitTrueBackend::new(&network, &weights, 1, 0);
    let score = backend.score(&data, &indices).unwrap();
    let judged = Judgement::new(&data, &indices, &integers);
    let Quality::Classes { accuracy, .. } = judged.quality else {
        panic!("digits are classes");
    };
    assert_eq!(accuracy, score.accuracy());
    let costs: f64 = judged.worst.iter().map(|&(_, cost)| cost).sum();
    assert!((costs - score.cost).abs() < 1e-9);
    let reals = Reals::of(&weights, network.formats.weight_fraction);
    let reals = golden(&network, &reals, &data, &indices);
    for (integer, real) in integers.iter().zip(&reals) {
        for (a, b) in integer.outputs.iter().zip(&real.outputs) {
            assert!((a - b).abs() < 0.02, "{a} {b}");
        }
    }
}
