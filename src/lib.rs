//! Sayso's visitor surfaces in Yew.
