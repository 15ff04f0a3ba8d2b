//! Seeded random networks.
