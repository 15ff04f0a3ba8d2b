//! Round trips, damage of every byte, other versions and networks, and disks that fill up.

use std::io::{self, Write};

use crate::bittrue::Activity;
use crate::train::{Counters, EpochReport};
use miette::Diagnostic;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::file::Sink;
use super::*;

fn network(text: &str) -> Network {
    Network::parse("test.toml", text).expect("the test's network is valid")
}

fn checkpoint(network: Network) -> Checkpoint {
    Checkpoint {
        parameters: Parameters::Raw(Weights::initial(&network)),
        network,
        backend: "bittrue".to_owned(),
        random_state: 0xdead_beef,
        batch: 1,
        samples: 1437,
        position: Position {
            epoch: 3,
            samples: 17,
            counters: Counters {
                samples: 17,
                not_learned: 5,
                right: 16,
                saturations: u64::MAX,
                sweeps: 102,
                cost: 0.1 + 0.2,
                unsettled: 1,
                activity: Some(Activity {
                    spikes: 9,
                    synaptic_operations: 81,
                }),
            },
            history: vec![report(1, 1.0 / 3.0), report(2, 0.25)],
        },
    }
}

fn report(epoch: u32, loss: f64) -> EpochReport {
    EpochReport {
        epoch,
        m: 3,
        train_accuracy: (epoch > 1).then_some(0.9),
        train_rmse: (epoch == 1).then_some(0.04),
        train_loss: loss,
        test_accuracy: (epoch > 1).then_some(0.8),
        test_rmse: (epoch == 1).then_some(0.05),
        validation_accuracy: None,
        validation_rmse: None,
        validation_loss: None,
        test_loss: Some(0.1 + 0.2),
        sweeps_per_sample: 6.1,
        spikes_per_sample: (epoch > 1).then_some(512.5),
        synaptic_operations_per_sample: (epoch > 1).then_some(1e5),
        not_learned_share: 0.7,
        unsettled: 2,
        saturations: (epoch > 1).then_some(4),
        samples_per_second: 1e5,
    }
}

fn small() -> Checkpoint {
    checkpoint(network("layers = [2, 2, 1]"))
}

fn text(error: &CheckpointError, folder: &TempDir) -> String {
    let text = format!("{error}\nhelp: {}", error.help().unwrap());
    text.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn a_checkpoint_comes_back_as_it_was() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("new/run.checkpoint");
    let raw = small();
    raw.save(&path).unwrap();
    assert_eq!(Checkpoint::load_for(&path, &raw.network).unwrap(), raw);
    // Another one in its place, of reals that JSON could not hold.
    let reals = Reals::of(&Weights::initial(&raw.network), 40);
    let mut real = Checkpoint {
        parameters: Parameters::Real(reals),
        ..raw
    };
    real.position.counters.cost = f64::INFINITY;
    real.save(&path).unwrap();
    assert_eq!(Checkpoint::load(&path).unwrap(), real);
    let files: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(files.len(), 1, "partial files stay: {files:?}");
}

#[test]
fn every_changed_missing_or_added_byte_is_noticed() {
    let bytes = body::encode(&small());
    let path = Path::new("run.checkpoint");
    assert!(body::decode(path, &bytes).is_ok());
    for place in 0..bytes.len() {
        for flip in [0x01, 0x20, 0xff] {
            let mut changed = bytes.clone();
            changed[place] ^= flip;
            assert!(
                body::decode(path, &changed).is_err(),
                "byte {place} ^ {flip:#x}"
            );
        }
        assert!(
            body::decode(path, &bytes[..place]).is_err(),
            "cut to {place}"
        );
    }
    for added in [&[0][..], &[0xff], &[0; 32], &bytes] {
        assert!(body::decode(path, &[&bytes, added].concat()).is_err());
    }
}

/// `bytes` with a digest that fits: what only a program with a mistake would write.
fn sealed(content: &[u8]) -> Vec<u8> {
    [content, &Sha256::digest(content)[..]].concat()
}

#[test]
fn a_fitting_checksum_does_not_make_nonsense_a_checkpoint() {
    let bytes = body::encode(&small());
    let content = &bytes[..bytes.len() - 32];
    let path = Path::new("run.checkpoint");
    let mut long = content.to_vec();
    long[12..20].copy_from_slice(&u64::MAX.to_le_bytes());
    let mut texts = Vec::new();
    for content in [
        &content[..14],
        &content[..content.len() - 2],
        &content[..content.len() - 1],
        &long,
    ] {
        texts.push(
            body::decode(path, &sealed(content))
                .unwrap_err()
                .to_string(),
        );
    }
    let broken: Vec<u8> = content
        .iter()
        .map(|&b| if b == b'{' { b'[' } else { b })
        .collect();
    assert!(body::decode(path, &sealed(&broken)).is_err());
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn every_refusal_names_file_reason_and_way_out() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("run.checkpoint");
    let mut texts = Vec::new();
    texts.push(text(&Checkpoint::load(&path).unwrap_err(), &folder));
    fs::write(&path, b"PK\x03\x04 weights").unwrap();
    texts.push(text(&Checkpoint::load(&path).unwrap_err(), &folder));
    let mut bytes = body::encode(&small());
    bytes[8] = 2;
    fs::write(&path, &bytes).unwrap();
    texts.push(text(&Checkpoint::load(&path).unwrap_err(), &folder));
    small().save(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 5]).unwrap();
    texts.push(text(&Checkpoint::load(&path).unwrap_err(), &folder));
    small().save(&path).unwrap();
    let other = network("layers = [2, 3, 2, 1]\nseed = 9\n[formats]\nweight_bits = 8");
    texts.push(text(
        &Checkpoint::load_for(&path, &other).unwrap_err(),
        &folder,
    ));
    let blocked = path.join("run.checkpoint");
    texts.push(text(&small().save(&blocked).unwrap_err(), &folder));
    insta::assert_snapshot!(texts.join("\n\n"));
}

#[test]
fn name_lanes_and_board_may_change_and_nothing_else() {
    let own = small().network;
    let mut same = own.clone();
    same.name = "renamed".to_owned();
    same.engine.lanes = hdl::config::Lanes::Count(8);
    same.engine.board = "another".to_owned();
    assert_eq!(compare::differences(&own, &same), []);
    assert_eq!(configuration_hash(&own), configuration_hash(&same));
    let changes: [fn(&mut Network); 7] = [
        |n| n.seed += 1,
        |n| n.learning.epochs -= 1,
        |n| n.learning.init_scale *= 1.0 + f64::EPSILON,
        |n| n.blocks[1].rate_shift += 1,
        |n| n.phases.nudging = hdl::config::Nudging::Positive,
        |n| n.dataset = hdl::config::Dataset::File("a.csv".to_owned()),
        |n| n.layers[1].units += 1,
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut other = own.clone();
        change(&mut other);
        assert_eq!(
            compare::differences(&own, &other).len(),
            1,
            "change {index}"
        );
        assert_ne!(
            configuration_hash(&own),
            configuration_hash(&other),
            "change {index}"
        );
    }
}

/// A disk with room for some bytes.
struct Full {
    file: File,
    room: usize,
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let written = self.file.write(&bytes[..bytes.len().min(self.room)])?;
        self.room -= written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Sink for Full {
    /// Some file systems tell only here that there was no room.
    fn sync(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }
}

#[test]
fn a_full_disk_leaves_the_old_checkpoint() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("run.checkpoint");
    let old = small();
    old.save(&path).unwrap();
    let new = body::encode(&Checkpoint {
        random_state: 4,
        ..small()
    });
    for room in [0, 1, 100, new.len() - 1, new.len()] {
        let error = file::replace(&path, &new, |file| Full { file, room }).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "room for {room}");
        assert_eq!(Checkpoint::load(&path).unwrap(), old, "room for {room}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn eight_megabytes_come_back() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("run.checkpoint");
    let large = checkpoint(network("layers = [1024, 4000, 10]\nname = \"large\""));
    large.save(&path).unwrap();
    assert!(fs::metadata(&path).unwrap().len() > 8_000_000);
    assert_eq!(Checkpoint::load(&path).unwrap(), large);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_numbers_come_back(random_state: u32, counts: [u64; 5], loss: f64, scale in 0.0f64..1.0, row in -1e300..1e300f64) {
        let mut checkpoint = small();
        checkpoint.random_state = random_state;
        checkpoint.network.learning.init_scale = scale;
        checkpoint.position.history.push(report(3, row));
        let [samples, not_learned, right, saturations, sweeps] = counts;
        checkpoint.position.counters =
            Counters { samples, not_learned, right, saturations, sweeps, cost: loss, unsettled: 0, activity: None };
        let bytes = body::encode(&checkpoint);
        let back = body::decode(Path::new("x"), &bytes).unwrap();
        prop_assert_eq!(back.position.counters.cost.to_bits(), loss.to_bits());
        prop_assert_eq!(body::encode(&back), bytes);
    }
}
