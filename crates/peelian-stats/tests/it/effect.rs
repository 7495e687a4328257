mod causal_impact;
mod synthetic_control;
mod synthetic_did;
mod did;
mod displacement;
mod power;
mod randomisation;
mod segmented;
