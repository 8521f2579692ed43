"""Whole processes of the command line: the version, and the audit of a table of 150 rows; beside Python with cleanlab.

`--program` is the `cleanlab` command, built for release.
"""

import os
import subprocess
import sys
import time

from interleaved import CORES, arguments_of, record, show

AUDIT = """
import pandas, sys
from cleanlab import Datalab
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.preprocessing import StandardScaler
table = pandas.read_csv(sys.argv[1])
features = StandardScaler().fit_transform(table.drop(columns="species"))
labels = table["species"].to_numpy()
model = LogisticRegression()
pred_probs = cross_val_predict(model, features, labels, method="predict_proba")
lab = Datalab(data={"y": labels}, label_name="y", verbosity=0)
lab.find_issues(features=features, pred_probs=pred_probs)
lab.report()
"""
VERSION = "import cleanlab; print(cleanlab.__version__)"


def iris(folder):
    from sklearn.datasets import load_iris

    data = load_iris(as_frame=True)
    table = data.data.assign(species=data.target_names[data.target])
    path = folder / "iris.csv"
    table.to_csv(path, index=False)
    return path


def seconds(command, threads):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    for name in ("RAYON_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        environment[name] = str(threads)
    start = time.perf_counter()
    done = subprocess.run([str(word) for word in command], env=environment, capture_output=True, check=False)
    taken = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command} failed: {done.stderr.decode()}")
    return taken


def main():
    arguments = arguments_of(__doc__).parse_args()
    arguments.data.mkdir(parents=True, exist_ok=True)
    rounds = 2 if arguments.quick else max(arguments.rounds, 5)
    table = iris(arguments.data)
    program = arguments.program
    works = [
        ("`cleanlab --version`", [program, "--version"], [sys.executable, "-c", VERSION], 0.010),
        (
            "`cleanlab audit` of 150 rows",
            [program, "audit", table, "--label", "species"],
            [sys.executable, "-c", AUDIT, table],
            0.100,
        ),
        ("`cleanlab --help`", [program, "--help"], None, 0.010),
    ]
    lines = []
    for work, here, there, bound in works:
        line = {
            "work": work,
            "data": "whole processes",
            "threads": "all",
            "here": [],
            "peers": {"Python with cleanlab": []} if there else {},
            "memory_here": None,
            "memory_peer": None,
            "input": 0,
            "limits": {f"{1000 * bound:.0f} ms": [bound] * rounds},
            "target": {"ratio": None, "limit": 1},
            "agrees": True,
            "agreement": "",
        }
        seconds(here, CORES)  # reads the program's file into memory
        for _ in range(rounds):
            line["here"].append(seconds(here, CORES))
            if there:
                line["peers"]["Python with cleanlab"].append(seconds(there, CORES))
        show(line)
        lines.append(line)
    record(arguments.json, "startup", rounds, lines)


if __name__ == "__main__":
    main()
