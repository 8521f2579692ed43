"""Makes hostile calls of every function, class and method of cleanlab_rs, in a process of its own.

    python hostile_calls.py --calls 1000 --seed 0 --log FILE

Any exception that a program can catch by `except Exception` is an answer. Everything else ends the process with another
status than 0: a panic that comes through, an error of the interpreter, a signal. What is called is written to the file
before each call, so that whoever started this process can read what killed it.
"""

import argparse
import contextlib
import importlib
import inspect
import io
import os
import pathlib
import pkgutil
import resource
import signal
import sys
import tempfile
import threading
import time
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402
from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

import cleanlab_rs  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from hostile_values import SCALARS, SEEDS, Fitting, anything_for  # noqa: E402

# A call that takes longer is interrupted, which it has to obey.
SECONDS = 20
# What a process may take; an allocation that fails has to become a MemoryError.
MEMORY = 8 << 30
# Words of a panic of ours (`running.rs`), which should have been an error with a reason.
PANIC = ("cleanlab_rs has a bug", "panicked")
# What a call of these would change or read outside of the process.
LEFT_ALONE = {"save", "load", "to_html", "register"}


class Interrupted(Exception):
    """A call took too long and obeyed when it was told to stop."""


def functions():
    """Every public callable of the package and of its compiled part, by its path."""
    found = {}
    names = [cleanlab_rs.__name__]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names += [part.name for part in pkgutil.walk_packages(cleanlab_rs.__path__, "cleanlab_rs.")]
        for name in names:
            try:
                module = importlib.import_module(name)
            except ImportError:
                continue
            for attribute in dir(module):
                value = getattr(module, attribute)
                home = getattr(value, "__module__", None) or name
                if attribute.startswith("_") or attribute in LEFT_ALONE or not callable(value):
                    continue
                if home == name or (name.endswith("_native") and not inspect.isclass(value)):
                    found[f"{name}.{attribute}"] = value
    return {path: value for path, value in sorted(found.items()) if not is_an_error(value)}


def is_an_error(value):
    return inspect.isclass(value) and issubclass(value, BaseException)


def parameters_of(function):
    try:
        return [
            (parameter.name, parameter.kind)
            for parameter in inspect.signature(function).parameters.values()
            if parameter.name not in ("self", "cls")
        ]
    except (ValueError, TypeError):
        return [(name, inspect.Parameter.POSITIONAL_ONLY) for name in ("labels", "pred_probs", "k")]


@st.composite
def arguments(draw, function):
    """Arguments by position and by name: some that fit, some of anything; and the sizes of those that fit."""
    n, k = draw(st.sampled_from([0, 1, 6, 12, 30])), draw(st.sampled_from([1, 2, 3, 5]))
    fitting = Fitting(draw(SEEDS), n, k)
    share = draw(st.sampled_from([0.0, 0.0, 0.15, 0.15, 0.4, 1.0]))
    positional, by_name, only_names = [], {}, False
    for name, kind in parameters_of(function):
        if kind == inspect.Parameter.VAR_POSITIONAL:
            continue
        if kind == inspect.Parameter.VAR_KEYWORD:
            if draw(st.integers(0, 9)) == 0:
                by_name["unknown"] = draw(SCALARS)
            continue
        value = fitting.value(name)
        hostile = draw(st.floats(0, 1)) < (share if value is not None else 0.3 * share + 0.02)
        if not hostile and value is None:
            only_names = True  # the default
            continue
        if hostile:
            value = draw(anything_for(name))
        if kind == inspect.Parameter.KEYWORD_ONLY or only_names:
            if kind != inspect.Parameter.POSITIONAL_ONLY:
                by_name[name] = value
        else:
            positional.append(value)
    if draw(st.integers(0, 19)) == 0 and positional:
        positional.pop()
    return positional, by_name


@contextlib.contextmanager
def changed_meanwhile(values, active):
    """Another thread changes the contents of arrays and lists while the call runs; not those of sparse matrices, over
    which SciPy itself falls."""
    done = threading.Event()

    def change():
        rng = np.random.default_rng(0)
        while not done.is_set():
            for value in values:
                try:
                    if isinstance(value, np.ndarray) and value.flags.writeable and value.size:
                        value.flat[int(rng.integers(0, value.size))] = rng.choice([-1, 0, 1, 7, 10**6])
                    elif isinstance(value, list):
                        value.append(0) if rng.random() < 0.5 else value and value.pop()
                except Exception:  # noqa: BLE001, S110  (what cannot be changed stays)
                    pass
            time.sleep(0)

    thread = threading.Thread(target=change, daemon=True)
    if active:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if active:
            thread.join()


def described(path, positional, by_name):
    def told(value):
        try:
            text = f"{value!r} of {value.dtype} {value.shape} {value.strides}" if isinstance(value, np.ndarray) else repr(value)
        except Exception as error:  # noqa: BLE001  (some of these values refuse to be described)
            text = f"<{type(value).__name__} that raises {type(error).__name__}>"
        return text if len(text) < 1500 else text[:1500] + "…"

    words = [told(value) for value in positional] + [f"{name}={told(value)}" for name, value in by_name.items()]
    return f"{path}({', '.join(words)})"


class Caller:
    def __init__(self, log):
        self.log = open(log, "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115  (open as long as the process)
        self.calls = self.answered = self.interrupted = 0

    def note(self, text):
        self.log.seek(0)
        self.log.truncate()
        self.log.write(text)
        self.log.flush()

    def call(self, path, function, positional, by_name, in_threads=False):
        self.note(described(path, positional, by_name))
        self.calls += 1
        signal.alarm(SECONDS)
        try:
            with changed_meanwhile([*positional, *by_name.values()], in_threads):
                result = function(*positional, **by_name)
                # A lazy result or an object that lies would only be found out by whoever looks at it.
                repr(result)[:200]
            self.answered += 1
            return result
        except Interrupted:
            self.interrupted += 1
        except SystemError as error:
            raise AssertionError(f"the interpreter was confused: {error}") from error
        except Exception as error:  # noqa: BLE001  (any other exception is an answer)
            said = told_by(error)
            if isinstance(error, RuntimeError) and any(words in said for words in PANIC):
                raise AssertionError(f"a panic: {said}") from error
        finally:
            signal.alarm(0)
        return None


def told_by(error):
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001  (the message is made by a hostile object)
        return type(error).__name__


def alarmed(*_):
    raise Interrupted


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log", required=True, help="where the call that is being made is written")
    parser.add_argument("--only", default="", help="only callables whose path has this text")
    arguments_given = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, alarmed)
    # Whatever a hostile string names as a file lies in an empty folder.
    os.chdir(tempfile.mkdtemp())
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    callables = {path: value for path, value in functions().items() if arguments_given.only in path}
    caller = Caller(arguments_given.log)
    paths = sorted(callables)

    @seed(arguments_given.seed)
    @settings(max_examples=arguments_given.calls, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(st.data())
    def make_a_call(data):
        path = data.draw(st.sampled_from(paths))
        function = callables[path]
        positional, by_name = data.draw(arguments(function))
        in_threads = data.draw(st.integers(0, 24)) == 0
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            made = caller.call(path, function, positional, by_name, in_threads)
            if inspect.isclass(function) and isinstance(made, function):
                call_methods(data, caller, path, made)

    make_a_call()
    print(f"hostile: {caller.calls} calls of {len(paths)} callables, {caller.answered} answered, "
          f"{caller.interrupted} interrupted, seed {arguments_given.seed}")


def call_methods(data, caller, path, made):
    """Some methods of an object that could be made."""
    methods = [name for name in dir(made) if not name.startswith("_") and name not in LEFT_ALONE]
    for name in data.draw(st.lists(st.sampled_from(methods), max_size=3)) if methods else []:
        method = caller.call(f"{path}.{name} of", getattr, [made, name], {})
        if callable(method):
            positional, by_name = data.draw(arguments(method))
            caller.call(f"{path}.{name}", method, positional, by_name)


if __name__ == "__main__":
    main()
