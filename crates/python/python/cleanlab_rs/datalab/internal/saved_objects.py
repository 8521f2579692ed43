"""Reading pickled audits without running code that is hidden in them.

A pickle may name any function there is and have it called. Here only those are called that audits are made of: the classes
of this package, and what NumPy, pandas, SciPy, pyarrow, polars, datasets and scikit-learn's search take to restore
their tables, arrays and indexes.
"""

from __future__ import annotations

import io
import pickle
import re
import types
from typing import Any

__all__ = ["CodeInAuditError", "read_objects"]


class CodeInAuditError(ValueError, pickle.UnpicklingError):
    """A saved audit names something that is no part of audits and could run any code."""


# Modules as a whole, and the names in them; both are regular expressions for all of the text.
_FUNCTIONS = [
    (r"_codecs", r"encode"),
    (r"copyreg", r"_reconstructor"),
    (r"numpy\.(_core|core)\.(multiarray|numeric)", r"_reconstruct|scalar|_frombuffer"),
    (r"pandas\._libs\..*", r"\w*_unpickle\w*"),
    (r"pandas\.core\.indexes\.(base|datetimes)", r"_new_Index|_new_DatetimeIndex"),
    (
        r"pyarrow\.lib",
        r"_reconstruct_\w+|_restore_array|chunked_array|field|schema|py_buffer|type_for_alias|list_|large_list|struct|map_|"
        r"dictionary|timestamp|duration|time32|time64|decimal128|decimal256|binary|union",
    ),
    (r"scipy\.spatial\.distance", r"euclidean|cosine"),
    (r"sklearn\.(neighbors|metrics)\._.*", r"newObj"),
]
# Classes that are called in the course of that. Only a class that belongs to the same package counts.
_CLASSES = [
    (r"builtins", r"bool|bytearray|bytes|complex|dict|float|frozenset|int|list|object|range|set|slice|str|tuple"),
    (r"collections", r"OrderedDict|defaultdict|Counter|deque"),
    (r"datetime", r"date|datetime|time|timedelta|timezone"),
    (r"decimal|fractions|uuid|zoneinfo", r"Decimal|Fraction|UUID|ZoneInfo"),
    (r"cleanlab_rs(\..*)?", r"\w+"),
    (r"numpy(\..*)?", r"dtype|ndarray|\w*DType|(bool|u?int|float|complex|str|bytes|void|object|datetime|timedelta)\w*"),
    (
        r"pandas(\.core\..*|\.arrays|\._libs\..*)?",
        r"DataFrame|Series|\w*Index|\w*Dtype|\w*Array|Categorical|(Single)?BlockManager|BlockPlacement|Block|"
        r"Timestamp|Timedelta|Period|Interval|NaTType|NAType",
    ),
    # Steps of periods and dates.
    (r"pandas\._libs\.tslibs\.offsets", r"\w+"),
    (r"scipy\.sparse(\..*)?", r"(csr|csc|coo|bsr|dia|dok|lil)_(matrix|array)"),
    (r"polars\.(dataframe|series)\.\w+", r"DataFrame|Series"),
    (r"datasets\..*", r"Dataset|Features|Value|ClassLabel|Sequence|List|LargeList|DatasetInfo|\w*Table|NamedSplit|Split\w*|Image"),
    (r"pyarrow\.lib", r"\w+Type|Field|Schema|Buffer|\w*Array|\w*Scalar|Table|RecordBatch"),
    (r"sklearn\.neighbors\._\w+", r"NearestNeighbors|(KDTree|BallTree)\w*"),
    (r"sklearn\.metrics\._dist_metrics", r"\w+Distance\w*|DistanceMetric\w*"),
]


def _is_listed(rules: list[tuple[str, str]], module: str, name: str) -> bool:
    return any(re.fullmatch(modules, module) and re.fullmatch(names, name) for modules, names in rules)


class _Reader(pickle.Unpickler):
    """Looks up what is listed alone."""

    def find_class(self, module: str, name: str) -> Any:
        # A name with a dot would lead on to what a module has imported.
        if name.isidentifier():
            if _is_listed(_FUNCTIONS, module, name):
                found = super().find_class(module, name)
                if not isinstance(found, (type, types.ModuleType)):
                    return found
            if _is_listed(_CLASSES, module, name):
                found = super().find_class(module, name)
                if isinstance(found, type) and found.__module__.partition(".")[0] == module.partition(".")[0]:
                    return found
        raise CodeInAuditError(
            f"the audit holds {module}.{name}, which is no part of audits and could run any code. If you trust who saved "
            "it, read it with Datalab.load(path, trusted=True)."
        )


def read_objects(pickled: bytes, *, trusted: bool) -> Any:
    """What was pickled.

    Parameters
    ----------
    pickled :
        The bytes of a pickle.
    trusted :
        Whether any class and function may be called that the pickle names.

    Raises
    ------
    CodeInAuditError
        If something is named that is no part of audits.
    """
    return pickle.loads(pickled) if trusted else _Reader(io.BytesIO(pickled)).load()
