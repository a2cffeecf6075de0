//! Values of properties. What a router stores are bytes; references to other items are stored by id and printed by name.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::forms;
use crate::schema::MenuIndex;

/// Bytes of a value, shared between items that have the same.
pub type Text = Arc<[u8]>;

/// Milliseconds since the simulator was started; tests can move it ahead.
pub type Millis = u64;

/// The value of one property of one item.
#[derive(Clone, Debug)]
pub enum Value {
    /// As it is printed.
    Text(Text),
    /// An item of another menu, by id: printed as its name, or as `*1A` when it is gone.
    Reference(MenuIndex, u32),
    /// Comma-joined.
    List(Arc<[Value]>),
    /// `!value`, as firewall matchers have it.
    Not(Arc<Value>),
    /// Moves while nobody writes it.
    Live(Live),
}

impl Value {
    /// A text value.
    pub fn text(bytes: impl AsRef<[u8]>) -> Self {
        Self::Text(Arc::from(bytes.as_ref()))
    }

    /// `true` or `false`, as routers print it.
    pub fn bool(value: bool) -> Self {
        Self::text(if value { "true" } else { "false" })
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::bool(value)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::text(number.to_string())
    }
}

impl From<Live> for Value {
    fn from(live: Live) -> Self {
        Self::Live(live)
    }
}

/// A value that moves by itself.
#[derive(Clone, Debug)]
pub enum Live {
    /// A duration since this moment: uptimes.
    Since(Millis),
    /// A duration until this moment, `0s` afterwards: time left.
    Until(Millis),
    /// Bytes counted.
    Bytes(Arc<Counter>),
    /// Packets, guessed from bytes at 800 bytes each.
    Packets(Arc<Counter>),
    /// Bits per second at the moment.
    Rate(Arc<Counter>),
    /// `1000/2000`: two of the above.
    Pair(Arc<(Live, Live)>),
}

impl Live {
    /// Writes the value of the moment `now`.
    pub fn write(&self, now: Millis, out: &mut Vec<u8>) {
        match self {
            Self::Since(then) => forms::write_duration(now.saturating_sub(*then) / 1000 * 1000, out),
            Self::Until(then) => forms::write_duration(then.saturating_sub(now) / 1000 * 1000, out),
            Self::Bytes(counter) => forms::write_number(counter.bytes(now), out),
            Self::Packets(counter) => forms::write_number(counter.bytes(now) / 800, out),
            Self::Rate(counter) => forms::write_number(counter.rate() * 8, out),
            Self::Pair(pair) => {
                pair.0.write(now, out);
                out.push(b'/');
                pair.1.write(now, out);
            }
        }
    }
}

/// Bytes that were counted so far and that come in each second.
#[derive(Debug, Default)]
pub struct Counter {
    counted: AtomicU64,
    rate: AtomicU64,
    at: AtomicU64,
}

impl Counter {
    /// A counter that stands at `bytes` at the moment `now` and grows by `rate` bytes per second.
    pub fn new(bytes: u64, rate: u64, now: Millis) -> Arc<Self> {
        Arc::new(Self { counted: bytes.into(), rate: rate.into(), at: now.into() })
    }

    /// Bytes counted at the moment `now`.
    pub fn bytes(&self, now: Millis) -> u64 {
        let elapsed = now.saturating_sub(self.at.load(Ordering::Relaxed));
        self.counted.load(Ordering::Relaxed) + self.rate.load(Ordering::Relaxed) * elapsed / 1000
    }

    /// Bytes per second.
    pub fn rate(&self) -> u64 {
        self.rate.load(Ordering::Relaxed)
    }

    /// From `now` on, `rate` bytes per second. Call it with the router locked.
    pub fn set_rate(&self, rate: u64, now: Millis) {
        self.counted.store(self.bytes(now), Ordering::Relaxed);
        self.at.store(now, Ordering::Relaxed);
        self.rate.store(rate, Ordering::Relaxed);
    }

    /// Counts `bytes` at once.
    pub fn add(&self, bytes: u64) {
        self.counted.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Back to nothing, as `reset-counters` does.
    pub fn reset(&self, now: Millis) {
        self.counted.store(0, Ordering::Relaxed);
        self.at.store(now, Ordering::Relaxed);
    }
}
