//! One file a page.

pub(crate) mod about;
pub(crate) mod accessibility;
pub(crate) mod across;
pub(crate) mod assessment;
pub(crate) mod asset;
pub(crate) mod data;
pub(crate) mod definition;
pub(crate) mod force;
pub(crate) mod forces;
pub(crate) mod health;
pub(crate) mod home;
pub(crate) mod measure;
pub(crate) mod measures;
pub(crate) mod methods;
pub(crate) mod not_found;
