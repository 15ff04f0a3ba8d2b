//! Headers that lie, and element types against bytes written by hand.

use proptest::prelude::*;

use super::*;

const LIMIT: usize = 1 << 20;

/// An NPY file with this text between the braces of its header.
fn npy(header: &str, elements: &[u8]) -> Vec<u8> {
    let text = format!("{{{header}}}\n");
    let length = (text.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], text.as_bytes(), elements].concat()
}

fn typed(descr: &str, shape: &str, elements: &[u8]) -> Vec<u8> {
    npy(
        &format!("'descr': '{descr}', 'fortran_order': False, 'shape': {shape}"),
        elements,
    )
}

#[test]
fn floats_of_sixteen_bits_and_big_endian_numbers_are_read() {
    // 1.5, −2 and the smallest number above 0 of IEEE 754's binary16.
    let halves = [0x3e00u16, 0xc000, 0x0001];
    let little = halves.map(u16::to_le_bytes).concat();
    let big = halves.map(u16::to_be_bytes).concat();
    for (descr, bytes) in [("<f2", little), (">f2", big)] {
        let array = Array::read(&typed(descr, "(3,)", &bytes)[..], LIMIT).unwrap();
        assert_eq!((array.dtype, &array.shape[..]), ("float16", &[3][..]));
        assert_eq!(
            array.values,
            Values::Singles(vec![1.5, -2.0, 5.960_464_5e-8])
        );
    }
    let cases: [(&str, Vec<u8>, f64); 6] = [
        (">i2", (-300i16).to_be_bytes().to_vec(), -300.0),
        (">u4", 4_000_000_000u32.to_be_bytes().to_vec(), 4e9),
        (">i8", (-5i64).to_be_bytes().to_vec(), -5.0),
        (">f4", 0.25f32.to_be_bytes().to_vec(), 0.25),
        (">f8", 0.1f64.to_be_bytes().to_vec(), 0.1),
        ("<u8", 7u64.to_le_bytes().to_vec(), 7.0),
    ];
    for (descr, bytes, value) in cases {
        let array = Array::read(&typed(descr, "(1, 1)", &bytes)[..], LIMIT).unwrap();
        assert_eq!(array.get(0), value, "{descr}");
    }
}

#[test]
fn a_header_that_lies_is_refused() {
    let deep = "(".repeat(9_000);
    let lies = [
        typed("|u1", "(4294967296, 4294967296, 4)", &[]),
        typed(
            "|u1",
            "(0, 18446744073709551615, 18446744073709551615)",
            &[],
        ),
        typed("|u1", "(1048577,)", &[]),
        typed("<f8", "(131073,)", &[]),
        typed("|u1", "(-1,)", &[]),
        typed("|u1", "(1e3,)", &[]),
        typed("|u1", "3", &[]),
        typed("|u1", &deep, &[]),
        typed("|O", "(1,)", &[0; 8]),
        typed("<U3", "(1,)", &[0; 12]),
        typed("<c8", "(1,)", &[0; 8]),
        typed("<f8", "(2,)", &[0; 15]),
        npy("", &[]),
        npy("'descr': '|u1', 'fortran_order': False", &[]),
        // Version 2 with four gigabytes of header.
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{".to_vec(),
        b"\x93NUMPY".to_vec(),
    ];
    for (case, bytes) in lies.iter().enumerate() {
        assert!(Array::read(&bytes[..], LIMIT).is_err(), "case {case}");
    }
}

proptest! {
    /// Any header is an array or an error, without a panic.
    #[test]
    fn any_header_is_an_array_or_an_error(
        header in "('(descr|shape|fortran_order)': ?('[<>|][a-zA-Z][0-9]{0,2}'|True|False|[0-9(),{}:'eEjx +_-]{0,14}),? ?){0,4}",
        elements in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        if let Ok(array) = Array::read(&npy(&header, &elements)[..], LIMIT) {
            prop_assert_eq!(array.len(), array.shape.iter().product::<usize>());
            prop_assert!(array.len() <= elements.len());
        }
    }

    #[test]
    fn any_change_of_a_byte_is_an_array_or_an_error(place in 0usize..100, value: u8) {
        let mut bytes = typed("<i2", "(2, 3)", &[1; 12]);
        let place = place % bytes.len();
        bytes[place] = value;
        if let Ok(array) = Array::read(&bytes[..], LIMIT) {
            prop_assert!(array.len() <= 12);
        }
    }
}
