//! Keeping customers from FastTrack, which passes by the speeds that RADIUS gives them.

use routeros::config::Item;

use super::Making;
use super::build::marked;
use super::suspended::forwarded;

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    let sections = &making.filled.sections;
    let (Some(fast_track), Some(access)) = (&sections.fast_track, &sections.access) else { return Vec::new() };
    if !making.facts.fast_track && !fast_track.always.is_yes() {
        return Vec::new();
    }
    let rule = |key: &str, list: &str| {
        marked("filter", key, "/ip/firewall/filter")
            .set("chain", "forward")
            .set("action", "accept")
            .set("connection-state", &fast_track.connection_state)
            .set(list, &access.list)
            .above(forwarded())
            .done()
    };
    vec![rule("fast_track.from", "in-interface-list"), rule("fast_track.to", "out-interface-list")]
}
