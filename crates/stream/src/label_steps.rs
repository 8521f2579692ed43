//! What has to be known before a row can be told whether its label is flagged, and in how many passes it is found out.

use cleanlab_core::{Accumulator, Batch, Float, InputError};
use cleanlab_count::{
    CollisionRule, ConfidentJoint, IssueCountAccumulator, JointAccumulator, SelectionBoundary,
    SelectionBounds, SelectionCuts, SelectionHistogram, SelectionKey, SelectionPlan, SelectionSurvey,
    ThresholdAccumulator, calibrate_confident_joint, flag_confident_issues, flag_unpredicted,
};
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions, LabelIssuesWarning, PruneCounts};
use ndarray::Array1;

use crate::errors::StreamError;
use crate::pass::{Passes, Worker};

/// The most bytes that a survey of all pairs of classes may take on each thread.
const MOST_SURVEY: usize = 4 << 20;

/// What the first pass over labels and probabilities finds.
pub(crate) struct Thresholds {
    pub(crate) label_counts: Vec<u64>,
    pub(crate) thresholds: Array1<f64>,
}

/// Computes the confident thresholds, which takes a pass. Labels of a single class are refused, as
/// [`LabeledProbs::new`](cleanlab_core::LabeledProbs::new) does.
pub(crate) fn thresholds(passes: &mut Passes<'_>) -> Result<Thresholds, StreamError> {
    let k = passes.source().n_classes();
    let counted = passes.accumulate(|| ThresholdAccumulator::new(k))?;
    let label_counts = counted.label_counts().to_vec();
    check_classes(passes, &label_counts)?;
    Ok(Thresholds { label_counts, thresholds: counted.finish() })
}

/// Refuses labels that are all of one class.
pub(crate) fn check_classes(passes: &Passes<'_>, label_counts: &[u64]) -> Result<(), StreamError> {
    let mut used = label_counts.iter().enumerate().filter(|&(_, &count)| count > 0);
    if let (Some((only, _)), None) = (used.next(), used.next()) {
        let file = passes.source().file_of_label(0);
        let error = InputError::OneClass { class: only as u32 };
        return Err(StreamError::Input { file, error });
    }
    Ok(())
}

/// What is counted once thresholds are known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counted {
    /// The confident joint, not calibrated.
    pub(crate) joint: Option<ConfidentJoint>,
    /// Numbers of rows that are confidently in another class than their given one, by the rule.
    n_issues: Vec<(CollisionRule, u64)>,
}

impl Counted {
    /// Number of rows that are confidently in another class by this rule, if it was to be counted.
    pub(crate) fn n_issues(&self, collision: CollisionRule) -> Option<u64> {
        self.n_issues.iter().find(|(rule, _)| *rule == collision).map(|&(_, count)| count)
    }
}

/// The joint and the number of issues, in one pass, with a survey of keys beside them.
pub(crate) struct Counters {
    joint: Option<JointAccumulator>,
    n_issues: Vec<IssueCountAccumulator>,
    surveys: Vec<SelectionSurvey>,
}

impl Counters {
    fn merge(&mut self, other: Self) -> Result<(), StreamError> {
        if let (Some(all), Some(part)) = (&mut self.joint, other.joint) {
            all.merge(part)?;
        }
        for (all, part) in self.n_issues.iter_mut().zip(other.n_issues) {
            all.merge(part)?;
        }
        for (all, part) in self.surveys.iter_mut().zip(other.surveys) {
            all.merge(part)?;
        }
        Ok(())
    }
}

impl Worker for Counters {
    type Row = ();

    fn visit<F: Float>(&mut self, batch: &Batch<'_, F>, _: &mut Vec<()>) -> Result<(), StreamError> {
        if let Some(joint) = &mut self.joint {
            joint.update(batch)?;
        }
        for n_issues in &mut self.n_issues {
            n_issues.update(batch)?;
        }
        self.surveys.iter_mut().try_for_each(|survey| Ok(survey.update(batch)?))
    }
}

/// What is to be counted in the second pass.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// The confident joint, with this rule.
    pub(crate) joint: Option<CollisionRule>,
    /// The number of rows that are confidently in another class, once with each rule.
    pub(crate) n_issues: Vec<CollisionRule>,
    /// How keys are distributed.
    pub(crate) surveys: Vec<SelectionKey>,
}

impl Wanted {
    pub(crate) fn is_nothing(&self) -> bool {
        self.joint.is_none() && self.n_issues.is_empty() && self.surveys.is_empty()
    }
}

/// The second pass.
pub(crate) fn count(
    passes: &mut Passes<'_>,
    thresholds: &Array1<f64>,
    wanted: &Wanted,
) -> Result<(Counted, Vec<SelectionSurvey>), StreamError> {
    let k = passes.source().n_classes();
    if wanted.joint.is_some() {
        ConfidentJoint::check_memory(k)?;
    }
    let make = || Counters {
        joint: wanted.joint.map(|collision| JointAccumulator::new(thresholds, collision)),
        n_issues: wanted.n_issues.iter().map(|&rule| IssueCountAccumulator::new(thresholds, rule)).collect(),
        surveys: wanted.surveys.iter().map(|&key| SelectionSurvey::new(key, k)).collect(),
    };
    let mut workers = passes.run(make, None)?.into_iter();
    let mut all = workers.next().unwrap_or_else(make);
    workers.try_for_each(|worker| all.merge(worker))?;
    let counted = Counted {
        joint: all.joint.map(Accumulator::finish),
        n_issues: wanted
            .n_issues
            .iter()
            .copied()
            .zip(all.n_issues.into_iter().map(Accumulator::finish))
            .collect(),
    };
    Ok((counted, all.surveys.into_iter().map(Accumulator::finish).collect()))
}

/// What decides, row by row, which labels are flagged.
pub(crate) enum Rule {
    /// Those that are not the predicted class.
    Unpredicted,
    /// Those of rows that are confidently in another class.
    Confident(Array1<f64>, CollisionRule),
    /// Those that every selection has; nothing stands for a selection of no rows.
    Selected {
        selections: Vec<Option<SelectionBounds>>,
        /// Whether a label is spared when it is the predicted class.
        spares_predicted: bool,
    },
}

impl Rule {
    pub(crate) fn flag<F: Float>(&self, batch: &Batch<'_, F>, flags: &mut [bool]) -> Result<(), StreamError> {
        match self {
            Self::Unpredicted => flag_unpredicted(batch, flags),
            Self::Confident(thresholds, collision) => {
                flag_confident_issues(batch, thresholds, *collision, flags)?;
            }
            Self::Selected { selections, spares_predicted } => {
                if selections.iter().any(Option::is_none) {
                    flags.fill(false);
                    return Ok(());
                }
                if *spares_predicted {
                    flag_unpredicted(batch, flags);
                } else {
                    flags.fill(true);
                }
                for bounds in selections.iter().flatten() {
                    bounds.keep_selected(batch, flags)?;
                }
            }
        }
        Ok(())
    }
}

/// A rule, and what became known on the way to it.
pub(crate) struct Decision {
    pub(crate) rule: Rule,
    pub(crate) thresholds: Option<Thresholds>,
    pub(crate) counted: Counted,
    option_warnings: Vec<LabelIssuesWarning>,
    prune_warning: Option<LabelIssuesWarning>,
}

impl Decision {
    /// What there is to say, once all passes were made, in the order of the functions in memory.
    pub(crate) fn warnings(&self, passes: &Passes<'_>) -> Vec<LabelIssuesWarning> {
        let of_rows = passes.first_look().warning();
        self.option_warnings.iter().chain(&of_rows).chain(&self.prune_warning).cloned().collect()
    }
}

/// What is wanted beside the flags.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Beside {
    /// The confident thresholds, for adjusted scores.
    pub(crate) thresholds: bool,
    /// The number of rows that are confidently in another class, by cleanlab's rule.
    pub(crate) n_issues: bool,
}

/// How many passes it takes to flag labels, the one that tells each row included, if none proves too short.
pub(crate) fn n_passes(options: &FindLabelIssuesOptions, n_classes: usize, beside: Beside) -> usize {
    let pairs_are_many = SelectionSurvey::memory(SelectionKey::MarginOfPair, n_classes) > MOST_SURVEY;
    let given_joint = options.confident_joint.is_some() && !beside.n_issues;
    match options.filter_by {
        FilterBy::PredictedNeqGiven => {
            1 + usize::from(beside.thresholds || beside.n_issues) + usize::from(beside.n_issues)
        }
        FilterBy::ConfidentLearning => 2 + usize::from(beside.n_issues),
        FilterBy::PruneByNoiseRate | FilterBy::Both if pairs_are_many => 5 - usize::from(given_joint),
        _ if given_joint && options.filter_by.prunes_by_counts() => 3,
        _ => 4,
    }
}

/// Makes all passes but the last one.
pub(crate) fn decide(
    passes: &mut Passes<'_>,
    options: &FindLabelIssuesOptions,
    beside: Beside,
) -> Result<Decision, StreamError> {
    let k = passes.source().n_classes();
    let option_warnings = options.check(k)?;
    let mut prune_warning = None;
    let keys: &[SelectionKey] = match options.filter_by {
        FilterBy::PruneByNoiseRate => &[SelectionKey::MarginOfPair],
        FilterBy::PruneByClass => &[SelectionKey::LowSelfConfidenceOfClass],
        FilterBy::Both => &[SelectionKey::MarginOfPair, SelectionKey::LowSelfConfidenceOfClass],
        FilterBy::LowNormalizedMargin => &[SelectionKey::LowNormalizedMargin],
        FilterBy::LowSelfConfidence => &[SelectionKey::LowSelfConfidence],
        _ => &[],
    };
    let is_low = matches!(options.filter_by, FilterBy::LowNormalizedMargin | FilterBy::LowSelfConfidence);
    let prunes = options.filter_by.prunes_by_counts();
    let needs_thresholds =
        beside.thresholds || beside.n_issues || !matches!(options.filter_by, FilterBy::PredictedNeqGiven);
    if !needs_thresholds {
        let counted = Counted::default();
        return Ok(Decision {
            rule: Rule::Unpredicted,
            thresholds: None,
            counted,
            option_warnings,
            prune_warning,
        });
    }
    let found = thresholds(passes)?;
    let mut n_issues: Vec<CollisionRule> = is_low.then_some(options.collision).into_iter().collect();
    if beside.n_issues && !n_issues.contains(&CollisionRule::default()) {
        n_issues.push(CollisionRule::default());
    }
    let wanted = Wanted {
        joint: (prunes && options.confident_joint.is_none()).then_some(options.collision),
        n_issues,
        surveys: keys.iter().copied().filter(|&key| SelectionSurvey::memory(key, k) <= MOST_SURVEY).collect(),
    };
    let (counted, surveys) = if wanted.is_nothing() {
        (Counted::default(), Vec::new())
    } else {
        count(passes, &found.thresholds, &wanted)?
    };
    let rule = match options.filter_by {
        FilterBy::PredictedNeqGiven => Rule::Unpredicted,
        FilterBy::ConfidentLearning => Rule::Confident(found.thresholds.clone(), options.collision),
        _ => {
            let plans: Vec<SelectionPlan> = if let (true, &[key]) = (is_low, keys) {
                vec![SelectionPlan::new(
                    key,
                    k,
                    [(0, counted.n_issues(options.collision).unwrap_or_default())],
                )]
            } else {
                let prune_counts = match (&options.confident_joint, &counted.joint) {
                    (Some(joint), _) => PruneCounts::new(joint, found.label_counts.clone(), options)?,
                    (None, joint) => {
                        let raw = joint.as_ref().ok_or_else(|| StreamError::sink("no joint was counted"))?;
                        let joint = calibrate_confident_joint(raw, &found.label_counts)?;
                        PruneCounts::new(&joint, found.label_counts.clone(), options)?
                    }
                };
                prune_warning = prune_counts.warning();
                keys.iter()
                    .map(|key| match key {
                        SelectionKey::MarginOfPair => prune_counts.by_noise_rate(),
                        _ => prune_counts.by_class(),
                    })
                    .collect()
            };
            let selections = bounds(passes, &plans, &surveys)?;
            Rule::Selected { selections, spares_predicted: !is_low }
        }
    };
    Ok(Decision { rule, thresholds: Some(found), counted, option_warnings, prune_warning })
}

/// Finds where the selections end.
fn bounds(
    passes: &mut Passes<'_>,
    plans: &[SelectionPlan],
    surveys: &[SelectionSurvey],
) -> Result<Vec<Option<SelectionBounds>>, StreamError> {
    let mut cuts: Vec<Option<SelectionCuts>> =
        plans.iter().map(|plan| surveys.iter().find_map(|survey| survey.cuts_for(plan))).collect();
    let lacking: Vec<&SelectionPlan> = plans
        .iter()
        .zip(&cuts)
        .filter(|(plan, cuts)| cuts.is_none() && !plan.is_empty())
        .map(|(plan, _)| plan)
        .collect();
    let large: Vec<&SelectionPlan> = lacking.iter().copied().filter(|plan| plan.needs_histogram()).collect();
    let mut histograms = if large.is_empty() {
        Vec::new()
    } else {
        if !surveys.is_empty() {
            passes.expect_another();
        }
        many(passes, || large.iter().map(|plan| SelectionHistogram::new(plan)).collect())?
    }
    .into_iter();
    for (plan, cuts) in plans.iter().zip(&mut cuts).filter(|(plan, cuts)| cuts.is_none() && !plan.is_empty())
    {
        let counted = if plan.needs_histogram() { histograms.next().map(Accumulator::finish) } else { None };
        *cuts = Some(counted.unwrap_or_else(|| SelectionCuts::without_histogram(plan)));
    }
    let wanted: Vec<&SelectionCuts> = plans
        .iter()
        .zip(&cuts)
        .filter(|(plan, _)| !plan.is_empty())
        .filter_map(|(_, cuts)| cuts.as_ref())
        .collect();
    let mut found = if wanted.is_empty() {
        Vec::new()
    } else {
        let floored = many(passes, || {
            wanted.iter().map(|cuts| SelectionBoundary::of_positive_margins(cuts)).collect()
        })?;
        if floored.iter().all(SelectionBoundary::is_complete) {
            floored
        } else {
            passes.expect_another();
            many(passes, || wanted.iter().map(|cuts| SelectionBoundary::new(cuts)).collect())?
        }
    }
    .into_iter();
    let bounds_of = |plan: &SelectionPlan| {
        if plan.is_empty() { None } else { found.next().map(Accumulator::finish) }
    };
    Ok(plans.iter().map(bounds_of).collect())
}

/// Several accumulators of a kind in one pass.
struct Several<A>(Vec<A>);

impl<A: Accumulator> Worker for Several<A> {
    type Row = ();

    fn visit<F: Float>(&mut self, batch: &Batch<'_, F>, _: &mut Vec<()>) -> Result<(), StreamError> {
        self.0.iter_mut().try_for_each(|pass| Ok(pass.update(batch)?))
    }
}

fn many<A: Accumulator>(
    passes: &mut Passes<'_>,
    make: impl Fn() -> Vec<A> + Sync,
) -> Result<Vec<A>, StreamError> {
    let mut workers = passes.run(|| Several(make()), None)?.into_iter();
    let mut all = workers.next().map_or_else(&make, |worker| worker.0);
    for worker in workers {
        for (all, part) in all.iter_mut().zip(worker.0) {
            all.merge(part)?;
        }
    }
    Ok(all)
}
