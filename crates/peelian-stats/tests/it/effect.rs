mod causal_impact;
mod synthetic_control;
mod synthetic_did;
