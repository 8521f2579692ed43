"""Measures this workspace and its peers in turns, on the same arrays in one run, and records what they took.

A script `compare_GROUP.py` makes data sets, says for each which calls are measured, and gives the peers' side of each
call. `main` of this module does the rest. In every round each side makes its call once: this workspace on one thread
and on all (`time_calls`), every peer in the settings that it has, and where the script asks for it the limit of the
machine: one pass over the same memory, or the same matrix product. All sides run in processes of their own, hold the
arrays in memory before the clock starts, and have read them just before. Where a call does not take minutes, each side
makes one before the first round. What they answer in the first round is compared.

The peak of memory is what a call needs at most besides its input and result, by /proc: for this workspace the first
call of a process that makes no other, for a peer the largest of all rounds, its child processes left out.

Where several settings of a peer compete for a row, one that was slower in the first round is left out of the later
ones.

Everything goes into one JSON file, from which `cargo xtask bench` makes the tables and plots of docs/BENCHMARKS.md.
"""

import argparse
import dataclasses
import importlib
import importlib.metadata
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time
import warnings

import numpy as np

CORES = os.cpu_count() or 1
PACKAGES = ["cleanlab", "numpy", "scikit-learn", "scipy", "pandas", "faiss-cpu", "pynndescent"]
# What a limit of the machine takes on so many threads is measured by one of these calls.
MEMORY_PASSES = "memory passes"
MATRIX_PRODUCT = "matrix product"


@dataclasses.dataclass
class Peer:
    """A setting of a peer: its name in the tables, what its call gets besides, and how many threads it may use."""

    name: str
    settings: dict = dataclasses.field(default_factory=dict)
    threads: int = 1


ONE_JOB = Peer("cleanlab n_jobs=1", {"n_jobs": 1}, 1)
DEFAULT_JOBS = Peer("cleanlab default", {"n_jobs": None}, CORES)


@dataclasses.dataclass
class Row:
    """A measured call. A `slow` one is not made once more for its memory alone or to warm up, and settings of a peer that lose the
    first round, by however little, are not measured again. `target` holds on all threads; `against` splits the peers
    into rows of their own, each with a target: `[(["faiss"], {"ratio": 1.0}), …]`. `limit` is one of the calls above,
    or the seconds of a bound by itself."""

    work: str
    call: str
    argument: str = ""
    peer_call: str = ""
    peer_argument: str = ""
    peers: list = dataclasses.field(default_factory=lambda: [ONE_JOB])
    against: list = None
    target: dict = None
    limit: str = None
    limit_seconds: float = None
    agreement: object = None
    threads: tuple = ("one", "all")
    slow: bool = False
    memory: bool = True
    # Rows that are held to the same calls of the peers: those are made once for all of them.
    beside: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class DataSet:
    """Arrays by the names of their files, made when they are needed, and the calls that are measured on them."""

    name: str
    make: object
    rows: list
    inputs: tuple = ("pred_probs",)
    quick: bool = False


class Side:
    """A process that answers a line of JSON with a line of JSON."""

    def __init__(self, command, threads, huge_pages=True):
        variables = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"]
        environment = {**os.environ, **dict.fromkeys(variables, str(threads)), "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop("RAYON_NUM_THREADS", None)
        if huge_pages:
            # NumPy's arrays lie in large pages where the system has them; so shall those of the others.
            environment["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1"
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        if self.process.stdout.readline().strip() != "ready":
            raise SystemExit(f"did not start: {command}")

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"gave up on {request}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


# The processes of the peers.


class Arrays:
    """The arrays of a folder as attributes."""

    def __init__(self, folder):
        self.members = []
        for path in sorted(pathlib.Path(folder).glob("*.npy")):
            array = np.load(path)
            setattr(self, path.stem, array)
            if path.stem.startswith("member_"):
                self.members.append(array)
        self.kept = {}

    def once(self, name, make):
        """Something made of the arrays, outside of any clock if it is asked for before it starts."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    def touch(self):
        for array in vars(self).values():
            if isinstance(array, np.ndarray) and array.dtype.kind == "f":
                array.sum()

    def widened(self):
        """The same arrays, those of f32 in f64."""
        other = Arrays.__new__(Arrays)
        widen = lambda value: value.astype(float) if getattr(value, "dtype", None) == np.float32 else value
        other.__dict__.update({name: widen(value) for name, value in vars(self).items()})
        other.members = [widen(member) for member in self.members]
        other.kept = {}
        return other


def status_bytes(field):
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    return 0


def matrix_product(arrays, argument):
    """The seconds of the product of all rows with all rows, from that of a tenth of the rows with all."""
    rows = arrays.once("rows", lambda: np.ascontiguousarray(arrays.features, dtype=np.float32))
    part = rows[: max(1, len(rows) // 10)]
    start = time.perf_counter()
    for first in range(0, len(rows), 4096):
        part @ rows[first : first + 4096].T
    return (time.perf_counter() - start) * len(rows) / len(part)


def serve(folder, calls):
    """Answers requests with the peers' calls. `imports` among them are the modules that they need, and `prepare`
    makes what they need of the arrays, both before any clock starts."""
    warnings.simplefilter("ignore")
    answers, sys.stdout = sys.stdout, sys.stderr
    arrays = Arrays(folder)
    for module in calls.get("imports", ()):
        importlib.import_module(module)
    calls.get("prepare", lambda arrays: None)(arrays)
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request["call"] == MATRIX_PRODUCT:
            reply = {"seconds": matrix_product(arrays, request["argument"])}
            print(json.dumps(reply), file=answers, flush=True)
            continue
        call = calls[request["call"]]
        if request.get("as_defined"):
            with stable_sorts():
                result = call(arrays.widened(), request["argument"], **request["settings"])
            np.save(request["keep"], np.asarray(values_of(result), dtype=float))
            print(json.dumps({"notes": notes_of(result)}), file=answers, flush=True)
            continue
        arrays.touch()
        before = status_bytes("VmRSS:")
        pathlib.Path("/proc/self/clear_refs").write_text("5")
        start = time.perf_counter()
        result = call(arrays, request["argument"], **request["settings"])
        seconds = time.perf_counter() - start
        peak = status_bytes("VmHWM:")
        values = values_of(result)
        if request.get("keep"):
            np.save(request["keep"], np.asarray(values, dtype=float))
        growth = max(0, peak - before - getattr(values, "nbytes", 0))
        reply = {"seconds": seconds, "growth": growth, "notes": notes_of(result)}
        print(json.dumps(reply), file=answers, flush=True)


def values_of(result):
    return result.get("values", []) if isinstance(result, dict) else result


def notes_of(result):
    return result.get("notes", {}) if isinstance(result, dict) else {}


class stable_sorts:
    """cleanlab leaves ties to NumPy's unstable sorts, so that the processor decides them. Within this, NumPy's sorts
    are stable."""

    def __enter__(self):
        self.argsort = np.argsort
        np.argsort = lambda a, axis=-1, kind=None, order=None, **options: self.argsort(
            a, axis=axis, kind="stable", order=order
        )

    def __exit__(self, *_):
        np.argsort = self.argsort


# How answers are compared. Each gets both answers, or both sides' notes where it says `of_notes`, and a function that
# gives the peer's as docs/PARITY.md defines it: with stable sorts, and from f64, as cleanlab ranks f32 by scores
# rounded to f32.


def same(here, there, defined):
    """The same numbers; where they are not, the answer as defined has to be ours."""
    if here.shape != there.shape:
        return False, f"{here.size} values against {there.size}"
    differing = int((here != there).sum())
    if not differing:
        return True, "same"
    answer = defined()
    if answer.shape != here.shape:
        return False, f"{here.size} values against {answer.size} as defined"
    differing_from_defined = int((here != answer).sum())
    if not differing_from_defined:
        return True, f"same with {defined.how}; without, it differs in {differing} of {here.size}"
    return False, f"{differing} of {here.size} differ, {differing_from_defined} with {defined.how}"


def closeness(error):
    return "same" if error == 0 else f"within {error:.0e}"


def within(tolerance):
    """Floats that differ by no more than this; where they do, the answer as defined has to be ours."""

    def compare(here, there, defined):
        if here.shape != there.shape:
            return False, f"{here.size} values against {there.size}"
        error = float(np.abs(here - there).max(initial=0.0))
        if error <= tolerance:
            return True, closeness(error)
        error_of_defined = float(np.abs(here - defined()).max(initial=0.0))
        verdict = f"{closeness(error_of_defined)} with {defined.how}; without, it differs by {error:.0e}"
        return error_of_defined <= tolerance, verdict

    return compare


# The comparison.


def answer_here(kind, number=0):
    """The name of the answer on one or all threads, of a row or of the one so many places beside it."""
    return f"here_{number}_{kind}"


class Ours:
    """What this workspace's side of a row took."""

    def __init__(self, number, row):
        self.number, self.row = number, row
        self.seconds = {kind: [] for kind in row.threads}
        self.limits = {kind: [] for kind in row.threads}
        self.memory = dict.fromkeys(row.threads)
        self.notes = {}

    def answer(self, kind):
        """The name of the file that its answer is kept in."""
        return answer_here(kind, self.number)


class Comparison:
    def __init__(self, arguments, script, data_set):
        self.arguments, self.script, self.data_set = arguments, script, data_set
        self.folder = arguments.data / arguments.group
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "answers").mkdir(parents=True)
        arrays = data_set.make()
        for name, array in arrays.items():
            np.save(self.folder / f"{name}.npy", array)
        narrow = any(array.dtype == np.float32 for array in arrays.values())
        self.how_defined = "stable sorts, from f64" if narrow else "stable sorts"
        self.input_bytes = sum(array.nbytes for name, array in arrays.items() if self.is_input(name))
        del arrays
        self.sides = {}

    def is_input(self, name):
        return any(name.startswith(prefix) for prefix in self.data_set.inputs)

    def here(self, huge_pages=True):
        return Side([self.arguments.program, self.folder], CORES, huge_pages)

    def side(self, threads):
        """The process of the peers with so many threads, 0 for this workspace's."""
        if threads not in self.sides:
            server = [sys.executable, self.script, "--serve", self.folder]
            self.sides[threads] = self.here() if threads == 0 else Side(server, threads)
        return self.sides[threads]

    def close(self):
        for side in self.sides.values():
            side.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def answer(self, name):
        return self.folder / "answers" / f"{name}.npy"

    def ask_here(self, row, kind, keep=None):
        threads = 1 if kind == "one" else 0
        return self.side(0).ask(call=row.call, argument=row.argument, threads=threads, keep=keep and str(keep))

    def ask_peer(self, row, peer, **options):
        call = row.peer_call or row.call
        return self.side(peer.threads).ask(
            call=call, argument=row.peer_argument or row.argument, settings=peer.settings, **options
        )

    def ask_limit(self, row, kind):
        if row.limit_seconds is not None:
            return row.limit_seconds
        threads = 1 if kind == "one" else 0
        if row.limit == MEMORY_PASSES:
            return self.side(0).ask(call="memory_pass", threads=threads)["seconds"]
        return self.side(threads or CORES).ask(call=MATRIX_PRODUCT, argument=row.argument)["seconds"]

    def measure(self, row):
        peers = {peer.name: [] for peer in row.peers}
        peer_memory = {peer.name: 0 for peer in row.peers}
        peer_notes = {}
        taking_part = list(row.peers)
        ours = [Ours(number, one) for number, one in enumerate([row, *row.beside])]
        if not row.slow:
            for one in ours:
                self.warm_up(one.row)
            for peer in row.peers:
                self.ask_peer(row, peer)
        for turn in range(self.arguments.rounds):
            for one in ours:
                self.take_turn(one, turn == 0)
            for peer in taking_part:
                reply = self.ask_peer(row, peer, keep=str(self.answer(peer.name)) if turn == 0 else None)
                peers[peer.name].append(reply["seconds"])
                peer_memory[peer.name] = max(peer_memory[peer.name], reply["growth"])
                peer_notes[peer.name] = reply["notes"]
            if turn == 0:
                taking_part = self.better_settings(row, peers)
        for one in ours:
            yield from self.lines_of(one, row, peers, peer_memory, peer_notes)

    def take_turn(self, ours, is_first):
        row = ours.row
        for kind in row.threads:
            reply = self.ask_here(row, kind, self.answer(ours.answer(kind)) if is_first else None)
            ours.seconds[kind].append(reply["seconds"])
            if row.memory:
                ours.memory[kind] = max(ours.memory[kind] or 0, reply["growth"])
            ours.notes = reply["notes"]
            if row.limit:
                ours.limits[kind].append(self.ask_limit(row, kind))

    def lines_of(self, ours, shared, peers, peer_memory, peer_notes):
        """The lines of the tables about one row; `shared` is the row whose peers were asked."""
        row = ours.row
        agrees, agreement = self.agreement(ours, shared, peer_notes)
        memory = ours.memory
        if row.memory and not row.slow:
            memory = {kind: self.memory_here(row, kind) for kind in row.threads}
        for kind in row.threads:
            for names, target in row.against or [(None, row.target)]:
                chosen = {
                    peer.name: peers[peer.name]
                    for peer in shared.peers
                    if (kind == "all" or peer.threads == 1) and (names is None or peer.name in names)
                }
                best = min(chosen, key=lambda name: statistics.median(chosen[name]), default=None)
                line = {
                    "work": row.work,
                    "data": self.data_set.name,
                    "threads": kind,
                    "here": ours.seconds[kind],
                    "peers": chosen,
                    "memory_here": memory[kind],
                    "memory_peer": peer_memory.get(best) if row.memory else None,
                    "input": self.input_bytes,
                    "limits": {row.limit: ours.limits[kind]} if row.limit else {},
                    "target": target if kind == "all" or len(row.threads) == 1 else None,
                    "agrees": agrees,
                    "agreement": agreement,
                }
                show(line)
                yield line

    def warm_up(self, row):
        """A call that is not counted, as for every peer: the first in a process pays for more than its work."""
        for kind in row.threads:
            self.ask_here(row, kind)

    def better_settings(self, row, peers):
        """The peers of the later rounds: one loses its place if another of the same row was faster in the first."""
        groups = [names for names, _ in row.against or [([peer.name for peer in row.peers], None)]]
        stay = []
        for peer in row.peers:
            rivals = [name for names in groups if peer.name in names for name in names]
            fastest = min(peers[name][0] for name in rivals)
            # On one thread only its kind compares; a row that is not slow keeps it.
            alone = peer.threads == 1 and not row.slow and "one" in row.threads
            if alone or peers[peer.name][0] <= fastest * (1 if row.slow else 1.3):
                stay.append(peer)
        return stay

    def agreement(self, ours, shared, peer_notes):
        row = ours.row
        if row.agreement is None:
            return True, ""
        here = [np.load(self.answer(ours.answer(kind))).ravel() for kind in row.threads]
        if any(not np.array_equal(here[0], other) for other in here[1:]):
            return False, "the answer here depends on the number of threads"
        verdicts = []
        for peer in shared.peers:

            of_notes = getattr(row.agreement, "of_notes", False)

            def defined(peer=peer, of_notes=of_notes):
                path = self.answer("defined")
                reply = self.ask_peer(shared, peer, keep=str(path), as_defined=True)
                return reply["notes"] if of_notes else np.load(path).ravel()

            defined.how = self.how_defined
            there = np.load(self.answer(peer.name)).ravel()
            both = (ours.notes, peer_notes[peer.name]) if of_notes else (here[0], there)
            verdicts.append(row.agreement(*both, defined))
        texts = list(dict.fromkeys(text for _, text in verdicts if text))
        return all(agrees for agrees, _ in verdicts), "; ".join(texts)

    def memory_here(self, row, kind):
        """What the call needs in a process that makes no other, in pages of the usual size."""
        side = self.here(huge_pages=False)
        threads = 1 if kind == "one" else 0
        growth = side.ask(call=row.call, argument=row.argument, threads=threads)["growth"]
        side.close()
        return growth


def ratios(line):
    """Of the best peer, round by round."""
    best = min(line["peers"].values(), key=statistics.median, default=None)
    if best is None:
        return []
    if len(best) < len(line["here"]):
        best = [statistics.median(best)] * len(line["here"])
    return [there / here for here, there in zip(line["here"], best)]


def show(line):
    found = ratios(line) or [float("nan")]
    limit = "".join(
        f", {statistics.median(line['here']) / statistics.median(seconds):.2f} × {name}"
        for name, seconds in line["limits"].items()
        if seconds
    )
    print(
        f"{line['data']}  {line['work']}  {line['threads']}: {1e3 * statistics.median(line['here']):.3g} ms, ratio "
        f"{statistics.median(found):.3g} ({min(found):.3g} to {max(found):.3g}){limit}, "
        f"{line['agreement'] if line['agrees'] else 'DIFFERS: ' + line['agreement']}",
        flush=True,
    )


def machine():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    total = next(line for line in pathlib.Path("/proc/meminfo").read_text().splitlines() if "MemTotal" in line)
    return {"cpu": cpu, "cores": CORES, "memory": int(total.split()[1]) * 1024}


def versions():
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            pass
    return found


def record(path, group, rounds, rows):
    """Writes what was measured."""
    measured = {"group": group, "rounds": rounds, "versions": versions(), "machine": machine(), "rows": rows}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n")


def arguments_of(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", help="answer as the peers, with the arrays of this folder")
    parser.add_argument("--program", help="time_calls, built for release")
    parser.add_argument("--data", type=pathlib.Path, help="where arrays are kept meanwhile")
    parser.add_argument("--json", type=pathlib.Path, help="where the figures go")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="the smallest shape and two rounds")
    return parser


def main(group, description, script, calls, data_sets):
    """What every script does: `data_sets()` gives what is measured, `calls` the peers' side."""
    parser = arguments_of(description)
    parser.add_argument("--only", default="", help="measure again only what has this text in its data or work")
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, calls)
        return
    arguments.group = group
    if arguments.quick:
        arguments.rounds = min(arguments.rounds, 2)
    lines = []
    earlier = json.loads(arguments.json.read_text())["rows"] if arguments.only else []
    for data_set in data_sets():
        if arguments.quick and not data_set.quick:
            continue
        chosen = [row for row in data_set.rows if arguments.only in f"{data_set.name} {row.work}"]
        comparison = Comparison(arguments, script, data_set) if chosen else None
        for row in data_set.rows:
            if row in chosen:
                lines += comparison.measure(row)
            else:
                works = [one.work for one in [row, *row.beside]]
                lines += [line for line in earlier if line["data"] == data_set.name and line["work"] in works]
        if comparison:
            comparison.close()
    record(arguments.json, group, arguments.rounds, lines)
