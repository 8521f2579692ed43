"""Work on other threads: Ctrl-C ends it, forks survive it, many threads may ask at once, and importing costs little."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading

import joblib
import numpy as np
import pytest

from cleanlab_rs import _native, filter, rank


@pytest.fixture(scope="module")
def many_rows():
    rng = np.random.default_rng(0)
    pred_probs = rng.random((1_500_000, 10), dtype=np.float32)
    pred_probs /= pred_probs.sum(axis=1, keepdims=True)
    return rng.integers(0, 10, len(pred_probs)), pred_probs


def flag(labels, pred_probs):
    return filter.find_label_issues(labels, pred_probs).sum()


class Announced:
    """An array that tells when compiled code asks for it."""

    def __init__(self, array):
        self.array = array
        self.asked = threading.Event()

    def __array__(self, dtype=None, copy=None):
        self.asked.set()
        return self.array


def test_ctrl_c_from_another_thread_ends_work_that_would_take_hours():
    features = Announced(np.random.default_rng(0).standard_normal((400_000, 64)))

    def press_ctrl_c():
        # It only gets here if the work lets other threads run.
        features.asked.wait()
        os.kill(os.getpid(), signal.SIGINT)

    presser = threading.Thread(target=press_ctrl_c)
    presser.start()
    with pytest.raises(KeyboardInterrupt):
        _native.mean_distances(features, "euclidean", 10)
    presser.join()
    # And the next call works.
    assert rank.get_label_quality_scores([0, 1], np.full((2, 2), 0.5)).tolist() == [0.5, 0.5]


def test_calls_from_many_threads_give_the_same(many_rows):
    labels, pred_probs = many_rows[0][:50_000], many_rows[1][:50_000]
    expected = flag(labels, pred_probs)
    found = []
    threads = [threading.Thread(target=lambda: found.append(flag(labels, pred_probs))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_forked_children_have_threads_of_their_own(many_rows):
    labels, pred_probs = many_rows[0][:50_000], many_rows[1][:50_000]
    expected = flag(labels, pred_probs)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.starmap_async(flag, [(labels, pred_probs)] * 2).get(timeout=60) == [expected] * 2


def test_joblib_workers_give_the_same(many_rows):
    labels, pred_probs = many_rows[0][:5000], many_rows[1][:5000]
    found = joblib.Parallel(n_jobs=2)(joblib.delayed(filter.find_label_issues)(labels, pred_probs) for _ in range(2))
    np.testing.assert_array_equal(found[0], filter.find_label_issues(labels, pred_probs))
    assert pickle.loads(pickle.dumps(filter.find_label_issues)) is filter.find_label_issues


def test_arrays_changed_meanwhile_give_some_answer_and_no_crash(many_rows):
    labels, pred_probs = many_rows[0][:200_000].copy(), many_rows[1][:200_000].astype(np.float64)
    done = threading.Event()

    def scribble():
        rng = np.random.default_rng(1)
        while not done.is_set():
            rows = rng.integers(0, len(labels), 1000)
            pred_probs[rows] = rng.choice([np.nan, 7.0, -1.0, 0.1])
            labels[rows] = rng.integers(-5, 1 << 40, 1000)

    scribbler = threading.Thread(target=scribble)
    scribbler.start()
    try:
        for _ in range(10):
            try:
                flag(labels, pred_probs)
            except (ValueError, RuntimeError):
                pass
    finally:
        done.set()
        scribbler.join()


def in_a_fresh_interpreter(code, env=None):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env).stdout


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="this system does not list threads")
def test_n_jobs_never_takes_more_threads_than_the_environment_allows():
    code = (
        "import os, numpy as np, cleanlab_rs;"
        "pred_probs = np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.1]]);"
        "[cleanlab_rs.filter.find_label_issues([0, 1, 1], pred_probs, n_jobs=n) for n in (8, 1, None, 2)];"
        "names = [open(f'/proc/self/task/{task}/comm').read() for task in os.listdir('/proc/self/task')];"
        "print(sum(name.startswith('cleanlab_rs') for name in names))"
    )
    environment = {**os.environ, "RAYON_NUM_THREADS": "1"}
    assert in_a_fresh_interpreter(code, env=environment).strip() == "1"


def test_import_brings_nothing_heavy():
    code = (
        "import sys, cleanlab_rs;"
        "print([name for name in ('numpy', 'pandas', 'sklearn', 'scipy', 'datasets', 'torch', 'matplotlib')"
        " if name in sys.modules])"
    )
    assert in_a_fresh_interpreter(code).strip() == "[]"


def test_label_methods_need_numpy_alone():
    code = (
        "import sys, numpy as np, cleanlab_rs;"
        "pred_probs = np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.1]]); labels = [0, 1, 1];"
        "cleanlab_rs.filter.find_label_issues(labels, pred_probs, return_indices_ranked_by='self_confidence');"
        "cleanlab_rs.rank.get_label_quality_scores(labels, pred_probs);"
        "cleanlab_rs.count.num_label_issues(labels, pred_probs);"
        "cleanlab_rs.dataset.overall_label_health_score(labels, pred_probs, verbose=False);"
        "print([name for name in ('pandas', 'sklearn', 'scipy') if name in sys.modules])"
    )
    assert in_a_fresh_interpreter(code).strip() == "[]"


def test_unknown_attribute_of_the_package_is_an_attribute_error():
    import cleanlab_rs

    with pytest.raises(AttributeError, match="no_such_module"):
        cleanlab_rs.no_such_module
    assert {"filter", "Datalab"} <= set(dir(cleanlab_rs))
