//! Frameworks, evidence and judgements, under the guard rails.
