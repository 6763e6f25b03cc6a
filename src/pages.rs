//! Surfaces: they choose components and connect them.
