//! Downloads official releases: planned before it starts, resumable, checked,
//! polite to the publisher.
//!
//! **Owns** which archives cover the months asked for, requests, retries, rate
//! and checksums.
//!
//! **Must not know** what is in the files: the archive reads them.
