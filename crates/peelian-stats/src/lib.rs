//! Statistical methods for public services: slices in, structs out.
