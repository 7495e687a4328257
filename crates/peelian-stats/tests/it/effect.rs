mod causal_impact;
mod did;
mod displacement;
mod power;
mod randomisation;
mod segmented;
mod synthetic_control;
mod synthetic_did;
