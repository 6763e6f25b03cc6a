//! The demo site: pages of a small company, a hit log, and a reverse proxy to sayso.
