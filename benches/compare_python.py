"""The Python package beside cleanlab, as a user calls both, and beside the same call in Rust.

Every round has a turn of each: `cleanlab_rs` in one process of Python, cleanlab in another, and the Rust call by
`time_calls`, on the same arrays. Each call gives two lines: how many times as fast as cleanlab, and whether what Python
adds to the Rust call stays under 1 ms plus 1 %.
"""

import dataclasses
import importlib
import subprocess
import sys

import interleaved
import made_data
import numpy as np
from interleaved import CORES, Comparison, Side, arguments_of, record, same, serve, show, within

ADDED = "Rust call + 1 % + 1 ms"
RATIO = {"ratio": 10}
# Below this many bytes both sides spend their time on the call itself, so that only what Python adds is judged.
TINY = 100_000


@dataclasses.dataclass
class Call:
    """A call by the name of a function below, and the one of `time_calls` that does the same work, if there is one."""

    work: str
    name: str
    argument: str = ""
    rust: str = ""
    agreement: object = None
    peer_settings: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Data:
    name: str
    make: object
    calls: list
    inputs: tuple
    quick: bool = False


def calls_of(package):
    """The Python side of every call, in one of the two packages."""

    def function(module, name):
        return getattr(importlib.import_module(f"{package}.{module}"), name)

    def label_issues(arrays, method, **settings):
        return function("filter", "find_label_issues")(arrays.labels, arrays.pred_probs, filter_by=method, **settings)

    def label_scores(arrays, method):
        return function("rank", "get_label_quality_scores")(arrays.labels, arrays.pred_probs, method=method)

    def confident_joint(arrays, _):
        return function("count", "compute_confident_joint")(arrays.labels, arrays.pred_probs)

    def thresholds(arrays, _):
        return function("count", "get_confident_thresholds")(arrays.labels, arrays.pred_probs)

    def health(arrays, _):
        function("dataset", "health_summary")(arrays.labels, arrays.pred_probs, verbose=False)
        return []

    def multilabel_issues(arrays, method, **settings):
        found = function("multilabel_classification.filter", "find_label_issues")
        return found(arrays.kept["lists"], arrays.pred_probs, filter_by=method, **settings)

    def outliers(arrays, _):
        return function("outlier", "OutOfDistribution")().fit_score(features=arrays.features, verbose=False)

    def shapley(arrays, _):
        return function("data_valuation", "data_shapley_knn")(arrays.labels, features=arrays.features)

    def audit(arrays, _):
        lab = importlib.import_module(package).Datalab(data={"y": arrays.labels}, label_name="y", verbosity=0)
        lab.find_issues(features=arrays.features, pred_probs=arrays.pred_probs)
        return lab.get_issue_summary().sort_values("issue_type")["num_issues"].to_numpy()

    def prepare(arrays):
        if hasattr(arrays, "onehot"):
            arrays.kept["lists"] = [np.flatnonzero(row).tolist() for row in arrays.onehot]
        if hasattr(arrays, "features") and hasattr(arrays, "pred_probs"):
            few = type("Few", (), {})()
            few.features, few.pred_probs, few.labels = arrays.features[:300], arrays.pred_probs[:300], arrays.labels[:300]
            audit(few, "")

    names = ["filter", "rank", "count", "dataset", "outlier", "data_valuation", "multilabel_classification.filter"]
    found = {call.__name__: call for call in (label_issues, label_scores, confident_joint, thresholds, health,
                                              multilabel_issues, outliers, shapley, audit)}
    return {"imports": [f"{package}.{name}" for name in names], "prepare": prepare, **found}


def data_sets():
    for n, k in [(150, 3), (50_000, 10), (1_000_000, 10), (100_000, 1000)]:
        yield Data(
            f"{n:,} × {k:,}, f64",
            lambda n=n, k=k: made_data.class_labels(n, k, np.float64),
            [
                Call("`find_label_issues`", "label_issues", "prune_by_noise_rate", "labels.find_label_issues", same),
                Call("`get_label_quality_scores`", "label_scores", "self_confidence", "labels.get_label_quality_scores",
                     within(1e-12)),
                Call("`compute_confident_joint`", "confident_joint", "", "labels.compute_confident_joint", same),
                Call("`get_confident_thresholds`", "thresholds", "", "labels.get_confident_thresholds", within(1e-12)),
                Call("`health_summary`", "health", "", "labels.health_summary"),
            ],
            ("pred_probs",),
            quick=n <= 50_000,
        )
    yield Data(
        "50,000 × 10 sets of classes, f64",
        lambda: made_data.class_sets(50_000, 10, np.float64),
        [Call("`find_label_issues`", "multilabel_issues", "prune_by_noise_rate", "multilabel.find_label_issues", same)],
        ("pred_probs",),
    )
    for n in (2_000, 20_000):
        yield Data(
            f"{n:,} × 64 features",
            lambda n=n: made_data.audited(n, 64),
            [
                Call("`OutOfDistribution`", "outliers", "", "", within(1e-8)),
                Call("`data_shapley_knn`", "shapley", "10", "neighbors.shapley_of_features", within(1e-9)),
                Call("`Datalab`, default checks", "audit", "", "", same),
            ],
            ("features",),
            quick=n == 2_000,
        )


class PythonComparison(Comparison):
    """Our side is Python too; the Rust call is a third one."""

    def here(self, huge_pages=True):
        return Side([sys.executable, self.script, "--serve-here", self.folder], CORES, huge_pages)

    def side(self, threads):
        if threads == "rust" and "rust" not in self.sides:
            self.sides["rust"] = Side([self.arguments.program, self.folder], CORES)
        return self.sides["rust"] if threads == "rust" else super().side(threads)

    def ask_rust(self, call):
        return self.side("rust").ask(call=call.rust, argument=call.argument, threads=0, keep=None)["seconds"]

    def ask_python(self, side, call, **options):
        settings = call.peer_settings if side else {}
        return self.side(side).ask(call=call.name, argument=call.argument, settings=settings, **options)

    def measure(self, call):
        here, there, rust, memory = [], [], [], [0, 0]
        for side in (0, CORES):  # calls that are not counted: the first in a process pays for more than its work
            self.ask_python(side, call)
        if call.rust:
            self.ask_rust(call)
        for turn in range(self.arguments.rounds):
            for at, (side, seconds) in enumerate([(0, here), (CORES, there)]):
                keep = str(self.answer(f"side_{at}")) if turn == 0 else None
                reply = self.ask_python(side, call, keep=keep)
                seconds.append(reply["seconds"])
                memory[at] = max(memory[at], reply["growth"])
            if call.rust:
                rust.append(self.ask_rust(call))
        agrees, agreement = self.agreement_of(call)
        line = {
            "work": call.work,
            "data": self.data_set.name,
            "threads": "all",
            "here": here,
            "peers": {"cleanlab": there},
            "memory_here": memory[0],
            "memory_peer": memory[1],
            "input": self.input_bytes,
            "limits": {},
            "target": RATIO if self.input_bytes > TINY else None,
            "agrees": agrees,
            "agreement": agreement,
        }
        yield line
        if call.rust:
            limits = {ADDED: [1.01 * seconds + 0.001 for seconds in rust]}
            more = {"work": f"{call.work}, beside Rust", "peers": {}, "limits": limits, "target": {"limit": 1}}
            yield {**line, **more, "memory_here": None, "memory_peer": None, "agreement": ""}

    def agreement_of(self, call):
        if call.agreement is None:
            return True, ""

        def defined():
            self.ask_python(CORES, call, keep=str(self.answer("defined")), as_defined=True)
            return np.load(self.answer("defined")).ravel()

        defined.how = self.how_defined
        here, there = (np.load(self.answer(f"side_{at}")).ravel() for at in (0, 1))
        return call.agreement(here, there, defined)


IMPORT = "import time; start = time.perf_counter(); import {0}; print(time.perf_counter() - start)"


def importing(rounds):
    """`import`, NumPy's own import included, in processes of their own."""

    def seconds(package):
        done = subprocess.run([sys.executable, "-c", IMPORT.format(package)], capture_output=True, text=True, check=True)
        return float(done.stdout)

    both = {"cleanlab_rs": [], "cleanlab": []}
    for package in both:
        seconds(package)  # reads the files into memory
    for _ in range(rounds):
        for package, taken in both.items():
            taken.append(seconds(package))
    return {
        "work": "`import`",
        "data": "whole processes",
        "threads": "all",
        "here": both["cleanlab_rs"],
        "peers": {"cleanlab": both["cleanlab"]},
        "memory_here": None,
        "memory_peer": None,
        "input": 0,
        "limits": {"150 ms": [0.15] * rounds},
        "target": {"limit": 1},
        "agrees": True,
        "agreement": "",
    }


def main():
    parser = arguments_of(__doc__)
    parser.add_argument("--serve-here", help="answer as the package, with the arrays of this folder")
    parser.add_argument("--only", default="", help="measure again only what has this text in its data or work")
    arguments = parser.parse_args()
    if arguments.serve or arguments.serve_here:
        package = "cleanlab_rs" if arguments.serve_here else "cleanlab"
        serve(arguments.serve_here or arguments.serve, calls_of(package))
        return
    arguments.group = "python"
    if arguments.quick:
        arguments.rounds = min(arguments.rounds, 2)
    lines = []
    earlier = interleaved.json.loads(arguments.json.read_text())["rows"] if arguments.only else []
    for data_set in data_sets():
        if arguments.quick and not data_set.quick:
            continue
        chosen = [call for call in data_set.calls if arguments.only in f"{data_set.name} {call.work}"]
        comparison = PythonComparison(arguments, __file__, data_set) if chosen else None
        for call in data_set.calls:
            if call in chosen:
                for line in comparison.measure(call):
                    show(line)
                    lines.append(line)
            else:
                works = (call.work, f"{call.work}, beside Rust")
                lines += [line for line in earlier if line["data"] == data_set.name and line["work"] in works]
        if comparison:
            comparison.close()
    if arguments.only in "whole processes `import`":
        lines.append(importing(max(arguments.rounds, 5)))
        show(lines[-1])
    else:
        lines += [line for line in earlier if line["data"] == "whole processes"]
    record(arguments.json, "python", arguments.rounds, lines)


if __name__ == "__main__":
    main()
