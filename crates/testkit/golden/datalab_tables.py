"""What the recorders of examples that run cleanlab's Datalab have in common: its results as the examples print them.

cleanlab's check of underperforming groups compares the mean confidence of each group with the *ratio* of the worst group
so far, so that the group that it reports need not be the worst. Here the reported score is the least one, as the
examples print it; `reported_score` is cleanlab's own.
"""

import numpy as np
from cleanlab import Datalab

GROUPS = "underperforming_group"
DISTANCE = "distance_to_nearest_neighbor"


class Audit:
    def __init__(self, points, labels, pred_probs):
        self.lab = Datalab({"X": points, "y": labels}, label_name="y", verbosity=0)
        self.lab.find_issues(features=points, pred_probs=pred_probs)
        summary = self.lab.get_issue_summary().set_index("issue_type")
        self.reported_score = summary.score.get(GROUPS)
        summary.loc[GROUPS, "score"] = self.scores(GROUPS).min()
        self.summary = summary

    def scores(self, name):
        return self.lab.get_issues(name)[f"{name}_score"].to_numpy()

    def print_summary(self):
        print(f"{'issue type':<22}{'rows':>6}{'score':>10}")
        for name, line in self.summary.iterrows():
            print(f"{name:<22}{int(line.num_issues):>6}{line.score:>10.6f}")

    def print_rows(self, name, rows, digits=6):
        """Rows of a check with their details."""
        table = self.lab.get_issues(name)
        classes = [column for column in ("given_label", "predicted_label") if column in table]
        heads = "".join(f"  {column.split('_')[0]:<9}" for column in classes)
        if DISTANCE in table:
            heads += f"{'distance':>14}  duplicates"
        print(f"row  issue       score{heads}".rstrip())
        for row in rows:
            line = table.loc[row]
            text = "".join(f"  {line[column]!s:<9}" for column in classes)
            if DISTANCE in table:
                others = " ".join(str(int(other)) for other in sorted(line.near_duplicate_sets))
                text += f"{exponent(line[DISTANCE]):>14}  {others}"
            flag = str(bool(line[f"is_{name}_issue"])).lower()
            print(f"{row:>3}  {flag:<5}{exponent(line[f'{name}_score']):>12}{text}".rstrip())

    def worst(self, name, count):
        return np.argsort(self.scores(name))[:count]

    def flagged(self, name):
        """Rows with the issue, worst first."""
        rows = np.flatnonzero(self.lab.get_issues(name)[f"is_{name}_issue"])
        return rows[np.argsort(self.scores(name)[rows])]


def exponent(value):
    """Six decimals, or with an exponent, as Rust writes it, what would lose its digits so."""
    if value == 0 or value >= 1e-4:
        return f"{value:.6f}"
    mantissa, power = f"{value:.6e}".split("e")
    return f"{mantissa}e{int(power)}"
