//! Templates: what a router should be, as data with named blanks.
