"""Times audits of this workspace and of cleanlab 2.9.0's Datalab in turns, on the same arrays in the same run.

Run by `cargo xtask bench datalab`. An audit is what a user waits for: the default checks with features and predicted
probabilities, from labels to results. Both sides run in processes of their own, which hold the arrays in memory before
their clock starts: this workspace with exact and with approximate neighbours, cleanlab with its default `n_jobs`, once
with one thread for its linear algebra and once with all. Ratios are to the faster of cleanlab's two in that round.

Prints, per shape, seconds, CPU seconds, peak memory (input included) as a multiple of the input, the recall of the
approximate neighbours over all rows, and whether both sides found the same numbers of issues; writes all figures to
`datalab.json` in the data folder, and with `--document` the section of that document.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time
import warnings

import numpy as np

K = 10
HEADING = "## Audits: `cargo xtask bench datalab`"


def make_data(n, d, seed=0):
    """What embeddings look like: 200 clusters of few dimensions, turned into many, with some noise in all of them. A
    cluster belongs to a class, 5 % of the labels are wrong, 1 % of the rows are near duplicates, 0.5 % lie far out."""
    rng = np.random.default_rng(seed)
    latent = min(d, 24)
    cluster = rng.integers(0, 200, n)
    z = 4 * rng.standard_normal((200, latent))[cluster] + rng.standard_normal((n, latent))
    far = rng.random(n) < 0.005
    z[far] += 12 * rng.standard_normal((int(far.sum()), latent))
    x = z @ rng.standard_normal((latent, d)) / np.sqrt(latent) + 0.1 * rng.standard_normal((n, d))
    copied = np.flatnonzero(rng.random(n) < 0.01)
    x[copied] = x[rng.integers(0, n, len(copied))] + 1e-6 * rng.standard_normal((len(copied), d))
    true = cluster % K
    labels = np.where(rng.random(n) < 0.05, rng.integers(0, K, n), true)
    p = rng.standard_exponential((n, K))
    p[np.arange(n), true] += 2 * K * rng.random(n)
    return x, p / p.sum(axis=1, keepdims=True), labels


class Side:
    """A process that answers requests."""

    def __init__(self, name, command, **environment):
        self.name = name
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
        )
        assert self.process.stdout.readline().strip() == "ready", name

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


# The process that runs cleanlab.


def peak_memory(restart=False):
    if restart:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
    status = pathlib.Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


def serve_cleanlab(paths):
    warnings.simplefilter("ignore")
    features, pred_probs, labels = (np.load(path) for path in paths)
    answers, sys.stdout = sys.stdout, sys.stderr
    from cleanlab import Datalab

    graph = None
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        request = line.strip()
        float(features.sum() + pred_probs.sum())
        peak_memory(restart=True)
        cpu, start = time.process_time(), time.perf_counter()
        lab = Datalab(data={"y": labels}, label_name="y", verbosity=0)
        if request == "audit":
            lab.find_issues(features=features, pred_probs=pred_probs)
        else:
            lab.find_issues(knn_graph=graph, issue_types={request: {}})
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        if request == "audit":
            graph = lab.get_info("statistics")["weighted_knn_graph"]
        issues = {line.issue_type: int(line.num_issues) for line in lab.get_issue_summary().itertuples()}
        answer = {"seconds": seconds, "cpu_seconds": cpu, "peak_bytes": peak_memory(), "issues": issues}
        print(json.dumps(answer), file=answers, flush=True)


# The comparison.


def ratio_of(theirs, ours):
    ratios = [b / a for a, b in zip(ours, theirs)]
    return f"{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"


def median(answers, key="seconds"):
    return statistics.median(answer[key] for answer in answers)


def duration(seconds):
    return f"{1000 * seconds:.1f} ms" if seconds < 0.1 else f"{seconds:.2f} s"


def differences(mine, theirs):
    differing = [
        f"{name} {mine.get(name)} / {count}" for name, count in theirs.items() if mine.get(name) != count
    ]
    return ", ".join(differing) or "same"


class Comparison:
    def __init__(self, arguments, n, d):
        self.arguments, self.n, self.d = arguments, n, d
        arrays = make_data(n, d)
        self.input_bytes = sum(array.nbytes for array in arrays)
        self.paths = []
        for name, array in zip(("features", "pred_probs", "labels"), arrays):
            path = arguments.data / f"datalab_{name}.npy"
            np.save(path, array)
            self.paths.append(str(path))
        del arrays
        self.ours = Side("here", [arguments.program, *self.paths], GLIBC_TUNABLES="glibc.malloc.hugetlb=1")
        server = [sys.executable, __file__, "--serve-cleanlab", *self.paths]
        threads = {1, os.cpu_count() or 1}
        self.theirs = [
            Side(f"cleanlab, {count} threads", server, OMP_NUM_THREADS=str(count), OPENBLAS_NUM_THREADS=str(count))
            for count in sorted(threads)
        ]

    def close(self):
        for side in [self.ours, *self.theirs]:
            side.close()

    def rounds(self, requests, reference):
        """The answers of each round: ours by request, and each of cleanlab's."""
        answers = {request: [] for request in requests} | {side.name: [] for side in self.theirs}
        for _ in range(self.arguments.rounds):
            for request in requests:
                answers[request].append(self.ours.ask(request))
            for side in self.theirs:
                answers[side.name].append(side.ask(reference))
        return answers

    def compare(self, requests, reference):
        answers = self.rounds(requests, reference)
        names = [side.name for side in self.theirs]
        fastest = [
            min((answers[name][i] for name in names), key=lambda answer: answer["seconds"])
            for i in range(self.arguments.rounds)
        ]
        lines = []
        for request in requests:
            mine = answers[request]
            line = {
                "rows": self.n,
                "features": self.d,
                "request": request,
                "input_bytes": self.input_bytes,
                "here": mine,
                "cleanlab": {name: answers[name] for name in names},
                "ratio": ratio_of([a["seconds"] for a in fastest], [a["seconds"] for a in mine]),
                "cpu_ratio": ratio_of(
                    [min(answers[name][i]["cpu_seconds"] for name in names) for i in range(len(mine))],
                    [max(a["cpu_seconds"], 0.01) for a in mine],
                ),
                "issues": differences(mine[-1]["issues"], fastest[-1]["issues"]),
                "failed": mine[-1]["failed"],
            }
            lines.append(line)
            self.show(line)
        return lines

    def show(self, line):
        mine = line["here"]
        shape = f"{self.n:,} × {self.d}"
        text = f"{shape:<14}{line['request']:<20}{duration(median(mine)):>10} ({median(mine, 'cpu_seconds'):.1f} CPU s)"
        for name, answers in line["cleanlab"].items():
            text += f"  {name}: {duration(median(answers))} ({median(answers, 'cpu_seconds'):.1f} CPU s)"
        text += f"  ratio {line['ratio']}, of CPU time {line['cpu_ratio']}"
        text += f"  memory {self.memory(mine)} / {self.memory(next(iter(line['cleanlab'].values())))}"
        if mine[-1]["recall"] is not None:
            text += f"  recall {min(answer['recall'] for answer in mine):.5f}"
        print(text + f"  issues: {line['issues']}", flush=True)
        for reason in line["failed"]:
            print(f"  failed: {reason}", flush=True)

    def memory(self, answers):
        return f"{max(answer['peak_bytes'] for answer in answers) / self.input_bytes:.1f}"


def section(lines):
    """The document's section."""
    text = f"""{HEADING}

Labels, features and predicted probabilities of {K} classes in, the results of all default checks out; all in f64, against
cleanlab's `Datalab` at its defaults, with one thread and with all for its linear algebra, whichever is faster. The data
are like embeddings: 200 clusters of 24 dimensions turned into as many as there are, with noise in all of them, 1 % near
duplicates, 0.5 % far out, 5 % wrong labels. Memory is the most that the process held, its input included, as a multiple of
the input. Recall is that of all rows' neighbours. Single checks have the neighbours given.

| rows × features | what | here | cleanlab | ratio | ratio of CPU time | memory here / there | recall |
|---|---|---|---|---|---|---|---|
"""
    for line in lines:
        theirs = min(line["cleanlab"].values(), key=median)
        memory = [
            f"{max(answer['peak_bytes'] for answer in side) / line['input_bytes']:.1f}"
            for side in (line["here"], next(iter(line["cleanlab"].values())))
        ]
        recall = [answer["recall"] for answer in line["here"]]
        cells = [
            f"{line['rows']:,} × {line['features']}",
            line["request"] if " " in line["request"] else f"`{line['request']}` alone",
            duration(median(line["here"])),
            duration(median(theirs)),
            line["ratio"],
            line["cpu_ratio"],
            " / ".join(memory),
            "–" if recall[0] is None else f"{min(recall):.4f}",
        ]
        text += f"| {' | '.join(cells)} |\n"
    differing = [line for line in lines if line["issues"] != "same"]
    found = "\nBoth sides find the same numbers of issues in all of them.\n" if not differing else "".join(
        f"\n{line['request']}, {line['rows']:,} × {line['features']}: {line['issues']} issues here / there.\n"
        for line in differing
    )
    return text + found + "\n"


def write_section(path, text):
    document = path.read_text()
    pattern = re.compile(re.escape(HEADING) + r".*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    if pattern.search(document):
        document = pattern.sub(lambda _: text, document)
    else:
        before = document.index("## Values of examples")
        document = document[:before] + text + document[before:]
    path.write_text(document)


def main():
    if sys.argv[1:2] == ["--serve-cleanlab"]:
        serve_cleanlab(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--document", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.data.mkdir(parents=True, exist_ok=True)
    shapes, n_valued = [(50_000, 2), (50_000, 64), (50_000, 512)], 20_000
    if arguments.quick:
        shapes, n_valued = [(2_000, 2), (2_000, 64)], 1_000
    lines = []
    for n, d in shapes:
        comparison = Comparison(arguments, n, d)
        audits = ["audit exact", "audit approximate"] if d > 2 else ["audit exact"]
        lines += comparison.compare(audits, "audit")
        if d == 64:
            lines += comparison.compare(["non_iid"], "non_iid")
        comparison.close()
    # cleanlab holds a matrix of rows × rows.
    comparison = Comparison(arguments, n_valued, 2)
    for side in [comparison.ours, *comparison.theirs]:
        side.ask("audit exact" if side is comparison.ours else "audit")
    lines += comparison.compare(["data_valuation"], "data_valuation")
    comparison.close()
    (arguments.data / "datalab.json").write_text(json.dumps(lines, indent=1))
    if arguments.document:
        write_section(arguments.document, section(lines))


if __name__ == "__main__":
    main()
