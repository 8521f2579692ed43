//! Which row of one version is which row of the other.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use super::MatchRows;
use super::model::MatchedBy;
use crate::datalab::Datalab;
use crate::row_keys::RowKeySource;

/// Pairs of an old and a new entry, and the entries that have no other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Matching {
    pub(super) pairs: Vec<(usize, usize)>,
    pub(super) added: Vec<usize>,
    pub(super) removed: Vec<usize>,
    pub(super) by: MatchedBy,
}

impl Matching {
    pub(super) fn empty(by: MatchedBy) -> Self {
        Self { pairs: Vec::new(), added: Vec::new(), removed: Vec::new(), by }
    }
}

pub(super) fn match_rows(old: &Datalab, new: &Datalab, how: MatchRows) -> Matching {
    if how == MatchRows::ByKeys
        && let (Some(before), Some(after)) = (old.row_keys(), new.row_keys())
    {
        if let RowKeySource::Column(name) = before.source()
            && before.source() == after.source()
        {
            let by = MatchedBy::Column(name.clone());
            return matching(before.as_slice().iter(), after.as_slice().iter(), by);
        }
        if let (Some(before), Some(after)) = (before.content(), after.content()) {
            return matching(before.iter(), after.iter(), MatchedBy::Content);
        }
    }
    let old_numbers = (0..old.n_rows()).map(|row| old.row_number(row));
    let new_numbers = (0..new.n_rows()).map(|row| new.row_number(row));
    matching(old_numbers, new_numbers, MatchedBy::RowNumber)
}

/// Of equal keys the first is matched with the first, and so on.
fn matching<K: Hash + Eq>(
    old: impl Iterator<Item = K>,
    new: impl Iterator<Item = K>,
    by: MatchedBy,
) -> Matching {
    let mut left: HashMap<K, VecDeque<usize>> = HashMap::new();
    for (row, key) in old.enumerate() {
        left.entry(key).or_default().push_back(row);
    }
    let mut matching = Matching::empty(by);
    for (row, key) in new.enumerate() {
        match left.get_mut(&key).and_then(VecDeque::pop_front) {
            Some(earlier) => matching.pairs.push((earlier, row)),
            None => matching.added.push(row),
        }
    }
    matching.removed = left.into_values().flatten().collect();
    matching.removed.sort_unstable();
    matching
}

#[cfg(test)]
mod tests {
    use super::{MatchedBy, Matching, matching};

    #[test]
    fn matching_repeated_keys_match_in_their_order() {
        let found = matching("abcab".chars(), "baxaa".chars(), MatchedBy::Content);
        let expected = Matching {
            pairs: vec![(1, 0), (0, 1), (3, 3)],
            added: vec![2, 4],
            removed: vec![2, 4],
            by: MatchedBy::Content,
        };
        assert_eq!(found, expected);
    }
}
