//! Finding a record by what a person calls it.

use domain::{Error, ErrorCode, names};

use crate::Result;

/// The one of that name, else of that number. Different operators may each have one of that name: then it has to be the
/// number, and the refusal lists them. `facts` is a record's name, number, and whose it is.
pub(crate) fn one<T>(
    all: Vec<T>,
    kind: &str,
    given: &str,
    facts: impl Fn(&T) -> (&str, i64, Option<&str>),
) -> Result<T> {
    let folded = names::fold(given);
    let named: Vec<usize> = (0..all.len()).filter(|at| names::fold(facts(&all[*at]).0) == folded).collect();
    let found = match named.as_slice() {
        [at] => Some(*at),
        [] => (0..all.len()).find(|at| facts(&all[*at]).1.to_string() == folded),
        several => {
            let numbers: Vec<String> = several
                .iter()
                .map(|at| {
                    let (_, id, whose) = facts(&all[*at]);
                    whose.map_or_else(|| id.to_string(), |whose| format!("{id} ({whose})"))
                })
                .collect();
            return Err(Error::new(ErrorCode::InvalidInput, format!("`{given}` means {} {kind}s", several.len()))
                .hint(format!("name one by its number: {}", numbers.join(", "))));
        }
    };
    found.and_then(|at| all.into_iter().nth(at)).ok_or_else(|| Error::not_found(kind, given))
}
