//! From a row to a struct: which property is which field.

use std::net::IpAddr;
use std::time::Duration;

use crate::row::Row;
use crate::text::Text;
use crate::value::Id;

/// A type that a property can be read as. None: it must be there and is not.
pub(crate) trait Property: Sized {
    fn read(row: &Row, name: &str) -> Option<Self>;
}

impl Property for Id {
    fn read(row: &Row, _name: &str) -> Option<Self> {
        row.id()
    }
}

/// Unset is absent in one menu and empty in another: empty here.
impl Property for Text {
    fn read(row: &Row, name: &str) -> Option<Self> {
        Some(row.get(name).unwrap_or_default().detached())
    }
}

impl Property for Option<Text> {
    fn read(row: &Row, name: &str) -> Option<Self> {
        Some(row.get(name).map(|text| text.detached()))
    }
}

/// A flag that is not set is absent in one menu and `false` in another.
impl Property for bool {
    fn read(row: &Row, name: &str) -> Option<Self> {
        Some(row.flag(name))
    }
}

impl Property for Option<u64> {
    fn read(row: &Row, name: &str) -> Option<Self> {
        Some(row.number(name))
    }
}

impl Property for Option<Duration> {
    fn read(row: &Row, name: &str) -> Option<Self> {
        Some(row.duration(name))
    }
}

impl Property for Option<IpAddr> {
    fn read(row: &Row, name: &str) -> Option<Self> {
        Some(row.ip(name))
    }
}

/// Declares a menu once: the struct, the properties that are asked for, and how a row becomes one.
macro_rules! menu {
    (
        $(#[$about:meta])*
        pub struct $name:ident of $menu:literal {
            $( $(#[$about_field:meta])* $field:ident: $type:ty = $property:literal, )*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $( $(#[$about_field])* pub $field: $type, )*
        }

        impl $name {
            /// Its menu.
            pub const MENU: &'static str = $menu;
            /// What is asked for.
            pub const PROPERTIES: &'static [&'static str] = &[$($property),*];

            /// The command that reads it.
            pub fn print() -> $crate::command::Command {
                $crate::command::Command::new(concat!($menu, "/print")).proplist(Self::PROPERTIES)
            }
        }

        impl $crate::menus::Item for $name {
            fn from_row(row: &$crate::row::Row) -> Result<Self, $crate::error::CommandError> {
                Ok(Self {
                    $( $field: $crate::menus::property::Property::read(row, $property).ok_or_else(|| {
                        $crate::error::CommandError::Unreadable {
                            command: concat!($menu, "/print").to_owned(),
                            property: $property.to_owned(),
                        }
                    })?, )*
                })
            }
        }
    };
}

pub(crate) use menu;
