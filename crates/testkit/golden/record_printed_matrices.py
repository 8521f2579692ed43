"""Records how cleanlab.internal.util prints joints and noise matrices, for the tests of cleanlab-count.

Usage: python record_printed_matrices.py [FILE]     (needs cleanlab 2.9.0; default: ../fixtures/printed_matrices.json)
"""

import contextlib
import io
import json
import pathlib
import re
import sys

import cleanlab
import numpy as np
from cleanlab.internal import util


def printed(function, matrix, **options):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        function(matrix, **options)
    # What rounds to zero from below is printed as a negative zero; ours has no sign.
    return re.sub(r"(?<=[\t ])-0\.0(?=[\t\n])", "0.0", out.getvalue())


def case(function, matrix, **options):
    text = printed(getattr(util, function), matrix, **options)
    return {"function": function, "matrix": matrix.tolist(), **options, "text": text}


def cases():
    random = np.random.RandomState(7)
    for k in (1, 2, 3, 4, 12):
        joint = random.dirichlet(np.full(k * k, 0.3)).reshape(k, k)
        yield case("print_joint_matrix", joint)
        yield case("print_noise_matrix", joint / joint.sum(axis=0))
        yield case("print_inverse_noise_matrix", (joint / joint.sum(axis=1)[:, None]).T)
        for places in (0, 1, 4, 6, 12):
            yield case("print_joint_matrix", joint, round_places=places)
        yield case("print_square_matrix", random.randint(0, 10 ** min(k, 6), size=(k, k)))
    # Exact halves, rounding from below zero, and numbers that take an exponent.
    hard = np.array([[0.125, 0.375, 2.675], [-1e-9, 1e-5, -0.004], [123456.789, 5e15, 1e22]])
    for places in (0, 2, 5, 7):
        yield case("print_joint_matrix", hard, round_places=places)
        yield case("print_noise_matrix", hard.T, round_places=places)


def main():
    default = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "printed_matrices.json"
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    lines = ",\n".join(json.dumps(case) for case in cases())
    target.write_text(f'{{"cleanlab": "{cleanlab.__version__}", "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
