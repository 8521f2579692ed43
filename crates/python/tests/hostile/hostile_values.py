"""Values that no function should be given, and ones that it might be: strategies of hypothesis.

What is drawn are small choices, from which NumPy makes the arrays: shapes, types, layouts and contents that a binding
can trip over, sparse matrices that are none, and objects that raise whenever they are asked anything.
"""

import re

import numpy as np
import pandas as pd
import scipy.sparse
from hypothesis import strategies as st

SEEDS = st.integers(0, 2**32 - 1)
ROWS = st.sampled_from([0, 1, 2, 3, 5, 8, 17, 40])
COLUMNS = st.sampled_from([0, 1, 2, 3, 4, 7])
DTYPES = ["f8", "f8", "f8", "f4", "f4", "i8", "i8", "f2", "g", "c16", "i1", "u1", "i4", "u8", "?", "O", "U3", "S3", "M8[s]", "V8",
          ">f8", ">i4"]
FILLS = ["uniform", "uniform", "small integers", "small integers", "nan", "some nan", "infinite", "huge", "tiny", "negative",
         "zeros", "ones", "any bits"]
LAYOUTS = ["C", "C", "C", "F", "reversed", "broadcast", "every other", "read-only", "unaligned"]


def filled(rng, fill, shape):
    if fill == "uniform":
        return rng.random(shape)
    if fill == "small integers":
        return rng.integers(0, 4, shape)
    if fill == "nan":
        return np.full(shape, np.nan)
    if fill == "some nan":
        return np.where(rng.random(shape) < 0.1, np.nan, rng.random(shape))
    if fill == "infinite":
        return np.where(rng.random(shape) < 0.2, rng.choice([-np.inf, np.inf]), rng.random(shape))
    if fill == "huge":
        return rng.choice([1e308, -1e308, 2.0**63, 1e200, 2.0**53], shape)
    if fill == "tiny":
        return rng.choice([5e-324, 1e-300, -1e-310, 0.0], shape)
    if fill == "negative":
        return -rng.integers(1, 5, shape)
    if fill == "any bits":
        return rng.integers(0, 2**63, shape).astype(np.int64).view(np.float64)
    return np.full(shape, 1.0 if fill == "ones" else 0.0)


def laid_out(array, layout):
    if layout == "F":
        return np.asfortranarray(array)
    if layout == "reversed":
        return array[::-1] if array.ndim else array
    if layout == "broadcast" and array.ndim and len(array):
        return np.broadcast_to(array[:1], array.shape)
    if layout == "every other" and array.ndim:
        return np.repeat(array, 2, axis=-1)[..., ::2]
    if layout == "read-only":
        array = array.copy()
        array.flags.writeable = False
    if layout == "unaligned" and array.dtype.kind in "fiu" and array.size:
        memory = np.empty(array.nbytes + 1, dtype=np.uint8)
        other = memory[1:].view(array.dtype).reshape(array.shape)
        other[...] = array
        return other
    return array


@st.composite
def arrays(draw, shapes=None):
    shape = draw(shapes if shapes is not None else any_shape())
    rng = np.random.default_rng(draw(SEEDS))
    values = filled(rng, draw(st.sampled_from(FILLS)), shape)
    dtype = draw(st.sampled_from(DTYPES))
    with np.errstate(all="ignore"):
        try:
            array = np.asarray(values).astype(dtype)
        except (TypeError, ValueError, OverflowError):
            array = np.asarray(values)
    return laid_out(array, draw(st.sampled_from(LAYOUTS)))


@st.composite
def any_shape(draw):
    kind = draw(st.integers(0, 6))
    n, k = draw(ROWS), draw(COLUMNS)
    return [(), (n,), (n,), (n, k), (n, k), (n, k, 2), (k, k)][kind]


class Refuses:
    """Raises whatever it is asked; which error it is, and which questions it answers, is drawn."""

    def __init__(self, error, answers):
        object.__setattr__(self, "_error", error)
        object.__setattr__(self, "_answers", answers)

    def _asked(self, question, answer):
        if question in object.__getattribute__(self, "_answers"):
            return answer
        raise object.__getattribute__(self, "_error")(f"no {question}")

    def __array__(self, *_, **__):
        return self._asked("__array__", np.zeros(3))

    def __len__(self):
        return self._asked("__len__", 3)

    def __iter__(self):
        return self._asked("__iter__", iter([0, 1, 2]))

    def __getitem__(self, _):
        return self._asked("__getitem__", 0.5)

    def __float__(self):
        return self._asked("__float__", 0.5)

    def __int__(self):
        return self._asked("__int__", 1)

    def __index__(self):
        return self._asked("__index__", 1)

    def __bool__(self):
        return self._asked("__bool__", True)

    def __str__(self):
        return self._asked("__str__", "text")

    def __repr__(self):
        return "<refuses>"

    def __hash__(self):
        return self._asked("__hash__", 3)

    def __eq__(self, other):
        return self._asked("__eq__", False)

    def __getattr__(self, name):
        if name in ("shape", "dtype", "ndim", "to_numpy", "tolist", "values", "indptr", "items", "keys"):
            raise object.__getattribute__(self, "_error")(f"no {name}")
        raise AttributeError(name)


class LiesOfItself:
    """Claims lengths and interfaces that it does not have."""

    def __init__(self, interface):
        if interface is not None:
            self.__array_interface__ = interface

    def __len__(self):
        return 2**62

    def __getitem__(self, at):
        if at > 5:
            raise IndexError(at)
        return at

    def __arrow_c_array__(self, requested_schema=None):
        return None, "capsule"

    def __arrow_c_stream__(self, requested_schema=None):
        return object()

    def __dlpack__(self, **_):
        return None


class ChangesItself(list):
    """A list that loses its entries while it is read."""

    def __iter__(self):
        for value in list.__iter__(list(self)):
            self.clear()
            yield value

    def __getitem__(self, at):
        if len(self) > 1:
            self.pop()
        return list.__getitem__(self, at)


ERRORS = [ValueError, TypeError, RuntimeError, KeyError, ZeroDivisionError, MemoryError, StopIteration, OverflowError]
QUESTIONS = ["__array__", "__len__", "__iter__", "__getitem__", "__float__", "__int__", "__index__", "__bool__", "__str__",
             "__hash__", "__eq__"]


@st.composite
def objects(draw):
    kind = draw(st.integers(0, 5))
    if kind <= 1:
        return Refuses(draw(st.sampled_from(ERRORS)), set(draw(st.lists(st.sampled_from(QUESTIONS), max_size=6))))
    if kind == 2:
        broken = [None, {}, {"shape": (3,), "typestr": "<f8", "version": 3}, {"shape": (-1,), "typestr": "x", "version": 3}]
        return LiesOfItself(draw(st.sampled_from(broken)))
    if kind == 3:
        return ChangesItself([0, 1, 1, 0, 2])
    if kind == 4:
        ring = [0, 1]
        ring.append(ring)
        return ring
    return (value for value in [0, 1, 2])


SCALARS = st.sampled_from([
    None, True, False, 0, 1, 2, 3, 10, -1, -(2**63), 2**31, 2**63, 2**64, 10**30, 0.0, -0.0, 0.5, 1.0, -1.5, 1e308, 5e-324,
    float("nan"), float("inf"), float("-inf"), 1j, "", "x", "\ud800", "a\0b", "self_confidence", "both", "softmin", "cosine",
    b"bytes", object(), Ellipsis, NotImplemented, int, len, lambda *a, **k: None, [], (), {}, set(), [None], [[]], [[], []],
    [float("nan")], ["a", "b"], {"method": "x"}, {1: 2}, {"k": -1}, {"a": object()}, range(3), np.float64("nan"), np.int8(-3),
    np.datetime64("NaT"), np.bool_(True), np.str_("t"), memoryview(b"abc"), bytearray(b"abcdefgh"),
])  # fmt: skip


@st.composite
def label_sets(draw):
    """Lists of classes, some with entries that are none."""
    entries = st.sampled_from([0, 1, 2, 0, 1, 2, 3, -1, 99, 2**40, 2**70, 0.5, float("nan"), "1", None, True, [0]])
    plain = st.sampled_from([0, 1, 2])
    entry = entries if draw(st.booleans()) else plain
    return draw(st.lists(st.lists(entry, max_size=4), max_size=12))


@st.composite
def sparse_matrices(draw):
    """Graphs of neighbours, sound and broken: parts are put in without SciPy's checks."""
    rng = np.random.default_rng(draw(SEEDS))
    n, k = draw(st.sampled_from([0, 1, 4, 12, 20])), draw(st.sampled_from([0, 1, 3, 10]))
    k = min(k, max(n - 1, 0))
    indices = np.array([rng.permutation(np.delete(np.arange(n), at))[:k] for at in range(n)], dtype=np.int32).ravel()
    data = np.sort(rng.random((n, k)), axis=1).ravel()
    graph = scipy.sparse.csr_matrix((data, indices, np.arange(n + 1, dtype=np.int32) * k), shape=(n, n))
    damage = draw(st.integers(0, 13))
    if damage == 1 and n > 2:
        graph.indptr = graph.indptr[::-1].copy()
    elif damage == 2 and n > 2:
        graph.indptr = np.where(np.arange(n + 1) == 1, 10**8, graph.indptr)
    elif damage == 3:
        graph.indptr = graph.indptr - 1
    elif damage == 4:
        graph.indices = graph.indices + n
    elif damage == 5:
        graph.indices = -graph.indices - 1
    elif damage == 6:
        graph.data = graph.data[: len(graph.data) // 2]
    elif damage == 7:
        graph.indices = graph.indices.astype(np.float64)
    elif damage == 8:
        graph.data = np.full_like(graph.data, np.nan)
    elif damage == 9:
        graph._shape = (10**9, 10**9)
    elif damage == 10:
        graph.indptr = graph.indptr[: n // 2]
    elif damage == 11:
        graph.indices = graph.indices.astype(np.int64) + 2**40
    elif damage == 12:
        return draw(st.sampled_from(["tocsc", "tocoo", "tolil", "todok"])), graph
    elif damage == 13:
        graph.data = graph.data.astype(object)
    return graph


def converted(graph):
    """A graph in another of SciPy's formats, where one was drawn."""
    if isinstance(graph, tuple):
        how, graph = graph
        return getattr(graph, how)()
    return graph


@st.composite
def frames(draw):
    array = draw(arrays(st.tuples(ROWS, COLUMNS)))
    try:
        frame = pd.DataFrame(array)
    except Exception:  # noqa: BLE001  (what pandas refuses is handed over as it is)
        return array
    if draw(st.booleans()) and len(frame.columns) > 1:
        frame.columns = ["same"] * len(frame.columns)
    if draw(st.booleans()) and len(frame):
        frame.index = [0] * len(frame)
    return frame.iloc[:, 0] if draw(st.booleans()) and len(frame.columns) else frame


@st.composite
def lists_of_sparse_matrices(draw):
    """Matrices where numbers or classes are meant: NumPy sorts and compares the elements of such lists."""
    row = st.lists(sparse_matrices().map(converted), min_size=1, max_size=4)
    values = draw(st.one_of(row, st.lists(row, max_size=3)))
    if draw(st.booleans()):
        return values
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


DENSE = st.one_of(arrays(), arrays(), SCALARS, objects(), label_sets(), frames())
ANYTHING = st.one_of(
    arrays(),
    arrays(),
    SCALARS,
    objects(),
    label_sets(),
    frames(),
    sparse_matrices().map(converted),
    lists_of_sparse_matrices(),
)
# Where a table of some kind could be meant. A broken sparse matrix in place of a number is SciPy's to fall over: it does
# so at `matrix < 0`.
TABLES = re.compile("label|prob|feature|graph|matrix|joint|data|scores|distances|mask|weights|thresholds|indices|^[xXyspPS]$|^p[ys]$")


def anything_for(name):
    return ANYTHING if TABLES.search(name) else DENSE


class Fitting:
    """Arguments that fit each other: what a function would rather have, drawn by name."""

    def __init__(self, seed, n, k):
        self.rng, self.n, self.k = np.random.default_rng(seed), n, k

    def value(self, name):
        rng, n, k = self.rng, self.n, self.k
        name = name.lower()
        if "pred_probs_list" in name:
            return [self.value("pred_probs") for _ in range(2)]
        if "pred_prob_slice" in name:
            return rng.random(n)
        if "pred_probs" in name or name == "probs":
            p = rng.dirichlet(np.ones(k), n)
            return p.astype(np.float32) if rng.random() < 0.3 else p
        if "confident_joint" in name:
            return rng.integers(0, 9, (k, k)) + np.eye(k, dtype=int)
        if "joint" in name or "matrix" in name:
            return rng.dirichlet(np.ones(k), k).T
        if name in ("labels", "y", "s", "true_labels", "true", "pred", "given"):
            labels = rng.integers(0, k, n)
            labels[:k] = np.arange(k)[:n]
            return labels
        if "graph" in name:
            indices = np.array([np.delete(np.arange(n), at)[:3] for at in range(n)]).ravel()
            width = min(3, max(n - 1, 0))
            data = np.sort(rng.random((n, width)), axis=1).ravel()
            return scipy.sparse.csr_matrix((data, indices, np.arange(n + 1) * width), shape=(n, n))
        if "features" in name or name == "x" or name == "matrix":
            return rng.standard_normal((n, 3))
        if name in ("py", "ps") or "thresholds" in name or "weights" in name:
            return rng.dirichlet(np.ones(k))
        if "mask" in name:
            return rng.random(n) < 0.4
        if "scores" in name or "predictions" in name or "distances" in name:
            return rng.random(n)
        if name in ("k", "num_classes", "n", "top", "num_class"):
            return k
        if name in ("m", "trace"):
            return 0.8 * k
        if name in WORDS:
            return WORDS[name][int(rng.integers(0, len(WORDS[name])))]
        if name in ("indices", "neighbors"):
            return np.array([np.delete(np.arange(n), at)[:3] for at in range(n)]).reshape(n, min(3, max(n - 1, 0)))
        if name in ("counts", "true_label_counts", "label_counts", "true_labels_class_counts"):
            return rng.integers(1, 30, k)
        if "onehot" in name:
            return (rng.random((n, k)) < 0.5).astype(np.int64)
        if name in ("values", "iterable", "priors", "temperatures", "quality", "s"):
            return rng.random((n, k)) if name == "s" else rng.random(n)
        if name in ("n_neighbors", "n_classes", "num_permutations", "seed", "n_points", "min_samples", "max_iter", "batch_size",
                    "chunksize", "round_places", "position", "verbosity", "num_examples", "threshold_rows"):
            return int(rng.integers(1, 8))
        if name in ("eps", "threshold", "t", "scaling_factor", "alpha", "temperature", "frac_noise", "max_prob", "low", "high"):
            return float(rng.random())
        if name == "data":
            return {"y": rng.integers(0, k, n), "x": rng.random(n)}
        if name == "datalab":
            return Lab(rng.integers(0, k, n))
        return None


WORDS = {
    "filter_by": ["prune_by_noise_rate", "prune_by_class", "both", "confident_learning", "low_self_confidence"],
    "rank_by": ["self_confidence", "normalized_margin", "confidence_weighted_entropy"],
    "return_indices_ranked_by": ["self_confidence", "normalized_margin"],
    "method": ["self_confidence", "outre", "residual", "softmin", "exponential_moving_average", "entropy", "gen"],
    "py_method": ["cnt", "eqn", "marginal", "marginal_ps"],
    "metric": ["cosine", "euclidean"],
    "task": ["classification", "regression", "multilabel"],
    "label_name": ["y"],
    "weighting": ["accuracy", "uniform", "log_loss_search", "custom"],
    "aggregation": ["softmin", "exponential_moving_average"],
    "multi_label": [False, True],
    "calibrate": [True, False],
    "converge": [True, False],
    "learnable": [True, False],
    "allow_one_class": [True, False],
}


class Lab:
    """What a check asks of the lab that it belongs to."""

    def __init__(self, labels):
        self.labels, self.has_labels, self.label_name = labels, True, "y"
        self.data, self.class_names = {"y": labels}, sorted(set(labels.tolist()))
        self.info = {"statistics": {}}

    def get_info(self, _=None):
        return self.info["statistics"]
