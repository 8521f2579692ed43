"""No call, however wrong, ends the interpreter: thousands of them, drawn by hypothesis, in processes of their own.

The short form makes 1,500 calls. `CLEANLAB_HOSTILE_CALLS=100000` makes as many, `CLEANLAB_HOSTILE_SEED` others.
"""

import os
import pathlib
import subprocess
import sys

import pytest

CALLS = int(os.environ.get("CLEANLAB_HOSTILE_CALLS", "1500"))
SEED = int(os.environ.get("CLEANLAB_HOSTILE_SEED", "0"))
# In one process: hypothesis keeps what it has drawn, so that thousands in one become slow.
BATCH = 750
SECONDS = 900


def batches():
    left, number = CALLS, 0
    while left > 0:
        yield min(BATCH, left), SEED + number
        left, number = left - BATCH, number + 1


@pytest.mark.parametrize(("calls", "seed"), list(batches()))
def test_hostile_calls_end_in_exceptions_alone(calls, seed, tmp_path):
    program = pathlib.Path(__file__).with_name("hostile_calls.py")
    log = tmp_path / "call.txt"
    command = [sys.executable, "-X", "faulthandler", str(program), "--calls", str(calls), "--seed", str(seed), "--log", str(log)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        pytest.fail(f"the process hung in\n{last_call(log)}")
    if done.returncode != 0:
        ended = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
        pytest.fail(f"ended with {ended} in\n{last_call(log)}\n\n{done.stderr[:3000]}\n…\n{done.stderr[-1000:]}", pytrace=False)
    print(done.stdout)


def last_call(log):
    return log.read_text(encoding="utf-8", errors="replace")[:4000] if log.exists() else "(no call was made)"
