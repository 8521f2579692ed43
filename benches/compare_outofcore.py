"""Times cleanlab-stream over files, beside merely reading them and beside cleanlab's batched search, in the same run.

Makes ROWS x 10 float32 probabilities as NPY and as Parquet (with the labels as an int32 array and as a column), runs every
call of the program in turns with `reading`, and cleanlab.experimental.label_issues_batched.find_label_issues_batched on
the same memory-mapped arrays, and writes one JSON file, as `interleaved.py` does. The data are made below the folder --data
and deleted at the end.
"""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import threading
import time

import numpy as np
from interleaved import arguments_of, record

METHODS = [
    "prune_by_noise_rate",
    "prune_by_class",
    "both",
    "confident_learning",
    "predicted_neq_given",
    "low_normalized_margin",
    "low_self_confidence",
]
OTHERS = [
    "self_confidence",
    "normalized_margin",
    "confidence_weighted_entropy",
    "adjusted_self_confidence",
    "adjusted_normalized_margin",
    "joint",
    "num_label_issues",
    "health",
]
CLASSES = 10
CHUNK = 500_000
# Bytes of anonymous memory that any call may need: the pages of a mapped file are the system's.
MOST_MEMORY = 250e6


def make_data(folder, n):
    """A good but overconfident model on labels of which 15 % are wrong, part by part."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    probs = np.lib.format.open_memmap(folder / "p.npy", mode="w+", dtype=np.float32, shape=(n, CLASSES))
    labels = np.lib.format.open_memmap(folder / "y.npy", mode="w+", dtype=np.int32, shape=(n,))
    fields = [("label", pa.int32())] + [(f"p{k}", pa.float32()) for k in range(CLASSES)]
    with pq.ParquetWriter(folder / "data.parquet", pa.schema(fields)) as writer:
        for start in range(0, n, 2 * CHUNK):
            stop = min(n, start + 2 * CHUNK)
            for first in range(start, stop, CHUNK):
                rows = slice(first, min(stop, first + CHUNK))
                m = rows.stop - rows.start
                true = rng.integers(0, CLASSES, m)
                labels[rows] = np.where(rng.random(m) < 0.15, rng.integers(0, CLASSES, m), true)
                p = rng.standard_exponential((m, CLASSES), dtype=np.float32)
                p[np.arange(m), true] += (2 * CLASSES * rng.random(m)).astype(np.float32)
                p /= p.sum(axis=1, keepdims=True)
                probs[rows] = p
            columns = [pa.array(labels[start:stop])]
            columns += [pa.array(np.ascontiguousarray(probs[start:stop, k])) for k in range(CLASSES)]
            writer.write_table(pa.table(columns, names=[name for name, _ in fields]))
    probs.flush()
    labels.flush()


def anonymous_bytes():
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def watched(work):
    """Runs `work`; gives its result, its seconds, and the largest anonymous memory of this process meanwhile."""
    most, done = [anonymous_bytes()], threading.Event()

    def watch():
        while not done.wait(0.01):
            most[0] = max(most[0], anonymous_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    return result, seconds, most[0]


class Ours:
    def __init__(self, program, out, arguments, threads):
        environment = dict(os.environ)
        if threads == "one":
            environment["RAYON_NUM_THREADS"] = "1"
        self.process = subprocess.Popen(
            [program, out, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self.process.stdout.readline().strip() == "ready"

    def call(self, name):
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def batched(folder):
    from cleanlab.experimental.label_issues_batched import find_label_issues_batched

    labels = np.load(folder / "y.npy", mmap_mode="r")
    probs = np.load(folder / "p.npy", mmap_mode="r")
    return len(find_label_issues_batched(labels=labels, pred_probs=probs, verbose=False))


def main():
    parser = arguments_of(__doc__)
    parser.add_argument("--rows", type=int, help="default: 20 million, and 200,000 with --quick")
    parser.add_argument("--peer-rounds", type=int, help="rounds of cleanlab, which takes minutes; default: as --rounds")
    parser.add_argument("--threads", nargs="*", default=["one", "all"])
    parser.add_argument("--keep", action="store_true", help="do not delete the data")
    options = parser.parse_args()
    if options.quick:
        options.rounds = min(options.rounds, 2)
    options.rows = options.rows or (200_000 if options.quick else 20_000_000)
    folder = options.data / "outofcore"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if not (folder / "data.parquet").exists():
            make_data(folder, options.rows)
        record(options.json, "outofcore", options.rounds, measure(folder, options))
    finally:
        if not options.keep:
            shutil.rmtree(folder)


def measure(folder, options):
    rows = []
    peer_rounds = options.rounds if options.peer_rounds is None else options.peer_rounds
    peer = {"seconds": [], "memory": 0, "issues": None}
    sources = {
        "npy": (["arrays", str(folder / "p.npy"), str(folder / "y.npy")], ["p.npy", "y.npy"]),
        "parquet": (["parquet", str(folder / "data.parquet")], ["data.parquet"]),
    }
    found = {}
    for threads in options.threads:
        for source, (arguments, files) in sources.items():
            ours = Ours(options.program, str(folder / "result.npy"), arguments, threads)
            calls = METHODS + OTHERS
            reading = {call: [] for call in calls}
            answers = {call: [] for call in calls}
            ours.call("reading")
            for number in range(options.rounds):
                for call in calls:
                    reading[call].append(ours.call("reading")["seconds"])
                    answers[call].append(ours.call(call))
                if source == "npy" and threads == options.threads[-1] and number < peer_rounds:
                    issues, seconds, memory = watched(lambda: batched(folder))
                    peer["seconds"].append(seconds)
                    peer["memory"] = max(peer["memory"], memory)
                    peer["issues"] = issues
            ours.close()
            size = sum((folder / file).stat().st_size for file in files)
            for call in calls:
                given = [answer["answer"] for answer in answers[call]]
                agreed = found.setdefault(call, given[0])
                n_passes = len(answers[call][-1]["passes"])
                row = {
                    "work": f"`{call}`",
                    "data": f"{options.rows:,} × {CLASSES}, f32, {source}",
                    "threads": threads,
                    # From the first row read to the last result handed on; not until results are safely on disk.
                    "here": [sum(answer["passes"]) for answer in answers[call]],
                    "here_passes": [answer["passes"] for answer in answers[call]],
                    "here_until_on_disk": [answer["seconds"] for answer in answers[call]],
                    "peers": {},
                    "memory_here": max(answer["memory"] for answer in answers[call]),
                    "memory_peer": 0,
                    "input": size,
                    "limits": {"reading passes": [seconds * n_passes for seconds in reading[call]]},
                    "target": {"limit": 2, "memory": MOST_MEMORY / size} if threads == "all" else None,
                    "passes": n_passes,
                    "agrees": all(value == agreed for value in given),
                    "agreement": f"the same answer ({agreed:g}) from NPY and Parquet, on any number of threads",
                }
                rows.append(row)
                ratio = statistics.median(row["here"]) / statistics.median(row["limits"]["reading passes"])
                print(
                    f"{threads:4} {source:8} {call:28} {statistics.median(row['here']):7.3f} s, {n_passes} passes, "
                    f"{ratio:5.2f} x reading, {row['memory_here'] / 1e6:6.1f} MB anonymous",
                    flush=True,
                )
    beside_peer = []
    # What cleanlab's batched search flags are the labels of lowest self-confidence, as many as look wrong.
    for row in rows:
        if row["work"] == "`low_self_confidence`" and row["data"].endswith("npy") and peer["seconds"]:
            # A row of its own: it is held to the peer, the other to the reader.
            row = {**row, "work": "`find_label_issues_batched`", "limits": {}}
            row["target"] = {"ratio": 15} if row["threads"] == "all" else None
            row["peers"] = {"find_label_issues_batched": peer["seconds"]}
            row["memory_peer"] = peer["memory"]
            beside_peer.append(row)
            ours, theirs = found["low_self_confidence"], peer["issues"]
            row["agrees"] = row["agrees"] and abs(ours - theirs) <= 0.01 * theirs
            row["agreement"] = f"{ours:g} labels here, {theirs} there, which looks at the most probable class alone"
            ratio = statistics.median(peer["seconds"]) / statistics.median(row["here"])
            print(f"{row['threads']}: {ratio:.1f} x find_label_issues_batched, which took {peer['seconds']}")
    return rows + beside_peer


if __name__ == "__main__":
    main()
