"""Compares every public name of cleanlab with `cleanlab_rs`: that it is there, its parameters, and their defaults.

    python compare_surface.py             writes the table into docs/PARITY.md
    python compare_surface.py --check     fails where a name is missing, a difference is not explained, or the table is old

Differences are explained in `explained_differences.toml` beside this file, in the very words in which this script
states them; an explanation of what is no difference fails too. The names of a module are the functions and classes that
it defines, those that a package's `__init__` offers, the constants named in CONSTANTS, and of each class its methods,
properties and, for an enumeration, its members.
"""

import argparse
import enum
import functools
import importlib
import inspect
import pathlib
import re
import sys
import tomllib
import warnings

import numpy as np

THEIRS, OURS = "cleanlab", "cleanlab_rs"

# By their paths below the package; "" is the package itself.
MODULES = [
    "",
    "filter",
    "count",
    "rank",
    "dataset",
    "classification",
    "regression.rank",
    "regression.learn",
    "multilabel_classification",
    "multilabel_classification.filter",
    "multilabel_classification.rank",
    "multilabel_classification.dataset",
    "outlier",
    "data_valuation",
    "benchmarking.noise_generation",
    "experimental.label_issues_batched",
    "datalab.datalab",
    "datalab.internal.data",
    "datalab.internal.data_issues",
    "datalab.internal.issue_finder",
    "datalab.internal.issue_manager",
    "datalab.internal.issue_manager.knn_graph_helpers",
    "datalab.internal.issue_manager.multilabel.label",
    "datalab.internal.issue_manager.regression.label",
    "datalab.internal.issue_manager_factory",
    "datalab.internal.report",
    "datalab.internal.task",
    "internal.constants",
    "internal.label_quality_utils",
    "internal.latent_algebra",
    "internal.multilabel_scorer",
    "internal.multilabel_utils",
    "internal.neighbor",
    "internal.neighbor.knn_graph",
    "internal.neighbor.metric",
    "internal.neighbor.search",
    "internal.numerics",
    "internal.outlier",
    "internal.regression_utils",
    "internal.util",
    "internal.validation",
    "typing",
]

# What is neither a function nor a class, by module.
CONSTANTS = {
    "datalab.internal.issue_manager_factory": ["REGISTRY"],
    "internal.constants": None,  # all of them
    "internal.neighbor.knn_graph": ["DEFAULT_K"],
    "internal.neighbor.metric": ["HIGH_DIMENSION_CUTOFF", "ROW_COUNT_CUTOFF"],
    "typing": ["LabelLike", "Metric"],
}

EXPLANATIONS = pathlib.Path(__file__).with_name("explained_differences.toml")
DOCUMENT = pathlib.Path(__file__).parents[3] / "docs/PARITY.md"
BEGIN = "<!-- The surface of the Python package, made by crates/python/tools/compare_surface.py. -->"
END = "<!-- The end of that surface. -->"


def load(package, path):
    """A module, or what keeps it from being imported."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(f"{package}.{path}" if path else package)
    except Exception as error:  # noqa: BLE001  (whatever a module raises, it cannot be imported)
        return error


def public_names(module, path):
    """The names of one module of cleanlab, in the order of their definition."""
    is_package = hasattr(module, "__path__")
    constants = CONSTANTS.get(path, [])
    for name, value in vars(module).items():
        if name.startswith("_") or inspect.ismodule(value):
            continue
        home = str(getattr(value, "__module__", ""))
        defined = callable(value) and home == module.__name__
        offered = is_package and callable(value) and home.startswith(THEIRS)
        wanted = name.isupper() and not callable(value) if constants is None else name in constants
        if defined or offered or wanted:
            yield name, value


def members(kind):
    """The public members of a class of cleanlab: its own and those of its ancestors within the package."""
    found = {}
    for ancestor in reversed(kind.__mro__):
        if not ancestor.__module__.startswith(THEIRS):
            continue
        for name, value in vars(ancestor).items():
            if name.startswith("_") and name != "__init__":
                continue
            if callable(value) or isinstance(value, (property, classmethod, staticmethod, functools.cached_property)):
                found[name] = value
            elif isinstance(value, enum.Enum) or not name.startswith("_abc"):
                found[name] = value
    return found


# The comparison of one name. Each gives the words for how ours differs, "" where it does not.


def shown_default(value):
    """A default as it is written, without what differs between two packages or two runs."""
    if value is inspect.Parameter.empty:
        return None
    if isinstance(value, np.ndarray):
        return f"array({value.tolist()})"
    if inspect.isfunction(value) or inspect.isbuiltin(value) or inspect.isclass(value):
        return value.__qualname__
    text = repr(value).replace(OURS, THEIRS)
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def parameters(function):
    """Name, kind and default of every parameter; the receiver of a method is left out."""
    found = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in ("self", "cls") and not found:
            continue
        found.append((parameter.name, parameter.kind, shown_default(parameter.default)))
    return found


def written(parameter):
    name, kind, default = parameter
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}.get(kind, "")
    return f"{stars}{name}" if default is None else f"{stars}{name}={default}"


def compare_parameters(theirs, ours):
    try:
        there = parameters(theirs)
    except (ValueError, TypeError):
        return ""
    try:
        here = parameters(ours)
    except (ValueError, TypeError):
        return "its parameters cannot be inspected"
    if here == there:
        return ""
    names_there, names_here = [entry[0] for entry in there], [entry[0] for entry in here]
    words = []
    lacking = [written(entry) for entry in there if entry[0] not in names_here]
    added = [written(entry) for entry in here if entry[0] not in names_there]
    if lacking:
        words.append(f"lacks `{', '.join(lacking)}`")
    if added:
        words.append(f"adds `{', '.join(added)}`")
    common = [name for name in names_there if name in names_here]
    if [name for name in names_here if name in names_there] != common:
        words.append(f"another order: `{', '.join(names_here)}`")
    of_theirs, of_ours = ({entry[0]: entry for entry in side} for side in (there, here))
    for name in common:
        (_, kind_there, default_there), (_, kind_here, default_here) = of_theirs[name], of_ours[name]
        if default_there != default_here:
            words.append(f"`{written(of_ours[name])}` in place of `{written(of_theirs[name])}`")
        elif kind_there != kind_here:
            words.append(f"`{name}` is {kind_here.description} in place of {kind_there.description}")
    return "; ".join(words)


def kind_of(value):
    if inspect.isclass(value):
        return "class"
    if isinstance(value, (property, functools.cached_property)):
        return "property"
    if isinstance(value, classmethod):
        return "class method"
    if isinstance(value, staticmethod):
        return "static method"
    if isinstance(value, enum.Enum):
        return "member"
    return "function" if callable(value) else "value"


def compare_values(theirs, ours):
    """Of constants: equal in value, or at least of one kind."""
    if type(theirs).__name__ != type(ours).__name__ and not isinstance(theirs, type(ours)):
        return f"is a {type(ours).__name__} in place of a {type(theirs).__name__}"
    if isinstance(theirs, (int, float, str, list, tuple, bool)) and theirs != ours:
        return f"is `{ours!r}` in place of `{theirs!r}`"
    if isinstance(theirs, dict) and [str(key).replace(OURS, THEIRS) for key in ours] != [str(key) for key in theirs]:
        return f"has the keys `{', '.join(map(str, ours))}` in place of `{', '.join(map(str, theirs))}`"
    return ""


def compare(theirs, ours):
    kind_there, kind_here = kind_of(theirs), kind_of(ours)
    if {kind_there, kind_here} == {"property", "value"}:
        return ""  # an attribute either way
    if kind_there != kind_here:
        return f"is a {kind_here} in place of a {kind_there}"
    if kind_there in ("function", "class method", "static method"):
        return compare_parameters(getattr(theirs, "__func__", theirs), getattr(ours, "__func__", ours))
    if kind_there == "value":
        return compare_values(theirs, ours)
    return ""


class Line:
    """One public name: its kind and parameters in cleanlab, and how ours differs, "" where it does not."""

    def __init__(self, module, name, theirs, difference):
        self.module, self.name, self.difference = module, name, difference
        self.kind = kind_of(theirs)
        self.signature = ""
        if self.kind in ("function", "class method", "static method"):
            try:
                self.signature = ", ".join(map(written, parameters(getattr(theirs, "__func__", theirs))))
            except (ValueError, TypeError):
                pass
        self.why = None

    @property
    def path(self):
        return f"{self.module}.{self.name}" if self.module else self.name


MISSING = "missing"


def lines_of_class(module, name, theirs, ours):
    yield Line(module, name, theirs, compare(theirs, ours))
    if not inspect.isclass(ours):
        return
    for member, value in members(theirs).items():
        if member == "__init__" and not inspect.isfunction(value):
            continue
        here = inspect.getattr_static(ours, member, MISSING)
        if here is MISSING:
            # Annotated attributes are set when an object is made.
            found = member in getattr(ours, "__annotations__", {}) or member in getattr(ours, "__slots__", ())
            difference = "" if found else MISSING
        else:
            difference = compare(value, here)
        yield Line(module, f"{name}.{member}", value, difference)


def all_lines():
    for path in MODULES:
        theirs = load(THEIRS, path)
        if isinstance(theirs, Exception):
            raise SystemExit(f"{THEIRS}.{path} cannot be imported: {theirs}")
        ours = load(OURS, path)
        for name, value in public_names(theirs, path):
            here = MISSING if isinstance(ours, Exception) else getattr(ours, name, MISSING)
            if here is MISSING:
                yield Line(path, name, value, MISSING)
            elif inspect.isclass(value) and path:  # those of the package itself are told where they are defined
                yield from lines_of_class(path, name, value, here)
            else:
                yield Line(path, name, value, compare(value, here))


def added_names():
    """The names in `__all__` of our modules that cleanlab does not have, by module."""
    for path in MODULES:
        theirs, ours = load(THEIRS, path), load(OURS, path)
        names = [name for name in getattr(ours, "__all__", []) if not hasattr(theirs, name)]
        if names:
            yield path, names


# Explanations.


def explain(lines):
    """Gives each difference its reason, and returns what is wrong: differences without one, reasons without one."""
    known = tomllib.loads(EXPLANATIONS.read_text())
    differs = {entry["name"]: entry for entry in known.get("differs", [])}
    missing = {
        f"{entry['module']}.{name}" if entry["module"] else name: entry
        for entry in known.get("missing", [])
        for name in entry["names"]
    }
    complaints, used = [], set()
    for line in lines:
        if not line.difference:
            continue
        entry = missing.get(line.path) if line.difference == MISSING else differs.get(line.path)
        if entry is not None and entry.get("difference", MISSING) == line.difference:
            line.why = entry["why"]
            used.add((line.path, line.difference == MISSING))
        else:
            complaints.append(f"{line.path}: {line.difference}")
    for name in sorted(set(differs) - {path for path, gone in used if not gone}):
        complaints.append(f"{name}: the explained difference is not there: {differs[name]['difference']}")
    for name in sorted(set(missing) - {path for path, gone in used if gone}):
        complaints.append(f"{name}: explained as missing, which it is not")
    return complaints


# The table.


def cell(text):
    return text.replace("|", "\\|")


def table(lines):
    same = sum(not line.difference for line in lines)
    gone = sum(line.difference == MISSING for line in lines)
    text = [
        f"{len(lines)} public names of cleanlab 2.9.0, of which {same} are here with the same parameters and defaults, "
        f"{len(lines) - same - gone} differ and {gone} are left out; each difference has its reason.",
        "",
        "| module | names | the same |",
        "|---|---|---|",
    ]
    modules = list(dict.fromkeys(line.module for line in lines))
    for module in modules:
        own = [line for line in lines if line.module == module]
        title = f"cleanlab.{module}" if module else "cleanlab"
        names = ", ".join(f"`{line.name}`" for line in own if line.difference != MISSING)
        count = sum(not line.difference for line in own)
        text.append(f"| `{title}` | {names or '–'} | {count} of {len(own)} |")
    text += ["", "| name | difference | why |", "|---|---|---|"]
    left_out = {}
    for line in lines:
        if line.difference == MISSING:
            left_out.setdefault((line.module, line.why), []).append(line.name)
        elif line.difference:
            text.append(f"| `{line.path}` | {cell(line.difference)} | {cell(line.why or '')} |")
    for (module, why), names in left_out.items():
        listed = ", ".join(f"`{name}`" for name in names)
        text.append(f"| `{module or 'cleanlab'}`: {listed} | left out | {cell(why or '')} |")
    added = list(added_names())
    if added:
        text += ["", "Added here:", ""]
        for module, names in added:
            listed = ", ".join(f"`{name}`" for name in names)
            text.append(f"- `{'cleanlab_rs.' + module if module else 'cleanlab_rs'}`: {listed}")
    return "\n".join(text)


def document_with(content):
    document = DOCUMENT.read_text()
    if BEGIN not in document or END not in document:
        raise SystemExit(f"{DOCUMENT.name} lacks the lines between which the table stands:\n{BEGIN}\n{END}")
    before, rest = document.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    return f"{before}{BEGIN}\n\n{content}\n\n{END}{after}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where something is not in order")
    parser.add_argument("--list", action="store_true", help="print every name and how it differs")
    arguments = parser.parse_args()
    lines = list(all_lines())
    complaints = explain(lines)
    if arguments.list:
        for line in lines:
            print(f"{line.path}({line.signature}): {line.difference or 'same'}")
    text = document_with(table(lines))
    if arguments.check:
        if text != DOCUMENT.read_text():
            complaints.append("docs/PARITY.md: the table is old: run crates/python/tools/compare_surface.py")
    else:
        DOCUMENT.write_text(text)
    for complaint in complaints:
        print(f"surface: {complaint}")
    same = sum(not line.difference for line in lines)
    print(f"surface: {len(lines)} names, {same} the same, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
