//! Results that threads finish in any order, handed on in the order of their rows.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::errors::StreamError;
use crate::row_sink::RowSink;

/// Bytes of results that may wait for those before them. Beyond that, whoever is ahead waits.
const MOST_WAITING: usize = 32 << 20;

/// A sink that gets rows in order.
pub(crate) struct OrderedRows<'a, T> {
    state: Mutex<State<'a, T>>,
    moved: Condvar,
}

struct State<'a, T> {
    sink: &'a mut dyn RowSink<T>,
    next_row: usize,
    waiting: BTreeMap<usize, Vec<T>>,
    n_waiting: usize,
    is_closed: bool,
}

impl<'a, T: Send> OrderedRows<'a, T> {
    pub(crate) fn new(sink: &'a mut dyn RowSink<T>) -> Self {
        let waiting = BTreeMap::new();
        Self {
            state: Mutex::new(State { sink, next_row: 0, waiting, n_waiting: 0, is_closed: false }),
            moved: Condvar::new(),
        }
    }

    /// Hands on the values of rows from `first_row` on, now or once those before them are there. The thread that works
    /// at the first rows that are lacking never waits.
    pub(crate) fn push(&self, first_row: usize, values: Vec<T>) -> Result<(), StreamError> {
        let mut state = self.lock();
        let most = MOST_WAITING / size_of::<T>().max(1);
        while first_row != state.next_row && state.n_waiting >= most && !state.is_closed {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_closed {
            return Ok(());
        }
        if first_row != state.next_row {
            state.n_waiting += values.len();
            state.waiting.insert(first_row, values);
            return Ok(());
        }
        let mut next = Some(values);
        while let Some(values) = next {
            let first_row = state.next_row;
            if let Err(error) = state.sink.write(first_row, &values) {
                state.is_closed = true;
                self.moved.notify_all();
                return Err(error);
            }
            state.next_row += values.len();
            let first_row = state.next_row;
            next = state.waiting.remove(&first_row);
            state.n_waiting -= next.as_ref().map_or(0, Vec::len);
        }
        self.moved.notify_all();
        Ok(())
    }

    /// Lets nobody wait any longer: rows will be lacking.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.moved.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<'a, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn push_any_order_comes_out_in_order() {
        let mut all: Vec<u32> = Vec::new();
        let ordered = OrderedRows::new(&mut all);
        ordered.push(3, vec![3, 4]).unwrap();
        ordered.push(5, vec![5]).unwrap();
        ordered.push(0, vec![0, 1, 2]).unwrap();
        assert_eq!(all, [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn push_far_ahead_waits_for_those_before() {
        let mut n = 0_usize;
        let mut count = |_: usize, values: &[[u8; 1 << 16]]| {
            n += values.len();
            Ok(())
        };
        let ordered = OrderedRows::new(&mut count);
        std::thread::scope(|scope| {
            scope.spawn(|| (1..600).for_each(|row| ordered.push(row, vec![[0; 1 << 16]]).unwrap()));
            ordered.push(0, vec![[0; 1 << 16]]).unwrap();
        });
        drop(ordered);
        assert_eq!(n, 600);
    }

    #[test]
    fn close_lets_those_go_that_wait() {
        let mut all: Vec<[u8; 1 << 16]> = Vec::new();
        let ordered = OrderedRows::new(&mut all);
        std::thread::scope(|scope| {
            scope.spawn(|| (1..600).for_each(|row| ordered.push(row, vec![[0; 1 << 16]]).unwrap()));
            ordered.close();
        });
        assert!(all.is_empty());
    }
}
