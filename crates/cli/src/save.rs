//! Writing the result of every row.

use std::path::Path;

use anyhow::{Context, Result};
use cleanlab_table::{Content, OutputFile, ResultColumn, ResultTable, write_all};

use crate::findings::Findings;
use crate::interrupt;
use crate::render::{IssueList, json_text, summary};

/// Writes `label_issues.csv`, `.parquet` and `.json` with every audited row, and `summary.json`, or nothing.
pub(crate) fn save(findings: &Findings, folder: &Path) -> Result<()> {
    let table = result_table(findings, &(0..findings.n_rows()).collect::<Vec<_>>())?;
    let summary = json_text(&summary(findings, IssueList::None))?;
    let files = [
        OutputFile::new("label_issues.csv", Content::Csv(&table)),
        OutputFile::new("label_issues.parquet", Content::Parquet(&table)),
        OutputFile::new("label_issues.json", Content::Json(&table)),
        OutputFile::new("summary.json", Content::Bytes(summary.as_bytes())),
    ];
    let _writing = interrupt::hold();
    write_all(folder, &files).context("no result was written")?;
    Ok(())
}

/// The rows with an issue, worst first.
pub(crate) fn issue_table(findings: &Findings) -> Result<ResultTable> {
    result_table(findings, &findings.ranked)
}

fn result_table(findings: &Findings, positions: &[usize]) -> Result<ResultTable> {
    let name = |classes: &[u32]| {
        ResultColumn::texts(positions.iter().map(|&at| findings.class_name(classes[at])).collect::<Vec<_>>())
    };
    let mut table = ResultTable::default();
    table.push("row", ResultColumn::integers(positions.iter().map(|&at| findings.rows[at] as i64)))?;
    table
        .push("is_label_issue", ResultColumn::booleans(positions.iter().map(|&at| findings.is_issue[at])))?;
    table.push("label_quality", ResultColumn::floats(positions.iter().map(|&at| findings.scores[at])))?;
    table.push("given_label", name(&findings.given))?;
    table.push("predicted_label", name(&findings.predicted))?;
    Ok(table)
}
