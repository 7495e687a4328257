//! Reads, checks and versions official files into Parquet tables under a manifest.
