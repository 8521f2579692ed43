"""Records draws of NumPy's legacy RandomState for the tests of cleanlab-core.

Usage: python record_numpy_streams.py [FOLDER]     (needs NumPy 2; default FOLDER: ../fixtures/numpy_streams)

A stream is a seed and a list of draws that is repeated `rounds` times on one generator. All values of all draws, in
order, make up the stream; each is written as its 64 bits (a float's IEEE 754 bits, an integer's two's complement).
Streams of thousands of values are kept as a hash (FNV-1a over the little-endian bytes) with the first values, so that
a difference is found and, mostly, located. Streams that pass through LAPACK and BLAS are kept whole, with a tolerance
relative to their largest value: singular covariances have singular values that are rounding errors of about 1e-16,
and the square roots of those, about 1e-8, enter the draws.
"""

import json
import pathlib
import struct
import sys

import numpy as np

FIRST = 48
TOLERANCE = 1e-12
SINGULAR_TOLERANCE = 1e-7


def bits(value):
    if isinstance(value, (int, np.integer)):
        return int(value) & 0xFFFF_FFFF_FFFF_FFFF
    return struct.unpack("<Q", struct.pack("<d", float(value)))[0]


def fnv1a(values):
    state = 0xCBF2_9CE4_8422_2325
    for value in values:
        for byte in value.to_bytes(8, "little"):
            state = (state ^ byte) * 0x0000_0100_0000_01B3 & 0xFFFF_FFFF_FFFF_FFFF
    return state


def shuffled(random, n):
    values = list(range(n))
    random.shuffle(values)
    return values


DRAWS = {
    "random_sample": lambda r: r.random_sample(),
    "uniform": lambda r, low, high: r.uniform(low, high),
    "randint": lambda r, low, high: r.randint(low, high),
    "permutation": lambda r, n: r.permutation(n),
    "shuffle": shuffled,
    "choice_with_replacement": lambda r, population, size: r.choice(population, size),
    "choice_without_replacement": lambda r, population, size: r.choice(population, size, replace=False),
    "weighted_choice_with_replacement": lambda r, p, size: r.choice(len(p), size, p=p),
    "weighted_choice_without_replacement": lambda r, p, size: r.choice(len(p), size, replace=False, p=p),
    "standard_exponential": lambda r: r.standard_exponential(),
    "standard_gamma": lambda r, shape: r.standard_gamma(shape),
    "dirichlet": lambda r, alpha: r.dirichlet(alpha),
    "standard_normal": lambda r: r.standard_normal(),
    "normal": lambda r, mean, standard_deviation: r.normal(mean, standard_deviation),
    "multivariate_normal": lambda r, mean, covariance, size: r.multivariate_normal(mean, covariance, size),
}


def draw(kind, **arguments):
    return {"kind": kind, **arguments}


def record(seed, draws, rounds=1, tolerance=None):
    """One stream. `seed` is a number, or a list of numbers for an initialisation by array."""
    random = np.random.RandomState(seed)
    values = []
    for _ in range(rounds):
        for step in draws:
            arguments = {name: value for name, value in step.items() if name != "kind"}
            values.extend(np.ravel(DRAWS[step["kind"]](random, **arguments)))
    words = [bits(value) for value in values]
    stream = {"seed": seed, "draws": draws, "rounds": rounds, "count": len(words)}
    if tolerance is None:
        stream["check"] = {"hash": f"{fnv1a(words):016x}"}
        words = words[:FIRST]
    else:
        stream["check"] = {"relative_tolerance": tolerance}
    stream["first"] = " ".join(f"{word:x}" for word in words)
    return stream


def uniforms():
    for seed in (0, 1, 42, 123456, 2**32 - 1, [0], [1, 2, 3, 4], [2**32 - 1] * 3, list(range(0, 7000, 10))):
        yield record(seed, [draw("random_sample")], 5000)
    for low, high in ((0.0, 1.0), (-3.5, 12.25), (1e-300, 1e300), (2.0, 2.0)):
        yield record(7, [draw("uniform", low=low, high=high)], 4000)


def integers():
    ranges = [(0, 1), (0, 2), (0, 3), (-3, 1000), (0, 2**31 - 1), (0, 2**31), (0, 2**32 - 1), (0, 2**32)]
    ranges += [(0, 2**32 + 1), (5, 2**40), (-(2**62), 2**62), (-(2**63), 2**63 - 1), (2**63 - 2, 2**63 - 1)]
    for low, high in ranges:
        yield record(3, [draw("randint", low=low, high=high)], 4000)


def permutations():
    for n in (0, 1, 2, 3, 10, 100, 2500):
        yield record(5, [draw("permutation", n=n)], max(1, 4000 // max(n, 1)))
    for n in (1, 2, 7, 1000):
        yield record(6, [draw("shuffle", n=n)], 4000 // n)


def choices():
    for population, size in ((1, 5), (2, 40), (5, 40), (1000, 40), (7, 0)):
        yield record(8, [draw("choice_with_replacement", population=population, size=size)], 100)
    for population, size in ((1, 1), (5, 0), (5, 5), (100, 7), (3000, 40)):
        yield record(9, [draw("choice_without_replacement", population=population, size=size)], 100)
    weights = [[1.0], [0.5, 0.5], [0.1, 0.2, 0.3, 0.4], [0.0, 0.7, 0.0, 0.3, 0.0], [0.1] * 10]
    weights.append([(i + 1) / 5050 for i in range(100)])
    for p in weights:
        yield record(10, [draw("weighted_choice_with_replacement", p=p, size=30)], 150)
        positive = sum(value > 0 for value in p)
        for size in sorted({1, (positive + 1) // 2, positive}):
            yield record(11, [draw("weighted_choice_without_replacement", p=p, size=size)], 150)


def gammas():
    for seed in (0, 12345):
        yield record(seed, [draw("standard_exponential")], 4000)
    for shape in (0.0, 1e-300, 0.01, 0.3, 0.5, 0.999, 1.0, 1.0001, 1.5, 2.0, 3.7, 20.0, 1e6):
        yield record(12, [draw("standard_gamma", shape=shape)], 4000)
    for alpha in ([1.0], [1.0] * 3, [1.0] * 100, [0.3, 2.5, 1.0, 7.0], [0.05] * 6, [1000.0, 0.5]):
        yield record(13, [draw("dirichlet", alpha=alpha)], max(40, 4000 // len(alpha)))


def normals():
    for seed in (0, 1, 42, [1, 2, 3, 4]):
        yield record(seed, [draw("standard_normal")], 5001)
    for mean, deviation in ((0.0, 1.0), (10.0, 0.5), (-1e6, 1e-6), (3.0, 0.0)):
        yield record(14, [draw("normal", mean=mean, standard_deviation=deviation)], 4001)


def mixtures():
    """Draws of different kinds on one generator: a normal leaves its twin behind for the next one."""
    steps = [
        draw("standard_normal"),
        draw("random_sample"),
        draw("randint", low=0, high=10),
        draw("standard_gamma", shape=2.5),
        draw("permutation", n=6),
        draw("randint", low=0, high=2**33),
        draw("choice_without_replacement", population=9, size=4),
        draw("normal", mean=1.0, standard_deviation=2.0),
        draw("weighted_choice_with_replacement", p=[0.25, 0.25, 0.5], size=3),
        draw("dirichlet", alpha=[1.0, 1.0, 1.0]),
        draw("weighted_choice_without_replacement", p=[0.2, 0.3, 0.5], size=2),
        draw("uniform", low=-1.0, high=1.0),
    ]
    for seed in (0, 1, 2, 2**32 - 1, [7, 7]):
        yield record(seed, steps, 200)


def multivariate_normals():
    pairs = [[[5, -1.5], [-1.5, 1]], [[1, 0.5], [0.5, 4]], [[5, 1], [1, 5]], [[3, 1], [1, 1]], [[3, -1.5], [-1.5, 1]]]
    pairs += [[[1, 0], [0, 1]], [[1, 0], [0, 9]], [[1, 1], [1, 1]], [[1e-12, 0], [0, 1e12]], [[1, 1e-9], [1e-9, 1]]]
    pairs += [[[0, 0], [0, 2]], [[2, -2], [-2, 2]]]
    for seed, covariance in enumerate(pairs):
        singular = np.linalg.det(covariance) == 0
        step = draw("multivariate_normal", mean=[3.0, -2.0], covariance=np.array(covariance, float).tolist(), size=40)
        tolerance = SINGULAR_TOLERANCE if singular else TOLERANCE
        yield record(seed, [step, draw("random_sample")], tolerance=tolerance)
    factors = np.random.RandomState(99)
    for size in (1, 3, 4, 5, 7, 10, 16, 25):
        for rank in sorted({size, max(1, size // 2)}):
            factor = np.round(factors.standard_normal((size, rank)), 3)
            step = draw(
                "multivariate_normal",
                mean=np.round(factors.standard_normal(size), 2).tolist(),
                covariance=np.round(factor @ factor.T, 6 if rank == size else 12).tolist(),
                size=3,
            )
            tolerance = SINGULAR_TOLERANCE if rank < size else TOLERANCE
            yield record(size, [step, draw("random_sample")], tolerance=tolerance)


FILES = [uniforms, integers, permutations, choices, gammas, normals, mixtures, multivariate_normals]


def main():
    default = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "numpy_streams"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    for make in FILES:
        lines = ",\n".join(json.dumps(stream, separators=(",", ":")) for stream in make())
        text = f'{{"numpy":"{np.__version__}","streams":[\n{lines}\n]}}\n'
        (folder / f"{make.__name__}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
