//! Limits that make the command fail, for CI pipelines.

use std::str::FromStr;

use cleanlab_datalab::{Task, list_possible_issue_types};

use crate::Outcome;
use crate::nearest::nearest;
use crate::printable;
use crate::wording::tell;

/// Limits of `--fail-on`, such as `label>2%,health<0.95`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Limits(Vec<Limit>);

/// What limits are held against.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Totals {
    /// What the health score is called.
    pub(crate) health_name: &'static str,
    pub(crate) health_score: Option<f64>,
    /// The kinds of issues, with what was counted or why nothing was.
    pub(crate) kinds: Vec<(String, Result<Counted, String>)>,
}

/// The issues of a kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Counted {
    pub(crate) n_issues: usize,
    /// Rows or columns that were checked.
    pub(crate) n_checked: usize,
    /// The score of the whole, where there is one.
    pub(crate) score: Option<f64>,
}

/// What became of a limit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    Kept,
    /// How far it was passed, in words.
    Passed(String),
    /// Why it could not be held against anything.
    Undecided(String),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Limit {
    /// As it was written.
    pub(crate) text: String,
    /// A kind of issue, or [`HEALTH`].
    subject: String,
    bound: Bound,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Bound {
    /// No more issues than this.
    Count(u64),
    /// No larger share of issues than this.
    Share(f64),
    /// No lower score than this.
    Score(f64),
}

const HEALTH: &str = "health";
const LABEL: &str = "label";

impl Totals {
    /// Of a command that looks at labels alone.
    pub(crate) fn of_labels(n_issues: usize, n_rows: usize, health_score: f64) -> Self {
        let counted = Counted { n_issues, n_checked: n_rows, score: None };
        Self {
            health_name: "label health score",
            health_score: Some(health_score),
            kinds: vec![(LABEL.to_owned(), Ok(counted))],
        }
    }
}

impl Limits {
    /// Reads limits separated by commas.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        text.split(',').map(|part| part.trim().parse()).collect::<Result<_, _>>().map(Self)
    }

    /// Reads limits of a command that looks at labels alone.
    pub(crate) fn parse_of_labels(text: &str) -> Result<Self, String> {
        let limits = Self::parse(text).map_err(|error| {
            if error.contains("always fails") || error.contains("never fails") {
                return error;
            }
            format!("`{text}` is no limit; write label>2%, label>10 or health<0.95")
        })?;
        let is_other = |limit: &&Limit| match (limit.subject.as_str(), limit.bound) {
            (HEALTH, _) => false,
            (LABEL, Bound::Score(_)) => true,
            (subject, _) => subject != LABEL,
        };
        match limits.0.iter().find(is_other) {
            None => Ok(limits),
            Some(limit) => {
                Err(format!("`{}` is no limit here; write label>2%, label>10 or health<0.95", limit.text))
            }
        }
    }

    /// Every limit with what became of it.
    pub(crate) fn verdicts(&self, totals: &Totals) -> Vec<(&Limit, Verdict)> {
        self.0.iter().map(|limit| (limit, limit.verdict(totals))).collect()
    }

    /// How the command ends, and says if not quiet, by which limits are passed.
    pub(crate) fn outcome(&self, totals: &Totals, quiet: bool) -> Outcome {
        let mut outcome = Outcome::Ran;
        for (limit, verdict) in self.verdicts(totals) {
            match verdict {
                Verdict::Kept => {}
                Verdict::Passed(how) => {
                    outcome = outcome.or(Outcome::LimitPassed);
                    if !quiet {
                        tell(&format!("limit passed: {how}"));
                    }
                }
                Verdict::Undecided(why) => {
                    outcome = Outcome::Failed;
                    tell(&format!("error: the limit {} cannot be held against anything: {why}", limit.text));
                }
            }
        }
        outcome
    }
}

impl Limit {
    fn verdict(&self, totals: &Totals) -> Verdict {
        if self.subject == HEALTH {
            return match (totals.health_score, self.bound) {
                (Some(score), Bound::Score(least)) if score < least => {
                    let score = number_text(score, least, 4);
                    Verdict::Passed(format!("the {} is {score}, below {least}", totals.health_name))
                }
                (Some(_), _) => Verdict::Kept,
                (None, _) => Verdict::Undecided("no check has a result".to_owned()),
            };
        }
        let subject = &self.subject;
        let found = totals.kinds.iter().find(|(kind, _)| kind == subject);
        let counted = match found {
            Some((_, Ok(counted))) => counted,
            Some((_, Err(why))) => return Verdict::Undecided(format!("{subject} has no result: {why}")),
            None => return Verdict::Undecided(format!("{subject} was not checked")),
        };
        let share = counted.n_issues as f64 / counted.n_checked.max(1) as f64;
        match self.bound {
            Bound::Count(most) if counted.n_issues as u64 > most => {
                let issues = printable::counted(counted.n_issues, "issue", "issues");
                let issues = issues.replacen(' ', &format!(" {subject} "), 1);
                Verdict::Passed(format!("{issues}, more than {most}"))
            }
            Bound::Share(most) if share > most => {
                let of = if subject == LABEL {
                    "labels are issues".to_owned()
                } else {
                    format!("rows or columns are {subject} issues")
                };
                // A bound of 0.07 must not be told as 7.000000000000001 %.
                let most = (most * 1e11).round() / 1e9;
                let share = number_text(share * 100.0, most, 2);
                Verdict::Passed(format!("{share} % of the {of}, more than {most} %"))
            }
            Bound::Score(least) => match counted.score {
                Some(score) if score < least => {
                    let score = number_text(score, least, 4);
                    Verdict::Passed(format!("the score of {subject} is {score}, below {least}"))
                }
                Some(_) => Verdict::Kept,
                None => Verdict::Undecided(format!("{subject} has no score")),
            },
            _ => Verdict::Kept,
        }
    }
}

/// A number with this many decimals, or as many more as tell it from the bound that it passes.
fn number_text(value: f64, bound: f64, decimals: usize) -> String {
    let texts = (decimals..=17).map(|decimals| format!("{value:.decimals$}"));
    let mut telling = texts.filter(|text| text.parse() != Ok(bound));
    telling.next().unwrap_or_else(|| value.to_string())
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is no limit; write label>2%, outlier>10, near_duplicate<0.5 or health<0.95");
        let number = |text: &str| {
            text.trim()
                .parse::<f64>()
                .ok()
                .filter(|value| value.is_finite() && *value >= 0.0)
                .ok_or_else(wrong)
        };
        let limit = |subject: &str, bound| {
            Ok(Self { text: text.to_owned(), subject: known_subject(subject.trim(), text)?, bound })
        };
        if let Some((subject, most)) = text.split_once('>') {
            if subject.trim() == HEALTH {
                return Err(wrong());
            }
            let Some(percent) = most.trim().strip_suffix('%') else {
                let most = most.trim().parse().map_err(|_| wrong())?;
                return limit(subject, Bound::Count(most));
            };
            return match number(percent)? {
                percent if percent < 100.0 => limit(subject, Bound::Share(percent / 100.0)),
                _ => Err(format!("`{text}` never fails: no more than 100 % can be issues")),
            };
        }
        let Some((subject, least)) = text.split_once('<') else { return Err(wrong()) };
        match number(least)? {
            least if least <= 1.0 => limit(subject, Bound::Score(least)),
            _ => Err(format!("`{text}` always fails: scores lie between 0 and 1")),
        }
    }
}

/// The names of all kinds of issues, whatever the task.
pub(crate) fn all_issue_types() -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for task in [Task::Classification, Task::Regression, Task::Multilabel] {
        for name in list_possible_issue_types(task) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

fn known_subject(subject: &str, text: &str) -> Result<String, String> {
    // What the first versions of the command called them.
    let subject = if subject == "labels" { LABEL } else { subject };
    if [HEALTH, LABEL].contains(&subject) {
        return Ok(subject.to_owned());
    }
    let names = all_issue_types();
    if names.iter().any(|name| name == subject) {
        return Ok(subject.to_owned());
    }
    let advice = match nearest(subject, names.iter().map(String::as_str)) {
        Some(name) => format!("did you mean {name:?}?"),
        None => format!("there are {}", names.join(", ")),
    };
    Err(format!("`{text}` is no limit: there is no issue {subject:?}; {advice}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals() -> Totals {
        let counted = |n_issues| Ok(Counted { n_issues, n_checked: 200, score: Some(0.9) });
        Totals {
            health_name: "health score",
            health_score: Some(0.8),
            kinds: vec![
                (LABEL.to_owned(), counted(5)),
                ("null".to_owned(), Err("it needs features".to_owned())),
                ("class_imbalance".to_owned(), counted(0)),
            ],
        }
    }

    fn verdict(text: &str) -> Verdict {
        Limits::parse(text).unwrap().verdicts(&totals()).remove(0).1
    }

    #[test]
    fn parse_limits_of_every_kind() {
        let limits = Limits::parse("label>2%, label>10,health<0.95,class_imbalance<0.5").unwrap();
        let bounds: Vec<Bound> = limits.0.iter().map(|limit| limit.bound).collect();
        let expected = [Bound::Share(0.02), Bound::Count(10), Bound::Score(0.95), Bound::Score(0.5)];
        assert_eq!(bounds, expected);
    }

    #[test]
    fn parse_nonsense_is_refused_with_the_text() {
        for text in [
            "label",
            "label>many",
            "label>-1",
            "outlayer>1",
            "health>0.5",
            "label>nan%",
            "health<95",
            "label>100%",
            "label<",
        ] {
            assert!(Limits::parse(text).unwrap_err().contains(text), "{text}");
            assert!(Limits::parse_of_labels(text).unwrap_err().contains(text), "{text}");
        }
        assert!(Limits::parse("nul>0").unwrap_err().contains("did you mean \"null\"?"));
        assert!(Limits::parse_of_labels("null>0").unwrap_err().contains("null>0"));
    }

    #[test]
    fn parse_an_empty_limit_is_refused() {
        for text in ["", "label>2%,", ","] {
            assert!(Limits::parse(text).unwrap_err().contains("is no limit"), "{text}");
        }
    }

    #[test]
    fn verdicts_tell_kept_passed_and_undecided_limits_apart() {
        for kept in ["label>5", "label>2.5%", "class_imbalance>0", "health<0.8", "label<0.9"] {
            assert_eq!(verdict(kept), Verdict::Kept, "{kept}");
        }
        for passed in ["label>4", "label>2%", "health<0.81", "label<0.95"] {
            assert!(matches!(verdict(passed), Verdict::Passed(_)), "{passed}");
        }
        for undecided in ["null>0", "null<0.5"] {
            assert!(matches!(verdict(undecided), Verdict::Undecided(_)), "{undecided}");
        }
    }
}
