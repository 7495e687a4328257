//! Queues: how long people wait, how many give up, how many handlers that takes.
