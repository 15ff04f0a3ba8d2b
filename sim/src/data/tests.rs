//! Data sets: built-in ones, files of each format, conversion to states, and every refusal.

use std::io::Write;
use std::path::Path;

use flate2::write::GzEncoder;
use flate2::Compression;
use hdl::config::{Network, Scale};
use miette::Diagnostic;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

mod arrays;
mod relatives;
mod tables;

/// Sample `index` in `fraction` bits: input and target.
fn pair(data: &Dataset, index: usize, fraction: u32) -> (Vec<u16>, Vec<u16>) {
    let sample = data.sample(index, fraction);
    (sample.input, sample.target)
}

fn builtin(name: &str) -> Dataset {
    let network = Network::builtin(name).unwrap();
    Dataset::load(&network, Path::new("."), None).unwrap()
}

/// A folder with these files in it.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Loads `file` of the folder for a network with 2 inputs and `outputs` outputs.
fn load(folder: &TempDir, file: &str, outputs: usize) -> Result<Dataset, DataError> {
    let text = format!("layers = [2, {outputs}]");
    let network = Network::parse("test.toml", &text).unwrap();
    let path = folder.path().join(file);
    Dataset::load(&network, Path::new("."), Some(path.as_path()))
}

fn csv(text: &str, outputs: usize) -> Result<Dataset, DataError> {
    load(
        &folder(&[("data.csv", text.as_bytes())]),
        "data.csv",
        outputs,
    )
}

/// An IDX file of bytes.
fn idx(dimensions: &[u32], elements: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dimensions.len() as u8];
    bytes.extend(dimensions.iter().flat_map(|n| n.to_be_bytes()));
    bytes.extend(elements);
    bytes
}

#[test]
fn the_embedded_digits_are_whole_and_in_order() {
    let digits = builtin("digits");
    assert_eq!(
        (digits.len(), digits.width(), digits.outputs()),
        (1797, 64, 10)
    );
    let labels: Vec<_> = (0..12).map(|index| digits.label(index)).collect();
    assert_eq!(labels, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    let (input, target) = pair(&digits, 0, 12);
    assert_eq!(input[..8], [0, 0, 1280, 3328, 2304, 256, 0, 0]);
    assert_eq!(target, [4096, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(digits.note, None);
}

#[test]
fn the_exclusive_or_has_one_target_value() {
    let xor = builtin("xor");
    let samples: Vec<_> = (0..xor.len()).map(|index| pair(&xor, index, 4)).collect();
    let expected = [([0, 0], 0), ([0, 16], 16), ([16, 0], 16), ([16, 16], 0)];
    for ((input, target), (inputs, output)) in samples.iter().zip(expected) {
        assert_eq!((&input[..], &target[..]), (&inputs[..], &[output][..]));
    }
    assert_eq!(xor.classes(), 2);
}

#[test]
fn mnist_without_files_is_the_digits_enlarged_and_says_so() {
    let (small, large) = (builtin("digits"), builtin("mnist"));
    assert_eq!((large.len(), large.width()), (1797, 784));
    assert!(large.note.as_ref().unwrap().contains("not MNIST itself"));
    for index in [0, 7, 1796] {
        let (small, _) = pair(&small, index, 12);
        let (large, _) = pair(&large, index, 12);
        // Corners lie outside the outermost centres, so they are copied; brightness is kept.
        assert_eq!(large[0], small[0]);
        assert_eq!(large[783], small[63]);
        let mean = |states: &[u16]| {
            states.iter().map(|&x| f64::from(x)).sum::<f64>() / states.len() as f64
        };
        assert!((mean(&small) / mean(&large) - 1.0).abs() < 0.02);
        assert!(large.iter().max() <= small.iter().max());
    }
}

#[test]
fn random_data_repeat_for_a_seed_and_fit_any_size() {
    let text = "layers = [5, 3]\ndataset = \"random\"\nseed = 7";
    let data = |text: &str| {
        Dataset::load(
            &Network::parse("t.toml", text).unwrap(),
            Path::new("."),
            None,
        )
        .unwrap()
    };
    assert_eq!(data(text), data(text));
    assert_ne!(data(text), data(&text.replace('7', "8")));
    let (input, target) = pair(&data(text), 3, 12);
    assert_eq!((input.len(), target.len()), (5, 3));
    let largest = *target.iter().max().unwrap();
    assert_eq!(target[data(text).label(3)], largest);
}

#[test]
fn csv_takes_numbers_of_0_to_1_as_they_are() {
    let data = csv("0.5,0.00012207,1\n1,0.25,0\n", 1).unwrap();
    assert_eq!(pair(&data, 0, 12), (vec![2048, 0], vec![4096]));
    assert_eq!(pair(&data, 1, 12), (vec![4096, 1024], vec![0]));
    assert_eq!(data.note, None);
}

#[test]
fn csv_divides_larger_numbers_and_notes_it() {
    let data = csv("height,weight,kind\r\n 8 , -4 ,2\r\n2.5,0,0\r\n", 3).unwrap();
    assert_eq!(pair(&data, 0, 12), (vec![4096, 0], vec![0, 0, 4096]));
    assert_eq!(pair(&data, 1, 12).0, [1280, 0]);
    insta::assert_snapshot!(data.scaling().text(), @"divided by 8");
}

#[test]
fn a_path_in_the_network_starts_at_its_folder_and_may_be_packed() {
    let folder = folder(&[("two.csv.gz", &packed(b"0,1,0\n1,0,1\n"))]);
    let network = Network::parse("t.toml", "layers = [2, 2]\ndataset = \"./two.csv.gz\"").unwrap();
    let data = Dataset::load(&network, folder.path(), None).unwrap();
    assert_eq!((data.len(), data.label(1)), (2, 1));
}

#[test]
fn idx_files_are_found_in_a_folder_by_name_packed_or_not() {
    let images = idx(&[3, 1, 2], &[0, 255, 51, 0, 255, 255]);
    let labels = packed(&idx(&[3], &[2, 0, 1]));
    let folder = folder(&[
        ("t10k-images-idx3-ubyte", &images),
        ("t10k-labels-idx1-ubyte.gz", &labels),
    ]);
    for path in ["", "t10k-images-idx3-ubyte"] {
        let data = load(&folder, path, 3).unwrap();
        assert_eq!(data.len(), 3);
        assert_eq!(pair(&data, 1, 12), (vec![819, 0], vec![4096, 0, 0]));
    }
}

#[test]
fn every_refusal_names_file_place_value_and_way_out() {
    let image = "images-idx3-ubyte";
    let label = "labels-idx1-ubyte";
    let one = |name: &'static str, bytes: &[u8]| (folder(&[(name, bytes)]), name, 3);
    let two =
        |images: &[u8], labels: &[u8]| (folder(&[(image, images), (label, labels)]), image, 3);
    let csv = |text: &str| one("data.csv", text.as_bytes());
    let mut huge = idx(&[u32::MAX, u32::MAX, u32::MAX], &[]);
    let mut float = idx(&[1, 1, 2], &f32::NAN.to_be_bytes().repeat(2));
    float[2] = 0x0d;
    huge.push(0);
    let short_gz = packed(b"0,1,0\n1,0,1\n");
    let cases = [
        ("missing file", (folder(&[]), "none.csv", 3)),
        ("folder without images", (folder(&[]), "", 3)),
        ("empty", csv("")),
        ("only a header", csv("a,b,label\n")),
        ("other width", csv("0,0,0,1\n")),
        ("ragged", csv("0,0,1\n0,1\n")),
        ("not a number", csv("0,0,1\n0,zero,1\n")),
        ("NaN", csv("a,b,c\n0,NaN,1\n")),
        ("an empty field", csv("0,,1\n")),
        ("fractional label", csv("0,0,0.5\n")),
        ("label too large", csv("0,0,2\n0,0,3\n")),
        (
            "label of one unit",
            (folder(&[("data.csv", b"0,0,2\n")]), "data.csv", 1),
        ),
        ("not text", one("data.csv", &[b'0', 0xff, 0xfe, b'\n'])),
        (
            "cut gzip",
            one("data.csv.gz", &short_gz[..short_gz.len() - 10]),
        ),
        ("wrong magic", one(image, &[0, 1, 8, 3, 0, 0, 0, 1])),
        ("not a number in floats", one(image, &float)),
        ("cut header", one(image, &idx(&[1, 1, 2], &[])[..10])),
        ("cut images", one(image, &idx(&[2, 1, 2], &[0, 0, 0]))),
        ("huge header", one(image, &huge)),
        (
            "no images",
            one(image, &idx(&[0, u32::MAX, u32::MAX, u32::MAX], &[])),
        ),
        ("other image size", one(image, &idx(&[1, 3, 3], &[0; 9]))),
        ("labels given", one(label, &idx(&[1], &[0]))),
        ("no labels beside", one(image, &idx(&[1, 1, 2], &[0; 2]))),
        (
            "name without images",
            one("pictures", &idx(&[1, 1, 2], &[0; 2])),
        ),
        (
            "fewer labels",
            two(&idx(&[2, 1, 2], &[0; 4]), &idx(&[1], &[0])),
        ),
        (
            "label out of range",
            two(&idx(&[2, 1, 2], &[0; 4]), &idx(&[2], &[0, 9])),
        ),
    ];
    let mut texts = String::new();
    for (title, (folder, file, outputs)) in cases {
        let error = load(&folder, file, outputs).expect_err(title);
        let code = Diagnostic::code(&error).unwrap();
        let help = error.help().unwrap();
        let text = format!("{title}\n  {code}\n  {error}\n  help: {help}\n\n");
        texts += &text.replace(&format!("{}/", folder.path().display()), "");
    }
    insta::assert_snapshot!(texts);
}

#[test]
fn a_built_in_data_set_of_another_width_is_refused() {
    let network = Network::parse("t.toml", "layers = [60, 10]\ndataset = \"digits\"").unwrap();
    let error = Dataset::load(&network, Path::new("."), None).unwrap_err();
    insta::assert_snapshot!(error, @"the data set `digits` has 64 input values a sample, but layer 0 has 60 units");
}

/// Every byte in every format, against the formula in exact integers:
/// floor(v·ONE / scale + ½) = ⌊(2·v·ONE + scale) / (2·scale)⌋.
#[test]
fn bytes_become_states_by_the_exact_formula() {
    for scale in [1u32, 16, 255] {
        for fraction in 2..=14 {
            let mut data = Dataset {
                inputs: Values::Bytes((0..=255).collect()),
                white: Some(scale.into()),
                scaling: Scaling::none(),
                shape: None,
                targets: Targets::Labels(vec![0]),
                width: 256,
                outputs: 1,
                numbering: Numbering::Plain,
                note: None,
                warnings: Vec::new(),
            };
            data.fit(Scale::Whole, &[0]);
            let (states, _) = pair(&data, 0, fraction);
            for (value, state) in (0u32..).zip(states) {
                let one = 1u32 << fraction;
                let exact = ((2 * value * one + scale) / (2 * scale)).min(one);
                assert_eq!(
                    u32::from(state),
                    exact,
                    "{value}/{scale} in {fraction} bits"
                );
            }
        }
    }
}

proptest! {
    /// Any text is read or refused, without a panic; what is read has the promised sizes.
    #[test]
    fn any_text_is_data_or_an_error(text in "[0-9.,eEnNaA \"\\-\n]{0,60}") {
        if let Ok(data) = csv(&text, 2) {
            for index in 0..data.len() {
                let (input, target) = pair(&data, index, 12);
                prop_assert!(input.iter().chain(&target).all(|&state| state <= 4096));
                prop_assert_eq!(target[data.label(index)], 4096);
            }
        }
    }

    #[test]
    fn any_idx_bytes_are_data_or_an_error(tail in prop::collection::vec(any::<u8>(), 0..40), dimensions in 0u8..5) {
        let bytes = [&[0, 0, 8, dimensions][..], &tail].concat();
        let folder = folder(&[("images-idx3-ubyte", &bytes)]);
        prop_assert!(load(&folder, "images-idx3-ubyte", 2).is_err());
    }
}

#[test]
fn csv_with_real_targets() {
    let read = |text: &str, inputs, outputs| {
        let wanted = Wanted::of(Sizes { inputs, outputs });
        super::csv::read(text.as_bytes(), Path::new("x.csv"), wanted)
    };
    let single = read("0.1,0.2,0.25\n0.3,0.4,1\n", 2, 1).unwrap();
    assert_eq!((single.target(0, 0), single.target(1, 0)), (0.25, 1.0));
    let several = read("0.1,0,0.5,1\n0.3,1,0,0\n", 1, 3).unwrap();
    assert_eq!(several.sample(0, 8).target, [0, 128, 256]);
    assert_eq!(several.label(0), 2);
    let classes = read("0.1,0.2,1\n0.3,0.4,0\n", 2, 1).unwrap();
    assert_eq!((classes.label(0), classes.label(1)), (1, 0));
    for (text, outputs) in [
        ("0.1,0.2,0.5,1.5\n", 2),
        ("0.1,0.2,0.5\n0.1,0.2,2\n", 1),
        ("0.1,0.2,0,1\n0.1,0.2,1\n", 2),
    ] {
        let error = read(text, 2, outputs).unwrap_err();
        assert!(error.to_string().starts_with("`x.csv`, line "), "{error}");
    }
}
