//! Event files of TensorBoard: records of protocol buffers, each with its length and two checksums.
//!
//! A record is: length of the data (8 bytes), masked CRC-32C of these, the data, masked CRC-32C of the data, all little
//! endian (TFRecord). The data are messages `Event` of TensorFlow's `event.proto`, of which four fields are used here:
//! wall_time = 1, step = 2, file_version = 3, summary = 5 with values of tag = 1 and simple_value = 2.

use std::time::{SystemTime, UNIX_EPOCH};

use sim::train::EpochReport;

use super::log::fields;

/// TensorBoard takes files whose name holds `tfevents`.
pub const FILE: &str = "events.out.tfevents.eqprop";

/// What a file begins with.
pub fn begin() -> Vec<u8> {
    let mut event = wall_time();
    bytes_field(&mut event, 3, b"brain.Event:2");
    record(&event)
}

/// All numbers of an epoch.
pub fn epoch(report: &EpochReport) -> Vec<u8> {
    let mut summary = Vec::new();
    for (name, value) in fields(report) {
        let Some(number) = value.as_f64().filter(|_| name != "epoch") else {
            continue;
        };
        let mut value = Vec::new();
        bytes_field(&mut value, 1, tag(&name).as_bytes());
        value.push(2 << 3 | 5);
        value.extend((number as f32).to_le_bytes());
        bytes_field(&mut summary, 1, &value);
    }
    let mut event = wall_time();
    event.push(2 << 3);
    varint(&mut event, report.epoch.into());
    bytes_field(&mut event, 5, &summary);
    record(&event)
}

/// Names with a slash are drawn under one heading: training, validation and test beside each other.
fn tag(name: &str) -> String {
    let part = ["train", "validation", "test"]
        .into_iter()
        .find_map(|part| {
            let rest = name.strip_prefix(part)?.strip_prefix('_')?;
            Some(format!("{rest}/{part}"))
        });
    part.unwrap_or_else(|| name.to_owned())
}

fn wall_time() -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let mut event = vec![1 << 3 | 1];
    event.extend(now.map_or(0.0, |now| now.as_secs_f64()).to_le_bytes());
    event
}

fn bytes_field(message: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    message.push(field << 3 | 2);
    varint(message, bytes.len() as u64);
    message.extend(bytes);
}

fn varint(message: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        message.push(value as u8 | 0x80);
        value >>= 7;
    }
    message.push(value as u8);
}

fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let masked = |bytes: &[u8]| {
        let sum = crc32c::crc32c(bytes);
        sum.rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
    };
    [&length, &masked(&length)[..], data, &masked(data)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sums were worked out bit by bit from the polynomial 82F63B78.
    #[test]
    fn a_record_is_length_and_data_each_with_its_masked_sum() {
        let expected = [
            &[5, 0, 0, 0, 0, 0, 0, 0, 0xea, 0xb2, 0x04, 0x3e][..],
            b"hello",
            &[0xbb, 0x1f, 0x1c, 0x19],
        ];
        assert_eq!(record(b"hello"), expected.concat());
    }

    #[test]
    fn numbers_longer_than_seven_bits_and_tags() {
        let mut message = Vec::new();
        varint(&mut message, 300);
        assert_eq!(message, [0xac, 0x02]);
        assert_eq!(tag("validation_accuracy"), "accuracy/validation");
        assert_eq!(tag("sweeps_per_sample"), "sweeps_per_sample");
    }
}
