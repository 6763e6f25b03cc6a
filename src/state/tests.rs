//! Tables over [`reduce`].
