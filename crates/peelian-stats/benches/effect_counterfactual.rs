//! Timings of `effect_counterfactual`.
#![allow(clippy::unwrap_used, missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};

fn nothing_yet(_: &mut Criterion) {}

criterion_group!(benches, nothing_yet);
criterion_main!(benches);
