mod erlang;
mod offered_load;
mod priority;
mod simulation;
mod staffing;
mod transient;
