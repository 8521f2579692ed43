//! docs/BENCHMARKS.md, made of a template and the recorded figures.

use std::fmt::Write;

use anyhow::{Result, ensure};

use super::figures::{Measured, Simulated};
use super::tables::{bytes, section};

/// Replaces `{{group}}` by the figures of that group, `{{summary}}` by what holds and what does not.
pub(crate) fn document(template: &str, groups: &[Measured], intervals: &Simulated) -> Result<String> {
    let mut text = template.to_owned();
    for group in groups {
        let place = format!("{{{{{}}}}}", group.group);
        ensure!(text.contains(&place), "docs/benchmarks/template.md has no line {place}");
        text = text.replace(&place, &part(group));
    }
    text = text.replace("{{intervals}}", intervals.table().trim_end());
    text = text.replace("{{summary}}", summary(groups).trim_end());
    let shown =
        text.lines().map(|line| match line.strip_prefix("{{").and_then(|line| line.strip_suffix("}}")) {
            Some(group) => format!("Not measured yet: `cargo xtask bench {group}`."),
            None => line.to_owned(),
        });
    Ok(shown.collect::<Vec<_>>().join("\n") + "\n")
}

fn part(group: &Measured) -> String {
    let versions: Vec<String> =
        group.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let mut text = String::new();
    if super::plot::plot(group).is_some() {
        let _ = writeln!(text, "![How many times as fast as the peer](benchmarks/{}.svg)\n", group.group);
    }
    let _ = writeln!(
        text,
        "{} rounds on {} cores of {}, {} of memory. {}.\n",
        group.rounds,
        group.machine.cores,
        group.machine.cpu,
        bytes(group.machine.memory),
        versions.join(", ")
    );
    text += &section(group);
    text.trim_end().to_owned()
}

/// How many targets hold in each group, and which do not.
fn summary(groups: &[Measured]) -> String {
    let mut text = "| group | targets that hold | ratios, all threads |\n|---|---|---|\n".to_owned();
    let mut missed = String::new();
    for group in groups {
        let (mut held, mut wanted) = (0, 0);
        let mut ratios: Vec<f64> = Vec::new();
        for row in &group.rows {
            let (time, memory) = row.holds();
            wanted += time.iter().chain(&memory).count();
            held += time.iter().chain(&memory).filter(|&&holds| holds).count();
            if row.threads == "all" {
                ratios.extend(row.ratio().map(|ratio| ratio.median));
            }
            if time == Some(false) || memory == Some(false) {
                let what = match (time, memory) {
                    (Some(false), Some(false)) => "time and memory",
                    (Some(false), _) => "time",
                    _ => "memory",
                };
                let _ = writeln!(missed, "- {}: {}, {}: {what}", group.group, row.work, row.data);
            }
        }
        let smallest = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = ratios.iter().copied().fold(0.0, f64::max);
        let range = match ratios.len() {
            0 => "–".to_owned(),
            _ => format!("{} to {}", super::tables::number(smallest), super::tables::number(largest)),
        };
        let count = if wanted == 0 { "–".to_owned() } else { format!("{held} of {wanted}") };
        let _ = writeln!(text, "| {} | {count} | {range} |", group.group);
    }
    if missed.is_empty() { text } else { format!("{text}\nThese do not hold:\n\n{missed}") }
}
