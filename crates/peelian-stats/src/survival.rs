//! Time to event: how long until a victim hears, or a case ends, when some have not ended yet.
