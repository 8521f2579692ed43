//! The recorded figures, and what follows from them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// Below this input the share of memory says nothing: a few pages of the allocator are as large.
const SMALLEST_INPUT_FOR_MEMORY: u64 = 64 << 20;

/// A group as `benches/interleaved.py` writes it.
#[derive(Deserialize)]
pub(crate) struct Measured {
    pub(crate) group: String,
    pub(crate) rounds: u32,
    pub(crate) versions: BTreeMap<String, String>,
    pub(crate) machine: Machine,
    pub(crate) rows: Vec<Row>,
}

#[derive(Deserialize)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: u32,
    pub(crate) memory: u64,
}

/// A measured call on one thread or on all; seconds by round.
#[derive(Deserialize)]
pub(crate) struct Row {
    pub(crate) work: String,
    pub(crate) data: String,
    pub(crate) threads: String,
    pub(crate) here: Vec<f64>,
    pub(crate) peers: BTreeMap<String, Vec<f64>>,
    pub(crate) memory_here: Option<u64>,
    pub(crate) memory_peer: Option<u64>,
    pub(crate) input: u64,
    pub(crate) limits: BTreeMap<String, Vec<f64>>,
    pub(crate) target: Option<Target>,
    pub(crate) agrees: bool,
    pub(crate) agreement: String,
}

/// What the project wants of a row. Ratio and limit are alternatives: the looser of the two counts.
#[derive(Deserialize)]
pub(crate) struct Target {
    /// At least so many times as fast as the better setting of the peer.
    pub(crate) ratio: Option<f64>,
    /// At most so many times the limit of the machine.
    pub(crate) limit: Option<f64>,
    /// At most this share of the input in memory besides it.
    pub(crate) memory: Option<f64>,
}

/// The median of some rounds, with their smallest and largest.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) smallest: f64,
    pub(crate) largest: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (&smallest, &largest) = (sorted.first()?, sorted.last()?);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        };
        Some(Self { median, smallest, largest })
    }
}

impl Measured {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is not a record of figures", path.display()))
    }

    /// A line for every row whose sides gave different answers.
    pub(crate) fn disagreements(&self) -> Vec<String> {
        let differing = self.rows.iter().filter(|row| !row.agrees);
        differing.map(|row| format!("{}, {}: {}", row.work, row.data, row.agreement)).collect()
    }

    /// The data sets in the order of their first rows, each with all of its own.
    pub(crate) fn by_data(&self) -> Vec<(&str, Vec<&Row>)> {
        let mut groups: Vec<(&str, Vec<&Row>)> = Vec::new();
        for row in &self.rows {
            match groups.iter_mut().find(|(data, _)| *data == row.data) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((&row.data, vec![row])),
            }
        }
        groups
    }
}

impl Row {
    pub(crate) fn here(&self) -> Option<Spread> {
        Spread::of(&self.here)
    }

    /// The setting of a peer with the smallest median, and that.
    pub(crate) fn best_peer(&self) -> Option<(&str, f64)> {
        let medians =
            self.peers.iter().filter_map(|(name, times)| Some((name.as_str(), Spread::of(times)?.median)));
        medians.min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// The best peer's time over ours, round by round; a setting that was measured once counts in every round.
    pub(crate) fn ratio(&self) -> Option<Spread> {
        let (best, median) = self.best_peer()?;
        let theirs = &self.peers[best];
        let ratio = |(at, here): (usize, &f64)| {
            let there = if theirs.len() == self.here.len() { theirs[at] } else { median };
            there / here
        };
        Spread::of(&self.here.iter().enumerate().map(ratio).collect::<Vec<_>>())
    }

    /// The limit's name, and our time over it.
    pub(crate) fn over_limit(&self) -> Option<(&str, f64)> {
        let (name, seconds) = self.limits.iter().next()?;
        let ratios: Vec<f64> = self.here.iter().zip(seconds).map(|(here, limit)| here / limit).collect();
        Some((name, Spread::of(&ratios)?.median))
    }

    /// Memory as a share of the input.
    pub(crate) fn share(&self, bytes: Option<u64>) -> Option<f64> {
        bytes.filter(|_| self.input > 0).map(|bytes| bytes as f64 / self.input as f64)
    }

    /// Whether time is as wanted, and whether memory is; `None` where nothing is wanted.
    pub(crate) fn holds(&self) -> (Option<bool>, Option<bool>) {
        let Some(target) = &self.target else { return (None, None) };
        let by_ratio = target.ratio.zip(self.ratio()).map(|(wanted, ratio)| ratio.median >= wanted);
        let by_limit = target.limit.zip(self.over_limit()).map(|(wanted, (_, times))| times <= wanted);
        let time = match (by_ratio, by_limit) {
            (None, None) => None,
            (ratio, limit) => Some(ratio.unwrap_or_default() || limit.unwrap_or_default()),
        };
        let large = self.input >= SMALLEST_INPUT_FOR_MEMORY;
        let share = self.share(self.memory_here).filter(|_| large);
        (time, target.memory.zip(share).map(|(wanted, share)| share <= wanted))
    }
}

/// A table of simulations in place of times.
#[derive(Serialize, Deserialize)]
pub(crate) struct Simulated {
    group: String,
    replicates: u32,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Simulated {
    /// Of the table that `measure_interval_coverage` prints.
    pub(crate) fn from_table(replicates: u32, table: &str) -> Result<Self> {
        let cells = |line: &str| -> Vec<String> {
            line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        let mut lines = table.lines().filter(|line| line.starts_with('|'));
        let columns = cells(lines.next().context("no table was printed")?);
        let rows = lines.skip(1).map(cells).collect();
        Ok(Self { group: "intervals".to_owned(), replicates, columns, rows })
    }

    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is not a table", path.display()))
    }

    pub(crate) fn table(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule = format!("|{}\n", "---|".repeat(self.columns.len()));
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        line(&self.columns) + &rule + &rows
    }
}

#[cfg(test)]
mod tests {
    use super::Measured;
    use crate::bench::{plot, tables};

    /// Two rounds of one call on an input of 100 MB, with these targets.
    fn measured(target: &str, memory: u64) -> Measured {
        let text = format!(
            r#"{{"group": "labels", "rounds": 2, "versions": {{}},
            "machine": {{"cpu": "c", "cores": 2, "memory": 1}}, "rows": [{{"work": "`both`", "data": "d",
            "threads": "all", "here": [0.1, 0.2], "peers": {{"slow": [9.0], "fast": [4.0, 6.0]}},
            "memory_here": {memory}, "memory_peer": 100, "input": 100000000,
            "limits": {{"memory passes": [0.05, 0.05]}}, "target": {target}, "agrees": true, "agreement": "same"}}]}}"#
        );
        serde_json::from_str(&text).expect("a record")
    }

    #[test]
    fn ratio_pairs_rounds_of_the_better_setting() {
        let measured = measured("null", 0);
        let ratio = measured.rows[0].ratio().expect("a peer");
        assert_eq!((ratio.smallest, ratio.median, ratio.largest), (30.0, 35.0, 40.0));
        assert_eq!(measured.rows[0].best_peer(), Some(("fast", 5.0)));
        assert_eq!(measured.rows[0].holds(), (None, None));
    }

    #[test]
    fn holds_by_the_looser_of_ratio_and_limit() {
        let holds = |target, memory| measured(target, memory).rows[0].holds();
        assert_eq!(holds(r#"{"ratio": 35, "limit": 2}"#, 0), (Some(true), None));
        assert_eq!(holds(r#"{"ratio": 36, "limit": 3}"#, 0), (Some(true), None));
        assert_eq!(holds(r#"{"ratio": 36, "limit": 2.9}"#, 0), (Some(false), None));
        assert_eq!(holds(r#"{"ratio": 35, "memory": 0.05}"#, 5_000_001), (Some(true), Some(false)));
    }

    #[test]
    fn section_and_plot_show_every_row() {
        let measured = measured(r#"{"ratio": 40, "limit": 2}"#, 5_000_000);
        let table = tables::section(&measured);
        let row = "| `both` | 150 ms | 5 s fast | 35 (30 to 40) | 5.0 % / 0.0 % | 3 × memory passes | ≥ 40× or ≤ 2 × limit | **no** |";
        assert!(table.contains(row), "{table}");
        let plot = plot::plot(&measured).expect("a peer");
        assert!(plot.contains(">both <") && plot.contains("35×"), "{plot}");
    }
}
