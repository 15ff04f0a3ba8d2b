//! NPY and NPZ: element types, orders, names, parts, real targets, and every refusal.

use npyz::{AutoSerialize, Order, WriterBuilder};
use zip::write::SimpleFileOptions;

use super::*;

/// An NPY file of `values`, which run in `order`.
fn npy<T: AutoSerialize + Copy>(shape: &[u64], order: Order, values: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let options = npyz::WriteOptions::new().default_dtype().shape(shape);
    let mut writer = (options.order(order).writer(&mut bytes))
        .begin_nd()
        .unwrap();
    writer.extend(values.iter().copied()).unwrap();
    writer.finish().unwrap();
    bytes
}

pub(super) fn c<T: AutoSerialize + Copy>(shape: &[u64], values: &[T]) -> Vec<u8> {
    npy(shape, Order::C, values)
}

/// The head of an NPY file of bytes, and no elements.
fn promise(shape: &str) -> Vec<u8> {
    let head = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}}}\n");
    let length = (head.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], head.as_bytes()].concat()
}

pub(super) fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (index, (name, bytes)) in arrays.iter().enumerate() {
        // numpy.savez stores, numpy.savez_compressed deflates.
        let method = [
            zip::CompressionMethod::Stored,
            zip::CompressionMethod::Deflated,
        ][index % 2];
        let options = SimpleFileOptions::default().compression_method(method);
        archive.start_file(format!("{name}.npy"), options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn parts(folder: &TempDir, file: &str, test: Option<&str>, outputs: usize) -> Parts {
    let text = format!("layers = [2, {outputs}]");
    let network = Network::parse("test.toml", &text).unwrap();
    let path = |file: &str| folder.path().join(file);
    let test = test.map(path);
    let data = path(file);
    Parts::load(
        &network,
        Path::new("."),
        Some(data.as_path()),
        test.as_deref(),
    )
    .unwrap()
}

#[test]
fn an_npz_of_pictures_and_labels_keeps_its_bytes() {
    let bytes = npz(&[
        ("x", c(&[3, 1, 2], &[0u8, 255, 51, 0, 255, 255])),
        ("y", c(&[3], &[2i64, 0, 1])),
    ]);
    let data = load(&folder(&[("d.npz", &bytes)]), "d.npz", 3).unwrap();
    assert!(matches!(data.inputs, Values::Bytes(_)));
    assert_eq!(pair(&data, 1, 12), (vec![819, 0], vec![4096, 0, 0]));
    assert_eq!((data.len(), data.label(0)), (3, 2));
}

#[test]
fn every_element_type_order_and_layout_gives_the_same_samples() {
    let expected = [(vec![0, 1], 1), (vec![1, 1], 0), (vec![1, 0], 1)];
    let c_values = [0u8, 1, 1, 1, 1, 0];
    let by_column = [0, 2, 4, 1, 3, 5].map(|place| c_values[place]);
    let x = [
        c(&[3, 2], &c_values),
        npy(&[3, 2], Order::Fortran, &by_column),
        c(&[3, 2], &c_values.map(|v| v == 1)),
        c(&[3, 2], &c_values.map(|v| v as i8)),
        c(&[3, 2], &c_values.map(i16::from)),
        c(&[3, 2], &c_values.map(u16::from)),
        c(&[3, 2], &c_values.map(i32::from)),
        c(&[3, 2], &c_values.map(u32::from)),
        c(&[3, 2], &c_values.map(i64::from)),
        c(&[3, 2], &c_values.map(u64::from)),
        c(&[3, 2], &c_values.map(f32::from)),
        npy(&[3, 2], Order::Fortran, &by_column.map(f64::from)),
    ];
    for (case, x) in x.into_iter().enumerate() {
        let folder = folder(&[("some_x.npy", &x), ("some_y.npy", &c(&[3], &[1u8, 0, 1]))]);
        for path in ["", "some_x.npy"] {
            let data = load(&folder, path, 2).unwrap();
            let found: Vec<_> = (0..3)
                .map(|index| (pair(&data, index, 0).0, data.label(index)))
                .collect();
            assert_eq!(found, expected, "case {case}, path `{path}`");
        }
    }
}

#[test]
fn real_targets_stay_values() {
    let y = [0.25f32, 0.75, 1.0, 0.0];
    let bytes = npz(&[
        ("x", c(&[2, 2], &[0.5f32, 1.0, 0.0, 0.25])),
        ("y", c(&[2, 2], &y)),
    ]);
    let data = load(&folder(&[("d.npz", &bytes)]), "d.npz", 2).unwrap();
    assert!(matches!(data.inputs, Values::Singles(_)));
    assert_eq!(pair(&data, 0, 12), (vec![2048, 4096], vec![1024, 3072]));
    assert_eq!((data.target(0, 1), data.label(1)), (0.75, 0));
    assert!(data.missing_classes(&[0]).is_empty());
    // One output: a column of values is a target a sample too.
    let bytes = npz(&[
        ("x", c(&[2, 2], &[0u8; 4])),
        ("y", c(&[2, 1], &[0.5f64, 1.0])),
    ]);
    let data = load(&folder(&[("d.npz", &bytes)]), "d.npz", 1).unwrap();
    assert_eq!(pair(&data, 0, 12).1, [2048]);
}

#[test]
fn a_table_is_inputs_then_label_or_targets() {
    let table = c(&[2, 3], &[0.5f64, 1.0, 2.0, 0.0, 0.25, 0.0]);
    let data = load(&folder(&[("t.npy", &table)]), "t.npy", 3).unwrap();
    assert_eq!(pair(&data, 0, 12), (vec![2048, 4096], vec![0, 0, 4096]));
    let table = c(&[1, 4], &[0.5f32, 1.0, 0.125, 0.5]);
    let data = load(&folder(&[("t.npy", &packed(&table))]), "t.npy", 2).unwrap();
    assert_eq!(pair(&data, 0, 12), (vec![2048, 4096], vec![512, 2048]));
}

#[test]
fn a_test_part_is_found_and_divided_by_the_scale_of_the_training_part() {
    let keras = npz(&[
        ("x_test", c(&[1, 2], &[100u8, 250])),
        ("x_train", c(&[2, 2], &[0u8, 200, 100, 50])),
        ("y_test", c(&[1], &[1u8])),
        ("y_train", c(&[2], &[0u8, 1])),
    ]);
    let image = |pixels: &[u8]| idx(&[1, 1, 2], pixels);
    let label = idx(&[1], &[1]);
    let folder = folder(&[
        ("keras.npz", &keras),
        ("train-images-idx3-ubyte", &image(&[0, 255])),
        ("train-labels-idx1-ubyte", &label),
        ("t10k-images-idx3-ubyte", &image(&[51, 0])),
        ("t10k-labels-idx1-ubyte", &label),
        ("plain.csv", b"0,4,1\n"),
        ("other.csv", b"2,8,1\n"),
    ]);
    let found = parts(&folder, "keras.npz", None, 2);
    let test = found.test.unwrap();
    assert_eq!((found.train.len(), test.len(), &test.note), (2, 1, &None));
    assert_eq!(pair(&test, 0, 12).0, [2048, 4096]);
    let test = parts(&folder, "", None, 2).test.unwrap();
    assert_eq!(pair(&test, 0, 12).0, [819, 0]);
    assert_eq!(parts(&folder, "plain.csv", None, 2).test, None);
    let test = parts(&folder, "plain.csv", Some("other.csv"), 2).test;
    assert_eq!(pair(&test.unwrap(), 0, 12).0, [2048, 4096]);
    // The test part of a file that has one, whatever the training data are.
    let test = parts(&folder, "plain.csv", Some("keras.npz"), 2).test;
    assert_eq!(test.unwrap().len(), 1);
}

#[test]
fn classes_without_samples_are_named() {
    let data = csv("0,0,2\n0,0,0\n0,1,2\n", 4).unwrap();
    assert_eq!(data.missing_classes(&[0, 1, 2]), [1, 3]);
    assert_eq!(data.missing_classes(&[0, 2]), [0, 1, 3]);
    assert!(builtin("xor").missing_classes(&[0, 1]).is_empty());
}

#[test]
fn every_refusal_of_arrays_names_file_array_value_and_way_out() {
    let x = || c(&[2, 2], &[0u8, 1, 1, 0]);
    let y = || c(&[2], &[0u8, 1]);
    let pair = |x: Vec<u8>, y: Vec<u8>| npz(&[("x", x), ("y", y)]);
    let with_y = |y: Vec<u8>| pair(x(), y);
    let whole = with_y(y());
    let cut_x = x()[..130].to_vec();
    let mut complex = c(&[2, 2], &[0f64; 4]);
    let at = complex.windows(3).position(|w| w == b"<f8").unwrap();
    complex[at + 1] = b'c';
    let npz_cases = [
        ("no arrays", npz(&[])),
        ("other names", npz(&[("pictures", x()), ("labels", y())])),
        ("no y", npz(&[("x", x())])),
        ("not a zip", b"PK\x03\x04 and no more".to_vec()),
        ("not even its magic", b"0,1,2\n".to_vec()),
        ("cut zip", whole[..whole.len() / 2].to_vec()),
        ("cut array", pair(cut_x, y())),
        ("complex numbers", pair(complex, y())),
        ("no array inside", pair(b"hello".to_vec(), y())),
        ("one dimension", pair(c(&[4], &[0u8; 4]), y())),
        ("other width", pair(c(&[2, 3], &[0u8; 6]), y())),
        (
            "no samples",
            pair(c::<u8>(&[0, 2], &[]), c::<u8>(&[0], &[])),
        ),
        ("huge", pair(promise("(1099511627776, 2)"), y())),
        ("NaN", pair(c(&[2, 2], &[0.0, 1.0, f32::NAN, 0.0]), y())),
        (
            "infinite target",
            with_y(c(&[2, 3], &[0.0, 0.0, 0.0, 0.0, f64::INFINITY, 0.0])),
        ),
        ("fewer labels", with_y(c(&[1], &[0u8]))),
        ("other targets", with_y(c(&[2, 2], &[0u8; 4]))),
        ("label too large", with_y(c(&[2], &[0u8, 3]))),
        ("negative label", with_y(c(&[2], &[0i8, -1]))),
        ("fractional label", with_y(c(&[2], &[0.0f32, 0.5]))),
        (
            "target too large",
            with_y(c(&[2, 3], &[0.0f32, 0.0, 0.0, 0.0, 2.5, 0.0])),
        ),
    ];
    let mut texts = String::new();
    let mut refuse = |title: &str, folder: TempDir, file: &str| {
        let error = load(&folder, file, 3).expect_err(title);
        let (code, help) = (error.code(), error.help().unwrap());
        let text = format!("{title}\n  {code}\n  {error}\n  help: {help}\n\n");
        texts += &text.replace(&format!("{}/", folder.path().display()), "");
    };
    for (title, bytes) in npz_cases {
        refuse(title, folder(&[("d.npz", &bytes)]), "d.npz");
    }
    refuse("no y beside", folder(&[("a_x.npy", &x())]), "a_x.npy");
    refuse("table too narrow", folder(&[("t.npy", &x())]), "t.npy");
    refuse("not an NPY", folder(&[("t.npy", b"0,1,2\n")]), "t.npy");
    insta::assert_snapshot!(texts);
}

proptest! {
    #[test]
    fn any_change_of_an_array_file_is_data_or_an_error(place in 0usize..500, value: u8, length in 0usize..500) {
        let bytes = npz(&[("x", c(&[2, 2], &[0f32; 4])), ("y", c(&[2], &[0u8, 1]))]);
        let mut changed = bytes[..length.min(bytes.len())].to_vec();
        if let Some(byte) = changed.get_mut(place) {
            *byte = value;
        }
        if let Ok(data) = load(&folder(&[("d.npz", &changed)]), "d.npz", 2) {
            prop_assert_eq!(data.width(), 2);
        }
    }
}
