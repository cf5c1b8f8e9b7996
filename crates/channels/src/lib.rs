//! Protocols to the outside. Nothing here sees the store or knows a rule: text and address come in, an outcome comes out.

pub mod sms;
