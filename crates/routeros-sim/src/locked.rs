//! The one lock around the router.

use std::ops::{Deref, DerefMut};
use std::sync::MutexGuard;

use crate::router::Router;

/// The router, held by one alone. When it is let go, its lines are as its firewall says.
#[derive(Debug)]
pub struct Locked<'a>(MutexGuard<'a, Router>);

impl<'a> Locked<'a> {
    pub(crate) fn new(router: MutexGuard<'a, Router>) -> Self {
        Self(router)
    }
}

impl Deref for Locked<'_> {
    type Target = Router;

    fn deref(&self) -> &Router {
        &self.0
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Router {
        &mut self.0
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        if self.0.lines_stale {
            self.0.settle_lines();
        }
    }
}
