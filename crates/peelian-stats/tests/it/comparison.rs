mod funnel;
mod interval;
