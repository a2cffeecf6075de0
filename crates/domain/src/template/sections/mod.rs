//! The sections that a template can have.

mod customers;
mod extra;
mod guard;
mod router;

pub use customers::{Hotspot, Nat, Pppoe, Radius, Suspended, WalledGarden};
pub use extra::Extra;
pub use guard::{Access, FastTrack, Management, Snmp};
pub use router::{Clock, Identity, Tunnel};

use super::read::Reader;
use super::section::{Field, Section};
use super::text::Text;
use crate::provision::SectionDoc;

/// Fills a section, or leaves it out.
pub(super) trait FillSection {
    fn section<S: Section>(&mut self, section: &S) -> Option<S>;
}

/// A section's name, and its fields with their values.
pub(super) type Listed<'a> = (&'static str, Vec<(&'static Field, &'a [Text])>);

macro_rules! sections {
    ($($field:ident: $type:ident),+ $(,)?) => {
        /// The sections of a template; what is none is left alone on the router.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct Sections {
            $(pub $field: Option<$type>,)+
            /// Whatever else should be, in this order.
            pub extra: Vec<Extra>,
        }

        impl Sections {
            /// The names that sections have in a template.
            pub(super) const NAMES: &'static [&'static str] = &[$($type::NAME,)+ Extra::NAME];

            pub(super) fn read(reader: &mut Reader<'_>) -> Self {
                Self { $($field: reader.section(),)+ extra: Extra::read(reader) }
            }

            pub(super) fn list(&self) -> Vec<Listed<'_>> {
                let mut list = Vec::new();
                $(list.extend(self.$field.as_ref().map(|section| ($type::NAME, section.fields())));)+
                list
            }

            pub(super) fn fill(&self, filling: &mut impl FillSection) -> Self {
                Self { $($field: self.$field.as_ref().and_then(|section| filling.section(section)),)+ extra: Vec::new() }
            }
        }

        /// What every section and every field of it means.
        pub fn documentation() -> Vec<SectionDoc> {
            vec![$($type::documentation(),)+ Extra::documentation()]
        }
    };
}

sections! {
    identity: Identity,
    clock: Clock,
    tunnel: Tunnel,
    access: Access,
    management: Management,
    radius: Radius,
    pppoe: Pppoe,
    hotspot: Hotspot,
    walled_garden: WalledGarden,
    nat: Nat,
    suspended: Suspended,
    fast_track: FastTrack,
    snmp: Snmp,
}

impl Sections {
    /// The names of the sections that are there.
    pub fn names(&self) -> Vec<&'static str> {
        let extra = (!self.extra.is_empty()).then_some(Extra::NAME);
        self.list().into_iter().map(|(name, _)| name).chain(extra).collect()
    }
}
