//! The longest part of a sequence that rises: what keeps its order, so that the least has to move.

/// The places in the sequence whose values rise, as many as can be; n log n.
pub(super) fn longest_rising(values: &[usize]) -> Vec<usize> {
    // by length: the place of the smallest value that a rising part of that length can end with
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (place, value) in values.iter().enumerate() {
        let length = ends.partition_point(|end| values[*end] < *value);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(place);
        } else {
            ends[length] = place;
        }
    }
    let mut rising: Vec<usize> = std::iter::successors(ends.last().copied(), |place| before[*place]).collect();
    rising.reverse();
    rising
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_most_stay() {
        assert_eq!(longest_rising(&[5, 1, 2, 9]), [1, 2, 3]);
        assert_eq!(longest_rising(&[3, 2]).len(), 1);
        assert!(longest_rising(&[]).is_empty());
    }

    fn longest(values: &[usize], above: Option<usize>) -> usize {
        let Some((first, rest)) = values.split_first() else { return 0 };
        let without = longest(rest, above);
        if above.is_some_and(|above| *first <= above) { without } else { without.max(1 + longest(rest, Some(*first))) }
    }

    proptest! {
        #[test]
        fn it_rises_and_none_is_longer(values in prop::collection::vec(0..20_usize, 0..12)) {
            let rising = longest_rising(&values);
            prop_assert!(rising.windows(2).all(|pair| pair[0] < pair[1] && values[pair[0]] < values[pair[1]]));
            prop_assert_eq!(rising.len(), longest(&values, None));
        }
    }
}
