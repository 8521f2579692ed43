//! What came of a bad input, and whether that is what is documented.

use std::any::type_name;
use std::error::Error;
use std::fmt::Debug;

/// A bad input with its answer.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    /// The command, or the function with its crate in front.
    pub(crate) subject: String,
    /// What is bad, in words.
    pub(crate) input: String,
    /// The exit status, or the error's type and variant; none for a result of a function.
    pub(crate) kind: String,
    /// The message or the result.
    pub(crate) answer: String,
    /// What the answer has to name: the place, the value, the bound, the remedy.
    pub(crate) says: Vec<String>,
    /// What is wrong beside that.
    pub(crate) fault: Option<String>,
}

impl Answered {
    /// What is not as documented.
    pub(crate) fn complaint(&self) -> Option<String> {
        let Self { subject, input, kind, answer, says, fault } = self;
        let told = format!("{subject}, {input}: {kind}: {answer}");
        if let Some(fault) = fault {
            return Some(format!("{told}\n  {fault}"));
        }
        let unsaid: Vec<&String> = says.iter().filter(|words| !answer.contains(*words)).collect();
        (!unsaid.is_empty()).then(|| format!("{told}\n  does not say {unsaid:?}"))
    }
}

/// Answers of functions, in the order in which they are asked.
#[derive(Default)]
pub(crate) struct Answers(pub(crate) Vec<Answered>);

impl Answers {
    /// A result that has to be an error whose message has all of these words.
    pub(crate) fn refuses<T, E: Error>(
        &mut self,
        subject: &str,
        input: &str,
        result: Result<T, E>,
        says: &[&str],
    ) {
        let (kind, answer, fault) = match result {
            Ok(_) => (String::new(), "a result".to_owned(), Some("it is not refused".to_owned())),
            Err(error) => (format!("{}, {}", short_name::<E>(), variant(&error)), error.to_string(), None),
        };
        let fault = fault.or_else(|| says.is_empty().then(|| "no words are asked for".to_owned()));
        self.push(subject, input, kind, answer, says, fault);
    }

    /// A result that is documented: these numbers, to twelve digits.
    pub(crate) fn gives(
        &mut self,
        subject: &str,
        input: &str,
        numbers: impl IntoIterator<Item = f64>,
        expected: &[f64],
    ) {
        let found: Vec<f64> = numbers.into_iter().collect();
        let is_near =
            |(found, expected): (&f64, &f64)| (found - expected).abs() <= 1e-12 * expected.abs().max(1.0);
        let fault = if found.iter().any(|number| number.is_nan()) {
            Some("NaN is no answer".to_owned())
        } else if found.len() != expected.len() || !found.iter().zip(expected).all(is_near) {
            Some(format!("{found:?} is not {expected:?}"))
        } else {
            None
        };
        let answer = expected.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        self.push(subject, input, "result".to_owned(), answer, &[], fault);
    }

    fn push(
        &mut self,
        subject: &str,
        input: &str,
        kind: String,
        answer: String,
        says: &[&str],
        fault: Option<String>,
    ) {
        let says = says.iter().map(|&words| words.to_owned()).collect();
        self.0.push(Answered { subject: subject.into(), input: input.into(), kind, answer, says, fault });
    }
}

/// The name of a type without its path.
fn short_name<T>() -> &'static str {
    let name = type_name::<T>();
    name.rsplit("::").next().unwrap_or(name)
}

/// The innermost variant: `NanProbability` of `Input(NanProbability { row: 1, column: 0 })`.
fn variant(error: &impl Debug) -> String {
    let text = format!("{error:?}");
    let mut rest = text.as_str();
    loop {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let inner = rest[end..].strip_prefix('(').unwrap_or("");
        if !inner.starts_with(|c: char| c.is_ascii_uppercase()) {
            return rest[..end].to_owned();
        }
        rest = inner;
    }
}
