//! Limits that make the command fail, for CI pipelines.

use std::str::FromStr;

use crate::Outcome;
use crate::wording::tell;

/// Limits of `--fail-on`, such as `label>2%,health<0.95`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Limits(Vec<Limit>);

/// What limits are held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Totals {
    /// Number of label issues, flagged or estimated.
    pub(crate) n_issues: usize,
    pub(crate) n_rows: usize,
    pub(crate) health_score: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Limit {
    /// More label issues than this.
    IssueCount(u64),
    /// A larger share of label issues than this.
    IssueShare(f64),
    /// A lower health score than this.
    Health(f64),
}

impl Limits {
    /// Reads limits separated by commas.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        text.split(',').map(|part| part.trim().parse()).collect::<Result<_, _>>().map(Self)
    }

    /// How the command ends, and says if not quiet, by the first limit that is passed.
    pub(crate) fn outcome(&self, totals: &Totals, quiet: bool) -> Outcome {
        let Some(passed) = self.first_passed(totals) else { return Outcome::Ran };
        if !quiet {
            tell(&format!("limit passed: {passed}"));
        }
        Outcome::LimitPassed
    }

    fn first_passed(&self, totals: &Totals) -> Option<String> {
        let &Totals { n_issues, n_rows, health_score } = totals;
        let share = n_issues as f64 / n_rows as f64;
        self.0.iter().find_map(|limit| match *limit {
            Limit::IssueCount(most) => {
                (n_issues as u64 > most).then(|| format!("{n_issues} label issues, more than {most}"))
            }
            Limit::IssueShare(most) => (share > most).then(|| {
                format!("{:.2} % of the labels are issues, more than {} %", share * 100.0, most * 100.0)
            }),
            Limit::Health(least) => (health_score < least)
                .then(|| format!("the label health score is {health_score}, below {least}")),
        })
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no limit; write label>2%, label>10 or health<0.95");
        let number = |text: &str| {
            text.trim()
                .parse::<f64>()
                .ok()
                .filter(|value| value.is_finite() && *value >= 0.0)
                .ok_or_else(wrong)
        };
        if let Some((name, limit)) = text.split_once('>') {
            if !matches!(name.trim(), "label" | "labels") {
                return Err(wrong());
            }
            return match limit.trim().strip_suffix('%') {
                Some(percent) => match number(percent)? {
                    percent if percent < 100.0 => Ok(Self::IssueShare(percent / 100.0)),
                    _ => Err(format!("`{text}` never fails: no more than 100 % of the labels can be issues")),
                },
                None => limit.trim().parse().map(Self::IssueCount).map_err(|_| wrong()),
            };
        }
        match text.split_once('<') {
            Some((name, limit)) if name.trim() == "health" => match number(limit)? {
                least if least <= 1.0 => Ok(Self::Health(least)),
                _ => Err(format!("`{text}` always fails: the health score lies between 0 and 1")),
            },
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_limits_of_every_kind() {
        let limits = Limits::parse("label>2%, label>10,health<0.95").unwrap();
        assert_eq!(limits, Limits(vec![Limit::IssueShare(0.02), Limit::IssueCount(10), Limit::Health(0.95)]));
    }

    #[test]
    fn parse_nonsense_is_refused_with_the_text() {
        for text in [
            "label",
            "label>many",
            "label>-1",
            "outlier>1",
            "health>0.5",
            "label>nan%",
            "health<95",
            "label>100%",
        ] {
            assert!(Limits::parse(text).unwrap_err().contains(text), "{text}");
        }
    }

    #[test]
    fn parse_an_empty_limit_is_refused() {
        for text in ["", "label>2%,", ","] {
            assert!(Limits::parse(text).unwrap_err().contains("is no limit"), "{text}");
        }
    }
}
