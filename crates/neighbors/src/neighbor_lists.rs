//! Lists of the nearest rows found so far, which take proposals in any order.
//!
//! What a list holds in the end is the nearest of all that it was offered, by distance and then by slot, whatever the
//! order of the offers and however many tasks make them.

use rayon::prelude::*;

/// Lists are dealt to tasks in so many parts.
const PARTS: usize = 64;

/// The most entries of a list: each has a bit that tells whether it is new.
pub(crate) const MOST_ENTRIES: usize = 64;

/// A place that is free.
const FREE: u64 = u64::MAX;

/// A row that was found, and whether it has been looked at from since.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Entry {
    pub(crate) distance: f32,
    pub(crate) slot: u32,
    pub(crate) is_new: bool,
}

/// Something proposed to a list.
#[derive(Debug, Clone, Copy)]
struct Proposal {
    to: u32,
    slot: u32,
    distance: f32,
}

/// As many entries for each slot, in order.
#[derive(Debug)]
pub(crate) struct NeighborLists {
    len: usize,
    /// Distance and slot of each entry, as numbers in the order of the entries.
    keys: Vec<u64>,
    /// For each list a bit for each entry that is new, the lowest for the first.
    new: Vec<u64>,
    /// The distance of each list's last entry.
    farthest: Vec<f32>,
}

/// What a task has to propose, by the part of the lists that is to take it.
#[derive(Debug)]
pub(crate) struct Proposals {
    part_len: usize,
    parts: Vec<Vec<Proposal>>,
}

impl NeighborLists {
    pub(crate) fn new(n_slots: usize, len: usize) -> Self {
        debug_assert!(len <= MOST_ENTRIES);
        Self {
            len,
            keys: vec![FREE; n_slots * len],
            new: vec![0; n_slots],
            farthest: vec![f32::INFINITY; n_slots],
        }
    }

    /// The same entries in longer lists, all of them new.
    pub(crate) fn lengthened(&self, len: usize) -> Self {
        let mut longer = Self::new(self.n_slots(), len);
        for (slot, (to, from)) in
            longer.keys.chunks_exact_mut(len).zip(self.keys.chunks_exact(self.len)).enumerate()
        {
            to[..self.len].copy_from_slice(from);
            longer.new[slot] = (1 << self.len) - 1;
        }
        longer
    }

    pub(crate) fn n_slots(&self) -> usize {
        self.farthest.len()
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// What a list holds.
    pub(crate) fn list(&self, slot: usize) -> impl Iterator<Item = Entry> {
        let new = self.new[slot];
        let keys = self.keys[slot * self.len..(slot + 1) * self.len].iter();
        keys.take_while(|&&key| key != FREE).enumerate().map(move |(at, &key)| Entry {
            distance: f32::from_bits((key >> 32) as u32),
            slot: key as u32,
            is_new: new >> at & 1 == 1,
        })
    }

    /// Has entries that are new and that `is_seen` tells to have been looked at be no longer new.
    pub(crate) fn settle(&mut self, is_seen: impl Fn(usize, u32) -> bool + Sync) {
        let lists = self.new.par_iter_mut().zip(self.keys.par_chunks(self.len));
        lists.enumerate().with_min_len(256).for_each(|(slot, (new, keys))| {
            for (at, &key) in keys.iter().enumerate() {
                if *new >> at & 1 == 1 && is_seen(slot, key as u32) {
                    *new &= !(1 << at);
                }
            }
        });
    }

    fn part_len(&self) -> usize {
        self.n_slots().div_ceil(PARTS)
    }

    /// Takes all proposals; gives how many entries came of them.
    pub(crate) fn take(&mut self, proposals: &[Proposals]) -> usize {
        let (part_len, len) = (self.part_len(), self.len);
        let keys = self.keys.par_chunks_mut(part_len * len);
        let others = self.new.par_chunks_mut(part_len).zip(self.farthest.par_chunks_mut(part_len));
        let take = |part: usize, keys: &mut [u64], new: &mut [u64], farthest: &mut [f32]| {
            let mut taken = 0;
            for proposal in proposals.iter().flat_map(|proposals| &proposals.parts[part]) {
                let at = proposal.to as usize - part * part_len;
                if proposal.distance <= farthest[at] {
                    let list = &mut keys[at * len..(at + 1) * len];
                    if insert(list, &mut new[at], proposal) {
                        taken += 1;
                        if list[len - 1] != FREE {
                            farthest[at] = f32::from_bits((list[len - 1] >> 32) as u32);
                        }
                    }
                }
            }
            taken
        };
        let parts = keys.zip(others).enumerate();
        parts.map(|(part, (keys, (new, farthest)))| take(part, keys, new, farthest)).sum()
    }
}

#[inline]
fn insert(list: &mut [u64], new: &mut u64, proposal: &Proposal) -> bool {
    // Distances are not negative, so that their bits are in their order.
    let key = u64::from(proposal.distance.to_bits()) << 32 | u64::from(proposal.slot);
    let at = list.partition_point(|&other| other < key);
    // Two rows are always at the same distance, so that who stands in the list stands here.
    if at == list.len() || list[at] == key {
        return false;
    }
    list.copy_within(at..list.len() - 1, at + 1);
    list[at] = key;
    let before = (1_u64 << at) - 1;
    *new = (*new & before) | (*new & !before) << 1 | 1 << at;
    true
}

impl Proposals {
    pub(crate) fn new(lists: &NeighborLists) -> Self {
        let part_len = lists.part_len();
        Self { part_len, parts: vec![Vec::new(); lists.n_slots().div_ceil(part_len)] }
    }

    /// Proposes each of two rows to the other, where it may be of use.
    #[inline(always)]
    pub(crate) fn propose(&mut self, lists: &NeighborLists, distance: f32, a: u32, b: u32) {
        let distance = distance.max(0.0);
        for (to, slot) in [(a, b), (b, a)] {
            if distance <= lists.farthest[to as usize] {
                self.parts[to as usize / self.part_len].push(Proposal { to, slot, distance });
            }
        }
    }
}
