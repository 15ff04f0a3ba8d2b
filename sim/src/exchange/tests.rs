//! Round trips through both formats, rounding, clamping, orientation, and every refusal.

use ndarray::array;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

const ENDINGS: [&str; 2] = ["npz", "safetensors"];
/// Every kind of block: skip, deep, self-connected; orientations of both kinds.
const MIXED: &str = "layers = [3, 4, 2, 5]\nblocks = [[0,1],[1,2],[2,3],[0,3],[1,1]]\n\
    [dynamics]\nk = 1\n";

fn network(text: &str) -> Network {
    Network::parse("test.toml", text).expect("the test's network is valid")
}

/// Random raw weights over the whole range.
fn random(network: &Network, seed: u32) -> Weights {
    let mut wide = network.clone();
    wide.seed = seed;
    wide.learning.init_scale = 4.0;
    let mut weights = Weights::initial(&wide);
    for (index, bias) in weights.biases.iter_mut().flatten().enumerate() {
        *bias = 100 * index as i16 - 300;
    }
    weights
}

fn refusal(error: ExchangeError, folder: &TempDir) -> String {
    let text = format!("{error}\n  help: {}\n", error.way_out());
    text.replace(&format!("{}/", folder.path().display()), "")
}

/// A file of arbitrary arrays, float64 or int16, without a description of its own.
fn file(
    folder: &TempDir,
    ending: &str,
    out: Out,
    tensors: &[(&str, Vec<usize>, Vec<f64>)],
) -> std::path::PathBuf {
    let path = folder.path().join(format!("w.{ending}"));
    let tensors: Vec<_> = (tensors.iter())
        .map(|(name, shape, values)| {
            let tensor = Tensor {
                shape: shape.clone(),
                dtype: "float64",
                values: crate::array::Values::Reals(values.clone()),
            };
            ((*name).to_owned(), tensor)
        })
        .collect();
    file::write(&path, &tensors, out, &json!({})).unwrap();
    path
}

#[test]
fn names_shapes_and_orientation_are_those_of_the_network_file() {
    let network = network("layers = [2, 3, 1]");
    // Inside, the output layer is the column side of the second block.
    let mut weights = Weights::zero(&network);
    weights.blocks[0] = array![[1, 2], [3, 4], [5, 6]];
    weights.blocks[1] = array![[7], [8], [9]];
    weights.biases = vec![array![10, 11, 12], array![13]];
    let folder = TempDir::new().unwrap();
    for ending in ENDINGS {
        let path = folder.path().join(format!("w.{ending}"));
        save(&path, &network, &weights, Form::Raw, None).unwrap();
        let (about, mut tensors) = file::read(&path).unwrap();
        tensors.sort_by(|a, b| a.0.cmp(&b.0));
        let found: Vec<_> = (tensors.iter())
            .map(|(name, t)| {
                (
                    &name[..],
                    t.shape.clone(),
                    t.dtype,
                    t.iter().collect::<Vec<_>>(),
                )
            })
            .collect();
        let expected = [
            ("b.hidden", vec![3], "int16", vec![10.0, 11.0, 12.0]),
            ("b.output", vec![1], "int16", vec![13.0]),
            ("w.hidden.output", vec![1, 3], "int16", vec![7.0, 8.0, 9.0]),
            (
                "w.input.hidden",
                vec![3, 2],
                "int16",
                vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            ),
        ];
        assert_eq!(found, expected);
        let about = about.unwrap();
        assert_eq!(
            (&about["form"], &about["weight_fraction"]),
            (&json!("raw"), &json!(13))
        );
    }
}

#[test]
fn equal_weights_give_equal_files() {
    let network = network(MIXED);
    let folder = TempDir::new().unwrap();
    for ending in ENDINGS {
        let paths = ["a", "b"].map(|name| folder.path().join(format!("{name}.{ending}")));
        for path in &paths {
            save(path, &network, &random(&network, 1), Form::Real, None).unwrap();
        }
        assert_eq!(
            std::fs::read(&paths[0]).unwrap(),
            std::fs::read(&paths[1]).unwrap()
        );
    }
}

#[test]
fn a_weight_beyond_the_format_is_clamped_when_asked_and_counted() {
    let network = network("layers = [2, 1]");
    let folder = TempDir::new().unwrap();
    let tensors = [
        ("w.input.output", vec![1, 2], vec![4.0, -4.0]),
        ("b.output", vec![1], vec![-9.0]),
    ];
    for ending in ENDINGS {
        let path = file(&folder, ending, Out::Double, &tensors);
        assert!(load(&path, &network, OutOfRange::Refuse).is_err());
        let loaded = load(&path, &network, OutOfRange::Clamp).unwrap();
        // −4 is the lowest weight, 4 is one more than the highest.
        assert_eq!(loaded.clamped, 2);
        assert_eq!(loaded.weights.blocks[0], array![[32767, -32768]]);
        assert_eq!(loaded.weights.biases[0], array![-32768]);
        assert_eq!(
            load_reals(&path, &network).unwrap().blocks[0],
            array![[4.0, -4.0]]
        );
    }
}

#[test]
fn every_refusal_names_array_place_and_way_out() {
    let network = network("layers = [2, 1]\n[formats]\nweight_bits = 8\nweight_fraction = 6");
    let folder = TempDir::new().unwrap();
    let (w, b) = (
        ("w.input.output", vec![1, 2], vec![0.5, -0.5]),
        ("b.output", vec![1], vec![0.25]),
    );
    let changed = |shape: &[usize], values: &[f64]| {
        [
            ("w.input.output", shape.to_vec(), values.to_vec()),
            b.clone(),
        ]
    };
    let mut texts = String::new();
    for ending in ENDINGS {
        let mut refuse = |title: &str, path: &Path, network: &Network| {
            let error = load(path, network, OutOfRange::Refuse).expect_err(title);
            texts += &format!("{title}: {}", refusal(error, &folder));
        };
        let missing = folder.path().join(format!("none.{ending}"));
        refuse("missing file", &missing, &network);
        std::fs::write(&missing, b"0,1,2\n").unwrap();
        refuse("another format", &missing, &network);
        let mut bad = |title: &str, out: Out, tensors: &[(&str, Vec<usize>, Vec<f64>)]| {
            refuse(title, &file(&folder, ending, out, tensors), &network);
        };
        bad("missing array", Out::Double, std::slice::from_ref(&w));
        let extra = ("w.a.b", vec![1], vec![0.0]);
        bad("unknown array", Out::Double, &[w.clone(), b.clone(), extra]);
        bad("transposed", Out::Double, &changed(&[2, 1], &[0.5, -0.5]));
        bad("other shape", Out::Double, &changed(&[1, 3], &[0.0; 3]));
        bad("NaN", Out::Single, &changed(&[1, 2], &[0.0, f64::NAN]));
        bad(
            "infinite",
            Out::Double,
            &changed(&[1, 2], &[f64::NEG_INFINITY, 0.0]),
        );
        bad("too large", Out::Double, &changed(&[1, 2], &[0.0, 2.0]));
        bad("raw too large", Out::Raw, &changed(&[1, 2], &[128.0, 0.0]));
    }
    let other = folder.path().join("w.pt");
    let error = load(&other, &network, OutOfRange::Refuse).unwrap_err();
    texts += &format!("other ending: {}", refusal(error, &folder));
    let sixteen = self::network("layers = [2, 1]");
    let raw = folder.path().join("raw.npz");
    save(&raw, &sixteen, &Weights::zero(&sixteen), Form::Raw, None).unwrap();
    let error = load(&raw, &network, OutOfRange::Refuse).unwrap_err();
    texts += &format!("raw of another format: {}", refusal(error, &folder));
    let lateral = self::network("layers = [1, 2]\nblocks = [[0,1],[1,1]]\n[dynamics]\nk = 1");
    let tensors = [
        ("w.input.output", vec![2, 1], vec![0.0; 2]),
        ("w.output.output", vec![2, 2], vec![0.0, 0.5, 0.25, 0.0]),
        ("b.output", vec![2], vec![0.0; 2]),
    ];
    let path = file(&folder, "npz", Out::Double, &tensors);
    let error = load(&path, &lateral, OutOfRange::Refuse).unwrap_err();
    texts += &format!("not symmetric: {}", refusal(error, &folder));
    insta::assert_snapshot!(texts);
}

#[test]
fn a_folder_that_cannot_be_written_to_is_said() {
    let network = network("layers = [2, 1]");
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("file"), b"").unwrap();
    let path = folder.path().join("file/w.npz");
    assert!(save(&path, &network, &Weights::zero(&network), Form::Raw, None).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn raw_weights_come_back_from_every_form_and_format(seed: u32, real: bool) {
        let network = network(MIXED);
        let weights = random(&network, seed);
        let folder = TempDir::new().unwrap();
        for ending in ENDINGS {
            let path = folder.path().join(format!("w.{ending}"));
            let form = if real { Form::Real } else { Form::Raw };
            save(&path, &network, &weights, form, None).unwrap();
            let loaded = load(&path, &network, OutOfRange::Refuse).unwrap();
            prop_assert_eq!(&loaded.weights, &weights);
            prop_assert_eq!(load_reals(&path, &network).unwrap(), Reals::of(&weights, 13));
        }
    }

    #[test]
    fn reals_come_back_and_round_within_half_a_step(values in prop::collection::vec(-3.99f64..3.99, 8)) {
        let network = network("layers = [2, 2, 1]");
        let reals = Reals {
            blocks: vec![array![[values[0], values[1]], [values[2], values[3]]], array![[values[4]], [values[5]]]],
            biases: vec![array![values[6], values[7]], array![values[0]]],
        };
        let folder = TempDir::new().unwrap();
        for ending in ENDINGS {
            let path = folder.path().join(format!("w.{ending}"));
            save_reals(&path, &network, &reals, None).unwrap();
            prop_assert_eq!(&load_reals(&path, &network).unwrap(), &reals);
            let weights = load(&path, &network, OutOfRange::Refuse).unwrap().weights;
            let rounded = Reals::of(&weights, 13);
            for (a, b) in (rounded.blocks.iter().flatten()).zip(reals.blocks.iter().flatten()) {
                prop_assert!((a - b).abs() <= 0.5 / 8192.0);
            }
        }
    }
}

/// A safetensors file of arrays whose bytes are given.
fn safe(
    folder: &TempDir,
    tensors: &[(&str, safetensors::Dtype, Vec<usize>, Vec<u8>)],
) -> std::path::PathBuf {
    let views = (tensors.iter()).map(|(name, dtype, shape, bytes)| {
        let view = safetensors::tensor::TensorView::new(*dtype, shape.clone(), bytes);
        (*name, view.unwrap())
    });
    let path = folder.path().join("w.safetensors");
    std::fs::write(&path, safetensors::serialize(views, None).unwrap()).unwrap();
    path
}

/// Bit patterns by the definitions: binary16 has 5 bits of exponent and 10 of fraction, bfloat16 the upper half
/// of a float32.
#[test]
fn floats_of_sixteen_bits_are_reals() {
    use safetensors::Dtype::{BF16, F16};
    let network = network("layers = [2, 1]");
    let folder = TempDir::new().unwrap();
    let cases = [
        (F16, [0x3e00u16, 0xc000, 0x3400]),
        (BF16, [0x3fc0, 0xc000, 0x3e80]),
    ];
    for (dtype, [first, second, bias]) in cases {
        let w = [first, second].map(u16::to_le_bytes).concat();
        let path = safe(
            &folder,
            &[
                ("w.input.output", dtype, vec![1, 2], w),
                ("b.output", dtype, vec![1], bias.to_le_bytes().to_vec()),
            ],
        );
        let reals = load_reals(&path, &network).unwrap();
        assert_eq!(reals.blocks[0], array![[1.5, -2.0]], "{dtype:?}");
        assert_eq!(reals.biases[0], array![0.25], "{dtype:?}");
        let raw = load(&path, &network, OutOfRange::Refuse).unwrap().weights;
        assert_eq!(raw.blocks[0], array![[12288, -16384]], "{dtype:?}");
    }
}

/// The library lists arrays in an order that differs from one reading to the next.
#[test]
fn of_several_wrong_arrays_the_same_is_named_every_time() {
    use safetensors::Dtype::{F32, F8_E5M2};
    let network = network("layers = [2, 1]");
    let folder = TempDir::new().unwrap();
    let nan = f32::NAN.to_le_bytes().to_vec();
    let names = ["b.output", "a", "z", "w.input.output", "m"];
    let wrong = |dtype, bytes: Vec<u8>| names.map(|name| (name, dtype, vec![1], bytes.clone()));
    for (tensors, first) in [
        (wrong(F32, nan), "`a`"),
        (wrong(F8_E5M2, vec![0]), "`a`"),
        (wrong(F32, vec![0; 4]), "`a`"),
    ] {
        let path = safe(&folder, &tensors);
        for _ in 0..20 {
            let error = load_reals(&path, &network).unwrap_err().to_string();
            assert!(error.contains(first), "{error}");
        }
    }
}

/// What goes with weights comes back from both formats; what does not fit the network is refused.
#[test]
fn the_scale_of_inputs_goes_with_weights() {
    let network = network("layers = [2, 3]\n[data]\nscale = \"feature\"\n");
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data.csv");
    std::fs::write(&data, "1.5,20,dog\n0.1,30,cat\n0.2,0.7,owl\n").unwrap();
    let parts = crate::data::Parts::load(&network, Path::new(""), Some(data.as_path()), None);
    let trained = parts.unwrap().as_trained(&network);
    let weights = Weights::zero(&network);
    let mut refusals = String::new();
    for ending in ENDINGS {
        let path = folder.path().join(format!("w.{ending}"));
        save(&path, &network, &weights, Form::Real, Some(&trained)).unwrap();
        assert_eq!(
            as_trained(&path, &network).unwrap().as_ref(),
            Some(&trained)
        );
        save(&path, &network, &weights, Form::Real, None).unwrap();
        assert_eq!(as_trained(&path, &network).unwrap(), None);
        let tensors = file::read(&path).unwrap().1;
        let said = serde_json::to_value(&trained).unwrap();
        for (pointer, value) in [
            ("/scale/low", json!([0.0, 0.0, 0.0])),
            ("/scale/range/0", json!(-1.0)),
            ("/classes/words", json!(["a", "b", "c", "d"])),
            ("/scale/method", json!("log")),
        ] {
            let mut said = said.clone();
            *said.pointer_mut(pointer).unwrap() = value;
            file::write(&path, &tensors, Out::Single, &json!({ DATA: said })).unwrap();
            refusals += &refusal(as_trained(&path, &network).unwrap_err(), &folder);
        }
    }
    insta::assert_snapshot!(refusals);
}
