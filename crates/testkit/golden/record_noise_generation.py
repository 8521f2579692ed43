"""Records what cleanlab.benchmarking.noise_generation draws, for the tests of cleanlab-noise-generation.

Usage: python record_noise_generation.py [FILE]     (needs cleanlab 2.9.0; default: ../fixtures/noise_generation.json)

Values are written as in record_numpy_streams.py: the 64 bits of each, as a hash over all of them with the first ones.
The labels of a case are made by a formula that the tests repeat: label i is the smaller of i mod (K + 2) and K - 1.
After the noisy labels one more number is drawn, which tells whether the stream stands where it should.
"""

import json
import pathlib
import sys

import cleanlab
import numpy as np
from cleanlab.benchmarking import noise_generation

from record_numpy_streams import bits, fnv1a

FIRST = 10
N_LABELS = 211


def recorded(values):
    words = [bits(value) for value in np.ravel(values)]
    return {
        "count": len(words),
        "hash": f"{fnv1a(words):016x}",
        "first": " ".join(f"{word:x}" for word in words[:FIRST]),
    }


def true_labels(k, n=N_LABELS):
    return np.minimum(np.arange(n) % (k + 2), k - 1)


def prior(k, kind, random):
    if kind == "labels":
        return np.bincount(true_labels(k)) / N_LABELS
    if kind == "uniform":
        return np.full(k, 1 / k)
    return random.dirichlet(np.full(k, 2.0))


def matrix_case(k, trace, seed, py=None, **options):
    """One noise matrix and the labels that follow on the same stream, or how cleanlab failed."""
    case = {"n_classes": k, "trace": trace, "seed": seed, "options": options}
    if py is not None:
        case["py"] = py.tolist()
    valid = options.get("valid_noise_matrix", True)
    py = py if valid else None
    try:
        matrix = noise_generation.generate_noise_matrix_from_trace(k, trace, py=py, seed=seed, **options)
    except ValueError:
        case["failure"] = "no_room"
        return case
    if matrix is None:
        case["failure"] = "tries_exhausted"
    else:
        case["matrix"] = recorded(matrix)
        case["labels"] = recorded(noise_generation.generate_noisy_labels(true_labels(k), matrix))
        case["next"] = f"{bits(np.random.random_sample()):x}"
    return case


def matrices():
    random = np.random.RandomState(2024)
    for seed in range(6):
        for trace in (1.0001, 1.3, 1.75, 2.0):
            yield matrix_case(2, trace, seed)
            yield matrix_case(2, trace, seed, frac_zero_noise_rates=0.5)
        yield matrix_case(2, 0.7, seed, valid_noise_matrix=False)
        yield matrix_case(2, 1.0, seed, valid_noise_matrix=False, frac_zero_noise_rates=1.0)
        # Options that cleanlab does not look at for two classes.
        yield matrix_case(2, 1.5, seed, max_noise_rate=0.3, min_trace_prob=0.7, frac_zero_noise_rates=0.49)
    for k in (3, 4, 5, 10, 20):
        for seed in (0, 1, 7, 2**32 - 1):
            for share in (0.45, 0.65, 0.9, 1.0):
                for kind in ("labels", "uniform", "random"):
                    py = prior(k, kind, random)
                    trace = round(share * k, 3)
                    frac = [0.0, 0.25, 0.5, 0.8, 1.0][random.randint(5)]
                    options = {"frac_zero_noise_rates": frac, "max_iter": 300}
                    yield matrix_case(k, max(trace, 1.05), seed, py, **options)
            free = {"valid_noise_matrix": False}
            yield matrix_case(k, 0.3, seed, **free)
            yield matrix_case(k, 0.5 * k, seed, **free, frac_zero_noise_rates=0.6)
            yield matrix_case(k, 0.8 * k, seed, **free, max_trace_prob=0.85, min_trace_prob=0.7)
            yield matrix_case(k, 0.6 * k, seed, **free, max_trace_prob=0.6)
            yield matrix_case(k, 0.6 * k, seed, **free, min_trace_prob=0.5, max_trace_prob=0.7, max_noise_rate=0.25)
            tight = {"max_trace_prob": 0.65, "max_noise_rate": 0.45 / (k - 1), "min_noise_rate": 0.3 / (k - 1)}
            yield matrix_case(k, 0.6 * k, seed, **free, **tight)
            yield matrix_case(k, k - 0.01, seed, **free)
    # A prior so skewed, and a trace so small, that no learnable matrix turns up.
    yield matrix_case(6, 1.01, 3, np.array([0.95] + [0.01] * 5), max_iter=40)
    yield matrix_case(4, 2.0, 3, np.full(4, 0.25), max_iter=0)
    yield matrix_case(50, 40.0, 5, np.full(50, 0.02), frac_zero_noise_rates=0.7)


def noisy_labels():
    """Rates and counts whose products are whole numbers: whether 2.9999999999999996 or 3 is rounded down matters."""
    random = np.random.RandomState(17)
    for seed in range(40):
        k = int(random.randint(2, 6))
        n = int(random.choice([1, 4, 10])) * (k + 2) * int(random.randint(1, 6))
        matrix = random.multinomial(20, np.full(k, 1 / k), size=k).T / 20
        np.random.seed(seed)
        drawn = noise_generation.generate_noisy_labels(true_labels(k, n), matrix)
        case = {"noise_matrix": matrix.tolist(), "seed": seed, "labels": recorded(drawn)}
        yield {**case, "next": f"{bits(np.random.random_sample()):x}"}


def probabilities():
    cases = [(0, 1.0, 0.0, 1.0), (1, 0.3, 0.0, 1.0), (2, 1.0, 0.5, 0.5), (3, 1.0, 0.0, 1 / 3), (3, 3.0, 0.0, 1.0)]
    cases += [(10, 10.0, 1e-5, 1.0), (10, 5.0, 0.0, 0.55), (10, 5.0, 0.45, 1.0), (10, 5.0, 0.48, 0.53)]
    cases += [(100, 1.0, 0.0, 0.011), (100, 1.0, 0.009, 1.0), (4, 0.0, 0.0, 1.0), (2, 1.0000019, 0.0, 0.5)]
    cases += [(10, 1.000009, 0.0, 0.1), (5, 1.0, 0.2, 0.2), (7, 2.5, 0.1, 0.6)]
    for n, m, low, high in cases:
        for seed in (0, 3, 99):
            np.random.seed(seed)
            drawn = noise_generation.generate_n_rand_probabilities_that_sum_to_m(n, m, max_prob=high, min_prob=low)
            case = {"n": n, "m": m, "min_prob": low, "max_prob": high, "seed": seed}
            yield {**case, "drawn": recorded(drawn)}


def balls():
    cases = [(0, 3, None, None), (10, 3, None, None), (10, 5, 2, None), (7, 5, 2, 1), (11, 5, 3, 2), (100, 3, 2, None)]
    cases += [(50, 50, 1, None), (30, 12, 3, 2), (1, 10, None, None), (1000, 9, None, 100), (54, 10, 8, 0)]
    cases += [(10, 4, 10, 9), (123456, 7, None, None)]
    for n, k, high, low in cases:
        for seed in (0, 4, 77):
            np.random.seed(seed)
            drawn = noise_generation.randomly_distribute_N_balls_into_K_bins(
                n, k, max_balls_per_bin=high, min_balls_per_bin=low
            )
            case = {"n_balls": n, "n_bins": k, "max": high, "min": low or 0, "seed": seed}
            yield {**case, "drawn": recorded(drawn)}


def validity():
    random = np.random.RandomState(31)
    for _ in range(60):
        k = int(random.randint(2, 6))
        strength = random.uniform(0.0, 1.0)
        matrix = np.stack([random.dirichlet(np.ones(k)) for _ in range(k)], axis=1)
        matrix = np.round(strength * np.eye(k) + (1 - strength) * matrix, 3)
        matrix[0] += 1 - matrix.sum(axis=0)
        py = np.round(random.dirichlet(np.ones(k)), 3)
        py[-1] += (1 - py.sum()) if random.randint(5) else 0.0
        py = np.maximum(py, 0.0)
        if matrix.min() < 0:
            continue
        is_valid = bool(noise_generation.noise_matrix_is_valid(matrix, py))
        yield {"noise_matrix": matrix.tolist(), "py": py.tolist(), "is_valid": is_valid}


SECTIONS = [matrices, noisy_labels, probabilities, balls, validity]


def main():
    default = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "noise_generation.json"
    file = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    parts = [f'"cleanlab":"{cleanlab.__version__}"', f'"numpy":"{np.__version__}"']
    for section in SECTIONS:
        lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in section())
        parts.append(f'"{section.__name__}":[\n{lines}\n]')
    file.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
