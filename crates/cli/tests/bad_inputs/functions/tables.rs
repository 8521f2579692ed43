//! Of `cleanlab-table` and `cleanlab-stream`.

use cleanlab_count::{ConfidentJointOptions, EstimationMethod, LatentOptions};
use cleanlab_dataset::Symmetry;
use cleanlab_filter::{ArgmaxConfusionOptions, FindLabelIssuesOptions};
use cleanlab_rank::LabelQualityMethod;
use cleanlab_stream as stream;
use cleanlab_stream::{
    FileSource, LabelAuditOptions, MemorySource, ParquetOptions, ProbsSource, StreamOptions,
};
use cleanlab_table::{
    AnyArray, ArrayOptions, ArrayRows, FeatureOptions, LabelOptions, ParquetRows, ReadOptions, ResultColumn,
    ResultTable, RowCopy, Source, Table, TableError, read_array, read_labels, read_pred_probs,
};
use ndarray::array;

use super::paired;
use crate::answers::Answers;

pub(super) fn ask(of: &mut Answers) {
    readers(of);
    columns(of);
    arrays(of);
    results(of);
    streams(of);
    stream_files(of);
}

fn source(content: &str, name: &str) -> Source {
    Source::from_bytes(content.as_bytes().to_vec(), name)
}

fn table(csv: &str) -> Table {
    Table::read(source(csv, "t.csv"), &ReadOptions::default()).unwrap()
}

fn readers(of: &mut Answers) {
    let read = "cleanlab-table::Table::read";
    let mut ask = |input: &str, name: &str, content: &str, says: &[&str]| {
        of.refuses(read, input, Table::read(source(content, name), &ReadOptions::default()), says);
    };
    ask("nothing", "t.csv", "", &["t.csv is empty", "written to the end"]);
    ask("a header alone", "t.csv", "a,b\n", &["2 columns but no rows"]);
    ask("a field too many", "t.csv", "a,b\n1,2,3\n", &["line 2: 3 fields where the header has 2", "quote"]);
    ask("an open quote", "t.csv", "a,b\n1,\"2\n", &["line 2", "never closed"]);
    ask("a column twice", "t.csv", "a,a\n1,2\n", &["more than one column named \"a\"", "rename"]);
    ask("a JSON record that is a number", "t.jsonl", "{\"a\": 1}\n2\n", &["line 2", "one JSON object"]);
    ask("an array of JSON that is not closed", "t.json", "[{\"a\": 1}", &["t.json", "line 1"]);
    ask("text by the name of a Parquet file", "t.parquet", "a,b\n1,2\n", &["should be", "rename the file"]);
    let delimiter = ReadOptions::default().with_delimiter(b'"');
    of.refuses(
        read,
        "a quote as what separates fields",
        Table::read(source("a,b\n1,2\n", "t.csv"), &delimiter),
        &["cannot separate fields", "ASCII"],
    );
    of.refuses(
        "cleanlab-table::RowCopy::of",
        "a row that there is not",
        RowCopy::of(source("a\n1\n", "t.csv"), &[1], &ReadOptions::default()),
        &["row 1", "1 rows"],
    );
    of.refuses(
        "cleanlab-table::Source::format",
        "a file of no known kind",
        source("", "t.xyz").format(&ReadOptions::default()),
        &["t.xyz"],
    );
    let labels = |name: &str, content: &str| read_labels(source(content, name), &ArrayOptions::default());
    of.refuses(
        "cleanlab-table::read_labels",
        "a missing label",
        labels("y.txt", "0\n\n1\n"),
        &["row 1", "missing"],
    );
    of.refuses(
        "cleanlab-table::read_labels",
        "several columns",
        labels("y.csv", "a,b\n1,2\n"),
        &["2 columns", "name the one to use"],
    );
    let probs = |content: &str| read_pred_probs(source(content, "p.csv"), &ArrayOptions::default());
    of.refuses(
        "cleanlab-table::read_pred_probs",
        "text among probabilities",
        probs("a,b\n0.5,0.5\n0.5,0.5\n0.5,high\n"),
        &["column \"b\", row 2", "high", "correct it"],
    );
    of.refuses(
        "cleanlab-table::read_pred_probs",
        "no header",
        probs("0.9,0.1\n0.2,0.8\n"),
        &["no header", "add a line"],
    );
    of.refuses(
        "cleanlab-table::read_pred_probs",
        "a missing value",
        probs("a,b\n0.5,0.5\n,0.5\n"),
        &["column \"a\", row 1", "missing"],
    );
}

fn columns(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-table::Table::{function}");
    let of_table = table("x,y,z\n1,a,\n2,b,c\n");
    of.refuses(
        &name("column"),
        "a column that there is not",
        of_table.column("w"),
        &["no column \"w\"", "\"x\""],
    );
    of.refuses(&name("take_rows"), "a row that there is not", of_table.take_rows(&[2]), &["row 2", "2 rows"]);
    let labels = |table: &Table, column: &str| table.labels(column, &LabelOptions::default());
    of.refuses(
        &name("labels"),
        "a label that is missing",
        labels(&of_table, "z"),
        &["\"z\"", "1 of 2 rows", "row 0", "drop such rows"],
    );
    of.refuses(
        &name("labels"),
        "labels of one class",
        labels(&table("y\na\na\n"), "y"),
        &["\"y\"", "only the class \"a\"", "at least 2 classes"],
    );
    let few = LabelOptions::default().with_max_classes(2);
    of.refuses(
        &name("labels"),
        "more classes than allowed",
        table("y\na\nb\nc\n").labels("y", &few),
        &["3 different values", "more than the 2 allowed"],
    );
    let features = |csv: &str| table(csv).features(&FeatureOptions::default());
    of.refuses(
        &name("features"),
        "a feature that is infinite",
        features("x\n1.5\ninf\n2.5\n"),
        &["column \"x\", row 1 is inf", "replace infinite values"],
    );
    of.refuses(
        &name("features"),
        "no column to use",
        features("x\n1.5\n1.5\n"),
        &["no column can be used", "\"x\""],
    );
    of.refuses(&name("from_record_batches"), "no batch", Table::from_record_batches("t", &[]), &["t"]);
}

fn arrays(of: &mut Answers) {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000), }\n";
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    let read = |bytes: Vec<u8>| read_array(Source::from_bytes(bytes, "x.npy"), &ArrayOptions::default());
    of.refuses(
        "cleanlab-table::read_array",
        "a shape that is not there",
        read(bytes.clone()),
        &["x.npy declares", "made to exhaust memory"],
    );
    of.refuses(
        "cleanlab-table::read_array",
        "half a header",
        read(bytes[..20].to_vec()),
        &["x.npy", "truncated"],
    );
    of.refuses(
        "cleanlab-table::read_array",
        "a table",
        read_array(source("a\n1\n", "x.csv"), &ArrayOptions::default()),
        &["x.csv is CSV, not an array", "give a .npy"],
    );
    let vector = || AnyArray::F64(array![1.0, 2.0].into_dyn());
    of.refuses(
        "cleanlab-table::AnyArray::into_pred_probs",
        "one dimension",
        vector().into_pred_probs(),
        &["[2]", "pred_probs must be"],
    );
    let matrix = AnyArray::F64(array![[1.0, 2.0]].into_dyn());
    of.refuses(
        "cleanlab-table::AnyArray::into_labels",
        "two dimensions",
        matrix.into_labels("y.npy"),
        &["[1, 2]", "labels must be"],
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.npy"), &bytes).unwrap();
    let shown = |error: TableError| error.to_string();
    let opened = ArrayRows::open(folder.path().join("x.npy")).map_err(shown);
    assert!(opened.is_err_and(|error| error.contains("declares")), "a shape that is not there");
    let opened = ParquetRows::open(folder.path().join("x.npy")).map_err(shown);
    assert!(opened.is_err_and(|error| error.contains("x.npy")), "no Parquet file");
}

fn results(of: &mut Answers) {
    let push = "cleanlab-table::ResultTable::push";
    let mut table = ResultTable::default();
    table.push("a", ResultColumn::integers([1, 2])).unwrap();
    of.refuses(
        push,
        "a value too few",
        table.push("b", ResultColumn::integers([1])),
        &["\"b\" has 1 rows", "2 are needed"],
    );
    of.refuses(
        push,
        "a name that there is already",
        table.push("a", ResultColumn::integers([1, 2])),
        &["\"a\" already", "a name of its own"],
    );
}

fn streams(of: &mut Answers) {
    let data = paired(&[1, 1, 1], array![[0.5, 0.5], [0.9, 0.1], [0.2, 0.8]]);
    let source = MemorySource(&data);
    let source: &dyn ProbsSource = &source;
    let options = StreamOptions::default();
    let name = |function: &str| format!("cleanlab-stream::{function}");
    let says = ["every label is class 1", "at least 2 classes"];
    let input = "labels of one class";
    let mut flags: Vec<bool> = Vec::new();
    of.refuses(
        &name("num_label_issues"),
        input,
        stream::num_label_issues(source, &EstimationMethod::OffDiagonal, &options),
        &says,
    );
    of.refuses(
        &name("compute_confident_joint"),
        input,
        stream::compute_confident_joint(source, &ConfidentJointOptions::default(), &options),
        &says,
    );
    of.refuses(
        &name("estimate_joint_from_probabilities"),
        input,
        stream::estimate_joint_from_probabilities(source, &ConfidentJointOptions::default(), &options),
        &says,
    );
    of.refuses(
        &name("estimate_py_and_noise_matrices_from_probabilities"),
        input,
        stream::estimate_py_and_noise_matrices_from_probabilities(
            source,
            &ConfidentJointOptions::default(),
            &LatentOptions::default(),
            &options,
        ),
        &says,
    );
    of.refuses(&name("count_health"), input, stream::count_health(source, &options), &says);
    of.refuses(
        &name("health_summary"),
        input,
        stream::health_summary(source, Symmetry::Symmetric, &options),
        &says,
    );
    of.refuses(
        &name("overall_label_health_score"),
        input,
        stream::overall_label_health_score(source, &options),
        &says,
    );
    of.refuses(
        &name("find_label_issues"),
        input,
        stream::find_label_issues(source, &FindLabelIssuesOptions::default(), &options, &mut flags),
        &says,
    );
    of.refuses(
        &name("find_label_issues_using_argmax_confusion_matrix"),
        input,
        stream::find_label_issues_using_argmax_confusion_matrix(
            source,
            ArgmaxConfusionOptions::default(),
            &options,
            &mut flags,
        ),
        &says,
    );
    of.refuses(
        &name("audit_labels"),
        input,
        stream::audit_labels(source, &LabelAuditOptions::default(), &options, &mut Vec::new()),
        &says,
    );
    let good = paired(&[0, 1], array![[0.5, 0.5], [0.1, 0.9]]);
    let good: &dyn ProbsSource = &MemorySource(&good);
    let share = FindLabelIssuesOptions::default().with_frac_noise(f64::NAN);
    of.refuses(
        &name("find_label_issues"),
        "a share of NaN",
        stream::find_label_issues(good, &share, &options, &mut flags),
        &["frac_noise is NaN", "[0, 1]"],
    );
    let one = ConfidentJointOptions::default().with_thresholds(array![0.5]);
    of.refuses(
        &name("compute_confident_joint"),
        "a threshold too few",
        stream::compute_confident_joint(good, &one, &options),
        &["1 entries", "2 classes"],
    );
    of.refuses(
        &name("get_confident_thresholds"),
        input,
        stream::get_confident_thresholds(source, &options),
        &says,
    );
    let mut scores: Vec<f64> = Vec::new();
    stream::get_label_quality_scores(source, LabelQualityMethod::SelfConfidence, &options, &mut scores)
        .unwrap();
    of.gives(&name("get_label_quality_scores"), "labels of one class", scores, &[0.5, 0.1, 0.8]);
    stream::find_predicted_neq_given(source, &options, &mut flags).unwrap();
    of.gives(
        &name("find_predicted_neq_given"),
        "a tie",
        flags.iter().map(|&flag| f64::from(u8::from(flag))),
        &[1.0, 1.0, 0.0],
    );
}

fn stream_files(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-stream::FileSource::{function}");
    let parquet = ParquetOptions::default().with_label("y");
    of.refuses(
        &name("arrays"),
        "a file that is not there",
        FileSource::arrays("p.npy", "nowhere.npy"),
        &["nowhere.npy", "No such file"],
    );
    of.refuses(
        &name("files"),
        "a file that is not there",
        FileSource::files("p.npy", "nowhere.npy", &parquet),
        &["nowhere.npy", "No such file"],
    );
    of.refuses(
        &name("parquet"),
        "a file that is not there",
        FileSource::parquet("nowhere.parquet", &parquet),
        &["nowhere.parquet", "No such file"],
    );
}
