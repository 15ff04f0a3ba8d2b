//! Files of MNIST's relatives: EMNIST, QMNIST, K-MNIST, MedMNIST and what numpy saves without being told names.

use super::arrays::{c, npz};
use super::*;

/// An IDX file of elements of a type that are bytes already.
fn typed(kind: u8, dimensions: &[u32], elements: &[u8]) -> Vec<u8> {
    let mut bytes = idx(dimensions, elements);
    bytes[2] = kind;
    bytes
}

fn big_endian<const N: usize>(values: [f64; 4], bytes: impl Fn(f64) -> [u8; N]) -> Vec<u8> {
    values.into_iter().flat_map(bytes).collect()
}

#[test]
fn idx_of_every_type_gives_the_same_samples() {
    let pixels = [0.0, 1.0, 1.0, 0.0];
    let types = [
        (0x08, big_endian(pixels, |x| [255 * x as u8])),
        (0x09, big_endian(pixels, |x| [x as u8])),
        (0x0b, big_endian(pixels, |x| (x as i16).to_be_bytes())),
        (0x0c, big_endian(pixels, |x| (x as i32).to_be_bytes())),
        (0x0d, big_endian(pixels, |x| (x as f32).to_be_bytes())),
        (0x0e, big_endian(pixels, f64::to_be_bytes)),
    ];
    for (kind, images) in &types {
        for (label_kind, labels) in &types[1..] {
            let labels = &labels[..labels.len() / 2];
            let folder = folder(&[
                (
                    "a-images-idx3-ubyte.gz",
                    &packed(&typed(*kind, &[2, 1, 2], images)),
                ),
                ("a-labels-idx1-ubyte", &typed(*label_kind, &[2], labels)),
            ]);
            let data = load(&folder, "", 2).unwrap();
            let found = [0, 1].map(|index| (pair(&data, index, 0).0, data.label(index)));
            assert_eq!(
                found,
                [(vec![0, 1], 0), (vec![1, 0], 1)],
                "{kind:x} {label_kind:x}"
            );
        }
    }
}

#[test]
fn emnist_letters_count_from_1_and_a_folder_of_several_sets_is_refused() {
    let images = idx(&[3, 1, 2], &[0, 0, 0, 51, 0, 255]);
    let folder = folder(&[
        (
            "emnist-letters-train-images-idx3-ubyte.gz",
            &packed(&images),
        ),
        (
            "emnist-letters-train-labels-idx1-ubyte.gz",
            &packed(&idx(&[3], &[3, 1, 2])),
        ),
        (
            "emnist-letters-test-images-idx3-ubyte",
            &idx(&[1, 1, 2], &[0, 255]),
        ),
        ("emnist-letters-test-labels-idx1-ubyte", &idx(&[1], &[2])),
    ]);
    let network = Network::parse("test.toml", "layers = [2, 3]").unwrap();
    let parts = Parts::load(&network, Path::new("."), Some(folder.path()), None).unwrap();
    assert_eq!([0, 1, 2].map(|index| parts.train.label(index)), [2, 0, 1]);
    assert_eq!(
        parts.train.note.as_deref(),
        Some("labels count from 1: 1…3 are the classes 0…2")
    );
    assert_eq!(parts.test.unwrap().label(0), 1);
    let other = folder
        .path()
        .join("emnist-digits-train-images-idx3-ubyte.gz");
    std::fs::write(other, packed(&images)).unwrap();
    let error = Dataset::load(&network, Path::new("."), Some(folder.path())).unwrap_err();
    let text = format!("{error}\n{}", error.help().unwrap());
    insta::assert_snapshot!(text.replace(&folder.path().display().to_string(), "emnist"), @"
    the folder `emnist` holds several sets of images: emnist-digits-train-images-idx3-ubyte.gz, emnist-letters-train-images-idx3-ubyte.gz
    give the path of one of these files with --data, and of another with --test-data
    ");
}

#[test]
fn labels_of_qmnist_are_the_first_of_eight_columns() {
    let row = |class: i32| [class, 4, 2532, 5, 30 + class, 100, 0, 0];
    let table: Vec<u8> = [row(1), row(0)]
        .concat()
        .iter()
        .flat_map(|n| n.to_be_bytes())
        .collect();
    let folder = folder(&[
        (
            "qmnist-train-images-idx3-ubyte.gz",
            &packed(&idx(&[2, 1, 2], &[0, 255, 51, 0])),
        ),
        (
            "qmnist-train-labels-idx2-int.gz",
            &packed(&typed(0x0c, &[2, 8], &table)),
        ),
    ]);
    for path in ["", "qmnist-train-images-idx3-ubyte.gz"] {
        let data = load(&folder, path, 2).unwrap();
        assert_eq!((data.label(0), data.label(1)), (1, 0));
    }
}

/// EMNIST's sets have up to 547 million pixels.
#[test]
fn more_than_67_108_864_pixels_are_read() {
    let count: u32 = (1 << 26) / 784 + 2;
    let folder = TempDir::new().unwrap();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&idx(&[count, 28, 28], &[])).unwrap();
    let image = [9; 784];
    for _ in 0..count {
        encoder.write_all(&image).unwrap();
    }
    let packed = encoder.finish().unwrap();
    std::fs::write(folder.path().join("images-idx3-ubyte.gz"), packed).unwrap();
    let labels: Vec<u8> = (0..count).map(|index| (index % 10) as u8).collect();
    std::fs::write(
        folder.path().join("labels-idx1-ubyte"),
        idx(&[count], &labels),
    )
    .unwrap();
    let network = Network::parse("test.toml", "layers = [784, 10]").unwrap();
    let data = Dataset::load(&network, Path::new("."), Some(folder.path())).unwrap();
    let last = count as usize - 1;
    assert_eq!((data.len(), data.label(last)), (last + 1, last % 10));
    assert_eq!(pair(&data, last, 12).0[783], 145);
}

#[test]
fn names_of_arrays_that_are_in_use_are_known() {
    let x = || c(&[3, 1, 2], &[0u8, 255, 51, 0, 255, 255]);
    let y = || c(&[3], &[1i64, 0, 1]);
    let names = [
        ("x", "y"),
        ("X", "y"),
        ("X_train", "Y_train"),
        ("train_x", "train_y"),
        ("train_images", "train_labels"),
        ("images", "labels"),
        ("data", "target"),
        ("arr_0", "arr_1"),
    ];
    for (inputs, labels) in names {
        let bytes = npz(&[(inputs, x()), (labels, y())]);
        let data = load(&folder(&[("d.npz", &bytes)]), "d.npz", 2).unwrap();
        assert_eq!(
            (data.len(), data.label(0), data.label(1)),
            (3, 1, 0),
            "{inputs}"
        );
    }
}

#[test]
fn medmnist_has_two_parts_and_labels_in_a_column() {
    let bytes = npz(&[
        ("train_images", c(&[2, 1, 2], &[0u8, 200, 100, 50])),
        ("train_labels", c(&[2, 1], &[1u8, 0])),
        ("val_images", c(&[1, 1, 2], &[0u8, 0])),
        ("val_labels", c(&[1, 1], &[0u8])),
        ("test_images", c(&[1, 1, 2], &[100u8, 0])),
        ("test_labels", c(&[1, 1], &[1u8])),
    ]);
    let folder = folder(&[("pneumonia.npz", &bytes)]);
    let path = folder.path().join("pneumonia.npz");
    let network = Network::parse("test.toml", "layers = [2, 2]").unwrap();
    let parts = Parts::load(&network, Path::new("."), Some(path.as_path()), None).unwrap();
    let test = parts.test.unwrap();
    assert_eq!((parts.train.len(), test.len(), test.label(0)), (2, 1, 1));
    assert_eq!(pair(&test, 0, 12).0, [2048, 0]);
}

#[test]
fn k_mnist_keeps_images_and_labels_in_two_archives() {
    let folder = folder(&[
        (
            "kmnist-train-imgs.npz",
            &npz(&[("arr_0", c(&[2, 1, 2], &[0u8, 255, 255, 0]))]),
        ),
        (
            "kmnist-train-labels.npz",
            &npz(&[("arr_0", c(&[2], &[1u8, 0]))]),
        ),
    ]);
    let data = load(&folder, "kmnist-train-imgs.npz", 2).unwrap();
    assert_eq!(
        (pair(&data, 0, 0).0, data.label(0), data.label(1)),
        (vec![0, 1], 1, 0)
    );
}

#[test]
fn whole_numbers_that_are_one_1_among_0s_are_classes() {
    let bytes = npz(&[
        ("x", c(&[3, 2], &[0u8; 6])),
        ("y", c(&[3, 3], &[0i64, 0, 1, 1, 0, 0, 0, 0, 1])),
    ]);
    let data = load(&folder(&[("d.npz", &bytes)]), "d.npz", 3).unwrap();
    assert_eq!([0, 1, 2].map(|index| data.label(index)), [2, 0, 2]);
    assert_eq!(pair(&data, 0, 4).1, [0, 0, 16]);
    assert_eq!(data.missing_classes(&[0, 1, 2]), [1]);
}

#[test]
fn what_cannot_be_told_apart_or_unpacked_is_refused() {
    let x = || c(&[1, 2], &[0u8, 1]);
    let four = [
        ("arr_0", x()),
        ("arr_1", x()),
        ("arr_2", x()),
        ("arr_3", x()),
    ];
    let files: [(&str, Vec<u8>); 5] = [
        ("four.npz", npz(&four)),
        (
            "csv.zip",
            b"PK\x05\x06".iter().copied().chain([0; 18]).collect(),
        ),
        ("packed.xz", b"\xfd7zXZ\0\0".to_vec()),
        ("imgs.npz", npz(&[("arr_0", x())])),
        (
            "words.npz",
            npz(&[
                ("x", x()),
                ("y", {
                    let head = "{'descr': '<U3', 'fortran_order': False, 'shape': (1,)}\n";
                    [
                        b"\x93NUMPY\x01\x00",
                        &(head.len() as u16).to_le_bytes()[..],
                        head.as_bytes(),
                        &[0; 12],
                    ]
                    .concat()
                }),
            ]),
        ),
    ];
    let names: Vec<_> = files
        .iter()
        .map(|(name, bytes)| (*name, &bytes[..]))
        .collect();
    let folder = folder(&names);
    let mut texts = String::new();
    for (name, _) in &files {
        let error = load(&folder, name, 2).expect_err(name);
        texts += &format!("{error}\n  help: {}\n", error.help().unwrap());
    }
    insta::assert_snapshot!(texts.replace(&format!("{}/", folder.path().display()), ""));
}

proptest! {
    /// Any byte of an IDX file and its labels may be wrong.
    #[test]
    fn any_change_of_idx_files_is_data_or_an_error(
        place in 0usize..60, value: u8, of_labels: bool, cut in 0usize..60,
    ) {
        let mut files = [typed(0x0d, &[2, 1, 2], &[0x3f; 16]), typed(0x0c, &[2], &[0, 0, 0, 1, 0, 0, 0, 0])];
        let file = &mut files[usize::from(of_labels)];
        file.truncate(cut.max(1));
        let place = place % file.len();
        file[place] = value;
        let folder = folder(&[("images-idx3-ubyte", &files[0]), ("labels-idx1-ubyte", &files[1])]);
        if let Ok(data) = load(&folder, "images-idx3-ubyte", 2) {
            prop_assert_eq!((data.width(), data.sample(0, 12).input.len()), (2, 2));
        }
    }
}
