"""Whole audits, and single checks with the neighbours given, beside cleanlab's Datalab at its defaults."""

import made_data
from interleaved import CORES, DataSet, Peer, Row, main

CLEANLAB = [Peer("cleanlab one thread", threads=1), Peer("cleanlab all threads", threads=CORES)]


def audit(arrays, _):
    return of_lab(arrays, dict(features=arrays.features, pred_probs=arrays.pred_probs))


def check(arrays, name):
    """With the neighbours of an audit, which is made before the clock starts in `prepare`."""
    return of_lab(arrays, dict(knn_graph=arrays.kept["graph"], issue_types={name: {}}))


def of_lab(arrays, inputs):
    from cleanlab import Datalab

    lab = Datalab(data={"y": arrays.labels}, label_name="y", verbosity=0)
    lab.find_issues(**inputs)
    found = {line.issue_type: int(line.num_issues) for line in lab.get_issue_summary().itertuples()}
    return {"values": [], "notes": {"issues": found}}


def prepare(arrays):
    """A small audit, which imports what an audit needs; and the neighbours that single checks are given."""
    from cleanlab.internal.neighbor.knn_graph import create_knn_graph_and_index

    few = type("Few", (), {})()
    few.features, few.pred_probs, few.labels = arrays.features[:300], arrays.pred_probs[:300], arrays.labels[:300]
    audit(few, "")
    if len(arrays.features) <= 20_000 or arrays.features.shape[1] == 64:
        arrays.kept["graph"], _ = create_knn_graph_and_index(arrays.features, n_neighbors=10)


def differences(here, there):
    return [
        f"{name} {here['issues'].get(name)} / {count}"
        for name, count in there["issues"].items()
        if here["issues"].get(name) != count
    ]


def same_issues(here, there, defined):
    """The numbers of rows with every issue that cleanlab looks for."""
    if here["failed"]:
        return False, f"failed here: {here['failed']}"
    recall = [f"recall {here['recall']:.4f}"] if "recall" in here else []
    differing = differences(here, there)
    if not differing:
        return True, "; ".join(["same numbers of issues", *recall])
    if recall:
        # Other neighbours, other issues: an approximate audit is judged by its recall.
        return here["recall"] >= 0.99, f"{recall[0]}, issues here / there: {', '.join(differing)}"
    differing_from_defined = differences(here, defined())
    if not differing_from_defined:
        return True, f"same with {defined.how}, without: {', '.join(differing)} (here / there)"
    return False, f"issues here / there with {defined.how}: {', '.join(differing_from_defined)}"


same_issues.of_notes = True


def row(work, call, argument="", peer_call="audit", ratio=None, beside=()):
    return Row(
        work,
        call,
        argument,
        peer_call=peer_call,
        peers=CLEANLAB,
        target={"ratio": ratio} if ratio else None,
        agreement=same_issues,
        threads=("all",),
        slow=True,
        beside=list(beside),
    )


def audits(ratio, ratio_of_approximate):
    approximate = row("audit, approximate neighbours", "audit.approximate", ratio=ratio_of_approximate)
    return row("audit", "audit.exact", ratio=ratio, beside=[approximate])


def data_sets():
    # The first call here is the exact audit, whose neighbours the others are given or held to.
    plan = [
        (2_000, 64, [row("audit", "audit.exact"), row("`non_iid` alone", "audit.check", "non_iid", "check")]),
        (50_000, 2, [row("audit", "audit.exact", ratio=15)]),
        (50_000, 64, [audits(25, 25), row("`non_iid` alone", "audit.check", "non_iid", "check", ratio=40)]),
        (50_000, 512, [audits(6, 25)]),
    ]
    for n, d, rows in plan:
        yield DataSet(
            f"{n:,} × {d}",
            lambda n=n, d=d: made_data.audited(n, d),
            rows,
            inputs=("features", "pred_probs", "labels"),
            quick=n == 2_000,
        )


if __name__ == "__main__":
    calls = {"audit": audit, "check": check, "prepare": prepare}
    main("datalab", __doc__, __file__, calls, data_sets)
