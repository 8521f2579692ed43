"""Calls on data with numeric labels."""

import numpy as np

from cases import Case, call, calls
from random_data import chance, numeric_labels, one_of, pick

LEARN = "regression.learn.CleanLearning"


@calls("regression.rank.get_label_quality_scores", weight=2)
def get_label_quality_scores(rng):
    x, y = numeric_labels(rng)
    predictions = y + rng.standard_normal(len(y)) * pick(rng, [0.01, 0.3])
    options = one_of(rng, {"method": lambda: pick(rng, ["outre", "residual"])})
    if chance(rng, 0.2):
        y, predictions = np.round(y, 1), np.round(predictions, 1)
    # Above 100 rows cleanlab's distances are those of a quick formula.
    tolerance = 1e-6 if len(y) > 100 else 1e-12
    return call("regression.rank.get_label_quality_scores", {"y": y, "predictions": predictions}, options,
                tolerance=tolerance)


REGRESSORS = [
    "from sklearn.linear_model import LinearRegression as Model",
    "from sklearn.tree import DecisionTreeRegressor\nModel = lambda: DecisionTreeRegressor(max_depth=3, random_state=0)",
    "from sklearn.linear_model import Ridge as Model",
]


@calls(LEARN, weight=2)
def clean_learning(rng):
    x, y = numeric_labels(rng, n=int(rng.integers(30, 90)))
    options = {"seed": int(rng.integers(0, 100))} | one_of(
        rng,
        {
            "cv_n_folds": lambda: pick(rng, [2, 3]),
            "n_boot": lambda: pick(rng, [0, 2]),
            "include_aleatoric_uncertainty": lambda: chance(rng, 0.5),
            "verbose": lambda: chance(rng, 0.3),
        },
    )
    if options.get("n_boot") == 0 and options.get("include_aleatoric_uncertainty") is False:
        options["n_boot"] = 2
    model = pick(rng, ["None", "Model()", "Model()"])
    settings = ", ".join(f"{name}={value!r}" for name, value in options.items())
    search = ", ".join(
        f"{name}={value!r}"
        for name, value in one_of(
            rng, {"coarse_search_range": lambda: [0.02, 0.1], "fine_search_size": lambda: pick(rng, [0, 2])}
        ).items()
    )
    way = pick(rng, ["find", "fit", "given", "uncertainty"])
    steps = {
        "find": f"issues = cl.find_label_issues(X, y{', ' + search if search else ''})\n",
        "fit": "cl.fit(X, y)\nissues = cl.predict(X), cl.score(X, y)\n",
        "given": f"issues = cl.find_label_issues(X, y{', ' + search if search else ''})\n"
        "cl.fit(X, y, label_issues=issues)\nissues = issues, cl.predict(X)\n",
        "uncertainty": "cl.fit(X, y)\n"
        "issues = cl.get_epistemic_uncertainty(X, y), cl.get_aleatoric_uncertainty(X, np.zeros(len(y)) + 0.1 * y)\n",
    }[way]
    code = f"""{pick(rng, REGRESSORS)}
from cleanlab.regression.learn import CleanLearning
cl = CleanLearning({model}, {settings})
{steps}result = issues, cl.get_label_issues(), sorted(cl.get_params(deep=False)), cl.k
cl.save_space()
result += (cl.get_label_issues(),)"""
    return Case(LEARN, code, {"X": x, "y": y}, tolerance=1e-9)
