//! Connections, segment by segment.
