//! The public site: pages, tables as CSV and JSON, one generation at a time.
