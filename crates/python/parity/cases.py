"""A case: a few lines of Python that a user would write for cleanlab, and the objects that they work on.

Both packages run the same lines; only the import is changed. What the lines leave in `result` is compared. A case can
be written down as a script of its own, which is what a failing one is printed as.
"""

import dataclasses
import re

import numpy as np
import pandas as pd
import scipy.sparse

THEIRS, OURS = "cleanlab", "cleanlab_rs"


class Words(str):
    """An argument as it is written in the code, in place of an object."""


@dataclasses.dataclass
class Case:
    """`tolerance` is relative to max(1, |x|). `ranking` judges rankings that differ, by the scores they rank by.
    `prints` tells that what is printed is compared too. `valid` tells that cleanlab is meant to answer."""

    name: str
    code: str
    inputs: dict
    # Lines that change the inputs before the call, and the words of its arguments where it is one call.
    prelude: str = ""
    words: list = None
    tolerance: float = 1e-12
    ranking: object = None
    prints: bool = True
    valid: bool = True
    seed: int = 0
    notes: str = ""


MAKERS = []


def calls(*names, weight=1):
    """Registers a maker of cases for these public names of cleanlab; one of a larger weight has more turns."""

    def register(maker):
        maker.names = names
        MAKERS.extend([maker] * weight)
        return maker

    return register


def is_short(value):
    """Whether a value is written into the code rather than given a name."""
    if isinstance(value, Words) or value is None or isinstance(value, (bool, int, float, str)):
        return True
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_short(entry) for key, entry in value.items())
    return isinstance(value, (list, tuple)) and len(value) <= 4 and all(map(is_short, value))


def written(value):
    if isinstance(value, Words):
        return str(value)
    if isinstance(value, float) and not np.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {written(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return repr(value)


def call(path, positional, options=None, **more):
    """The case of one call: `call("filter.find_label_issues", {"labels": …}, {"filter_by": "both"})`. The positional
    arguments are given in their order, by name where their key starts with a star."""
    inputs, words = {}, []
    for name, value in positional.items():
        by_name = name.startswith("*")
        name = name.lstrip("*")
        if is_short(value):
            text = written(value)
        else:
            inputs[name] = value
            text = name
        words.append(f"{name}={text}" if by_name else text)
    for name, value in (options or {}).items():
        if is_short(value):
            words.append(f"{name}={written(value)}")
        else:
            inputs[name] = value
            words.append(f"{name}={name}")
    case = Case(path, "", inputs, words=words, **more)
    write_call(case)
    return case


def write_call(case):
    """Writes the code of a case that is one call anew."""
    module, _, function = case.name.rpartition(".")
    case.code = f"from cleanlab.{module} import {function}\nresult = {function}({', '.join(case.words)})"


def code_for(package, code):
    return re.sub(r"\bcleanlab\b", package, code)


# Scripts.


def as_source(value):
    """An expression that makes an equal object, with `np`, `pd` and `scipy.sparse`."""
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return f"np.array([{', '.join(map(as_source, value.tolist()))}], dtype=object)"
        text = np.array2string(value, threshold=value.size + 1, separator=", ", floatmode="unique")
        text = re.sub(r"\bnan\b", "np.nan", re.sub(r"\binf\b", "np.inf", " ".join(text.split())))
        source = f"np.array({text}, dtype={value.dtype.str!r})"
        if value.ndim == 2 and 0 in value.shape:
            source = f"np.zeros({value.shape}, dtype={value.dtype.str!r})"
        if value.ndim == 2 and value.flags.f_contiguous and not value.flags.c_contiguous:
            return f"np.asfortranarray({source})"
        return source
    if isinstance(value, pd.Series):
        return f"pd.Series({as_source(value.to_numpy())}, index={value.index.tolist()})"
    if isinstance(value, pd.DataFrame):
        columns = ", ".join(f"{name!r}: {as_source(value[name].to_numpy())}" for name in value.columns)
        return f"pd.DataFrame({{{columns}}}, index={value.index.tolist()})"
    if scipy.sparse.issparse(value):
        value = value.tocsr()
        parts = ", ".join(as_source(part) for part in (value.data, value.indices, value.indptr))
        return f"scipy.sparse.csr_matrix(({parts}), shape={value.shape})"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_source, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {as_source(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, tuple):
        return "(" + "".join(f"{as_source(entry)}, " for entry in value) + ")"
    if isinstance(value, float) and not np.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def script(case, package=OURS):
    """The case as a program."""
    inputs = {name: as_source(value) for name, value in case.inputs.items()}
    text = "\n".join([*inputs.values(), case.prelude, case.code])
    head = ["import numpy as np"]
    head += ["import pandas as pd"] * ("pd." in text)
    head += ["import scipy.sparse"] * ("scipy.sparse." in text)
    lines = head + [""] + [f"{name} = {source}" for name, source in inputs.items()]
    lines += [case.prelude] * bool(case.prelude)
    lines += [f"np.random.seed({case.seed})", code_for(package, case.code), "print(result)"]
    return "\n".join(lines)
