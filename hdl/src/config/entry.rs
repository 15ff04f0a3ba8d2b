//! Values of a network file that may be written short or long: a layer, a block, rates, lanes.
//!
//! Each has its own visitor, because serde's untagged enums lose the position of an error.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use super::{HalveAt, Lanes};

/// `48`, or `{ name = "hidden", units = 48 }`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LayerTable {
    name: Option<String>,
    units: usize,
}

pub(super) struct LayerEntry {
    pub name: Option<String>,
    pub units: usize,
}

/// A layer's position in the file (from 0) or its name.
pub(super) enum LayerRef {
    Index(usize),
    Name(String),
}

/// `[0, 1]`, or `{ from = "input", to = "hidden", rate_shift = 4 }`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockTable {
    from: LayerRef,
    to: LayerRef,
    rate_shift: Option<i32>,
}

pub(super) struct BlockEntry {
    pub from: LayerRef,
    pub to: LayerRef,
    pub rate_shift: Option<i32>,
}

/// `4` for all blocks, or `[4, 5]`: one for each block, the last for all that follow.
pub(super) struct RateShifts(pub Vec<i32>);

/// `"even"`, `"cosine"`, or a list of epochs.
pub(super) struct HalveAtEntry(pub HalveAt);

/// `"auto"`, or a number.
pub(super) struct LanesEntry(pub Lanes);

/// A whole number that is not negative, or the error that says so.
fn whole<E: Error, T: TryFrom<i64>>(value: i64, visitor: &dyn serde::de::Expected) -> Result<T, E> {
    T::try_from(value).map_err(|_| E::invalid_value(Unexpected::Signed(value), visitor))
}

impl<'de> Deserialize<'de> for LayerEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Layers;
        impl<'de> Visitor<'de> for Layers {
            type Value = LayerEntry;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str(
                    "a number of units, or a table such as { name = \"hidden\", units = 48 }",
                )
            }
            fn visit_i64<E: Error>(self, units: i64) -> Result<LayerEntry, E> {
                let units = whole(units, &self)?;
                Ok(LayerEntry { name: None, units })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<LayerEntry, A::Error> {
                let LayerTable { name, units } =
                    Deserialize::deserialize(MapAccessDeserializer::new(map))?;
                Ok(LayerEntry { name, units })
            }
        }
        deserializer.deserialize_any(Layers)
    }
}

impl<'de> Deserialize<'de> for LayerRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reference;
        impl Visitor<'_> for Reference {
            type Value = LayerRef;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a layer: its position from 0, or its name")
            }
            fn visit_i64<E: Error>(self, index: i64) -> Result<LayerRef, E> {
                Ok(LayerRef::Index(whole(index, &self)?))
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<LayerRef, E> {
                Ok(LayerRef::Name(name.to_owned()))
            }
        }
        deserializer.deserialize_any(Reference)
    }
}

impl<'de> Deserialize<'de> for BlockEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Blocks;
        impl<'de> Visitor<'de> for Blocks {
            type Value = BlockEntry;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("two layers such as [0, 1], or a table such as { from = 0, to = 1 }")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<BlockEntry, A::Error> {
                let from = seq.next_element()?;
                let to = seq.next_element()?;
                let extra = seq.next_element::<LayerRef>()?.is_some();
                match (from, to, extra) {
                    (Some(from), Some(to), false) => Ok(BlockEntry {
                        from,
                        to,
                        rate_shift: None,
                    }),
                    _ => Err(A::Error::invalid_type(
                        Unexpected::Other("a list that is not a pair"),
                        &self,
                    )),
                }
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<BlockEntry, A::Error> {
                let BlockTable {
                    from,
                    to,
                    rate_shift,
                } = Deserialize::deserialize(MapAccessDeserializer::new(map))?;
                Ok(BlockEntry {
                    from,
                    to,
                    rate_shift,
                })
            }
        }
        deserializer.deserialize_any(Blocks)
    }
}

impl<'de> Deserialize<'de> for RateShifts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rates;
        impl<'de> Visitor<'de> for Rates {
            type Value = RateShifts;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a whole number such as 4, or one for each block such as [4, 5]")
            }
            fn visit_i64<E: Error>(self, shift: i64) -> Result<RateShifts, E> {
                Ok(RateShifts(vec![whole(shift, &self)?]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<RateShifts, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(seq)).map(RateShifts)
            }
        }
        deserializer.deserialize_any(Rates)
    }
}

impl<'de> Deserialize<'de> for HalveAtEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Schedule;
        impl<'de> Visitor<'de> for Schedule {
            type Value = HalveAtEntry;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("\"even\", \"cosine\", or a list of epochs such as [20, 30]")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<HalveAtEntry, E> {
                match text {
                    "even" => Ok(HalveAtEntry(HalveAt::Even)),
                    "cosine" => Ok(HalveAtEntry(HalveAt::Cosine)),
                    _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<HalveAtEntry, A::Error> {
                let epochs = Deserialize::deserialize(SeqAccessDeserializer::new(seq))?;
                Ok(HalveAtEntry(HalveAt::Epochs(epochs)))
            }
        }
        deserializer.deserialize_any(Schedule)
    }
}

impl<'de> Deserialize<'de> for LanesEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Count;
        impl Visitor<'_> for Count {
            type Value = LanesEntry;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a number of lanes, or \"auto\"")
            }
            fn visit_i64<E: Error>(self, lanes: i64) -> Result<LanesEntry, E> {
                Ok(LanesEntry(Lanes::Count(whole(lanes, &self)?)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<LanesEntry, E> {
                match text {
                    "auto" => Ok(LanesEntry(Lanes::Auto)),
                    _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(Count)
    }
}
