// SPDX-License-Identifier: GPL-3.0-or-later
//! Rows found by a key of bytes, in the order in which they first came.

#[cfg(not(feature = "regress_list"))]
use std::collections::HashMap;

#[derive(Default)]
pub struct Table<Row> {
    rows: Vec<(Vec<u8>, Row)>,
    #[cfg(not(feature = "regress_list"))]
    places: HashMap<Vec<u8>, usize>,
}

impl<Row: Default> Table<Row> {
    /// The row of `key`, made at its first mention.
    pub fn row(&mut self, key: &[u8]) -> &mut Row {
        let place = match self.find(key) {
            Some(place) => place,
            None => self.append(key),
        };
        &mut self.rows[place].1
    }

    #[cfg(not(feature = "regress_list"))]
    #[inline(never)]
    fn find(&self, key: &[u8]) -> Option<usize> {
        self.places.get(key).copied()
    }

    /// The mistake: "there are only a few keys", so look at them all.
    #[cfg(feature = "regress_list")]
    #[inline(never)]
    fn find(&self, key: &[u8]) -> Option<usize> {
        self.rows.iter().position(|(known, _)| known == key)
    }

    fn append(&mut self, key: &[u8]) -> usize {
        let place = self.rows.len();
        self.rows.push((key.to_vec(), Row::default()));
        #[cfg(not(feature = "regress_list"))]
        self.places.insert(key.to_vec(), place);
        place
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn rows(&self) -> impl Iterator<Item = &(Vec<u8>, Row)> {
        self.rows.iter()
    }

    pub fn into_rows(self) -> impl Iterator<Item = (Vec<u8>, Row)> {
        self.rows.into_iter()
    }

    /// The `n` rows of the highest weight; those of equal weight by their key.
    pub fn top(&self, n: usize, weight: impl Fn(&Row) -> u64) -> Vec<&(Vec<u8>, Row)> {
        let mut best: Vec<_> = self.rows.iter().collect();
        best.sort_by(|a, b| weight(&b.1).cmp(&weight(&a.1)).then_with(|| a.0.cmp(&b.0)));
        best.truncate(n);
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_weights_are_ordered_by_key() {
        let mut table: Table<u64> = Table::default();
        for key in ["b", "c", "a", "c", "a\0"] {
            *table.row(key.as_bytes()) += 1;
        }
        let keys: Vec<&[u8]> = table.top(3, |n| *n).iter().map(|row| row.0.as_slice()).collect();
        assert_eq!(keys, [b"c".as_slice(), b"a", b"a\0"]);
        assert_eq!(table.len(), 4);
    }
}
