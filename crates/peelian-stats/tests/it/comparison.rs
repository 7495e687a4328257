mod bootstrap;
mod difference;
mod funnel;
mod interval;
mod multiplicity;
mod rank;
mod shrinkage;
mod standardised;
