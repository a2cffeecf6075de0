//! Devices: the MAC addresses of a customer.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::field::{Draft, FieldError};
use crate::{MacAddress, names};

/// A device of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Device {
    pub id: i64,
    /// `AA:BB:CC:DD:EE:FF`
    pub mac: String,
    /// Made up by the device (the locally administered bit): it may come back with another.
    pub is_random: bool,
    pub is_primary: bool,
    /// May be empty.
    pub name: String,
}

/// A device as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DeviceDraft {
    pub mac: String,
    #[serde(default)]
    pub name: String,
    /// It becomes the customer's primary device; the first one is that anyway.
    #[serde(default)]
    pub primary: bool,
}

/// A device whose fields are in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedDevice {
    pub mac: MacAddress,
    /// At most 100 characters; may be empty.
    pub name: String,
    pub primary: bool,
}

impl DeviceDraft {
    /// Reads the fields.
    pub fn check(&self) -> Result<CheckedDevice, Vec<FieldError>> {
        let mut draft = Draft::default();
        let mac = draft.required("mac", &self.mac, MacAddress::parse);
        let name = draft.take("name", names::text(&self.name, 100));
        draft.finish_with(mac.zip(name).map(|(mac, name)| CheckedDevice { mac, name, primary: self.primary }))
    }
}
