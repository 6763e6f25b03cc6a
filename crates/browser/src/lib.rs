//! The only code that touches browser storage, keys, fetch and tabs; built as the settle module.
