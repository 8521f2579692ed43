// Histograms of scores, the heat map of the joint distribution, and the noise of classes.

/** A line below a chart that says what is under the pointer or has the focus. */
function readout(text) {
  return el("p", { class: "readout", role: "status", text });
}

/** How many rows have which score, those with the issue on top of the others. */
function histogramChart(check) {
  const { edges, fine, issues, threshold } = check.histogram;
  const [low, high] = [edges[0], edges.at(-1)];
  const place = (score) => (score - low) / (high - low);
  const highest = Math.max(...fine.map((count, at) => count + issues[at]), 1);
  const about = readout("");
  const rest = `${counted(fine.length, "bin")}, up to ${grouped(highest)} in one.`;
  about.textContent = rest;
  const bins = fine.map((count, at) => {
    const bin = el("div", { class: "bin" });
    vary(bin, "--left", place(edges[at]));
    vary(bin, "--width", place(edges[at + 1]) - place(edges[at]));
    if (issues[at]) bin.append(vary(el("div", { class: "part issues" }), "--share", issues[at] / highest));
    if (count) bin.append(vary(el("div", { class: "part" }), "--share", count / highest));
    bin.addEventListener("pointerenter", () => show(at));
    return bin;
  });
  let current = -1;
  function show(at) {
    bins[current]?.classList.remove("current");
    current = at;
    bins[at].classList.add("current");
    const range = `Score ${numberText(edges[at])} to ${numberText(edges[at + 1])}`;
    about.textContent = `${range}: ${grouped(issues[at])} with the issue, ${grouped(fine[at])} without.`;
  }
  function leave() {
    bins[current]?.classList.remove("current");
    current = -1;
    about.textContent = rest;
  }
  const marks = [];
  if (threshold !== null && threshold >= low && threshold <= high) {
    marks.push(vary(el("div", { class: "threshold" }), "--left", place(threshold)));
  }
  const plot = el("div", {
    class: "plot",
    tabindex: "0",
    role: "group",
    "aria-label": `Histogram of scores. Arrow keys go through the bins.`,
    onpointerleave: leave,
    onblur: leave,
    onkeydown: (event) => {
      const next = moved(event.key, current < 0 && event.key !== "End" ? -1 : current, bins.length);
      if (next === null) return;
      event.preventDefault();
      show(Math.max(next, 0));
    },
  }, bins, marks);
  const ends = el("div", { class: "ends" }, el("span", { text: numberText(low) }), el("span", { text: "score" }), el("span", { text: numberText(high) }));
  const keys = el("div", { class: "keys" }, el("span", { class: "key issues", text: "issue" }), el("span", { class: "key", text: "no issue" }));
  if (marks.length) keys.append(el("span", { class: "key line", text: `threshold ${numberText(threshold)}` }));
  return el("figure", { class: "histogram" }, el("figcaption", { text: "Scores" }), plot, ends, keys, about);
}

/** Given labels down, true labels across. What is off the diagonal is wrong, and has a scale of its own. */
function jointChart(joint) {
  const n = joint.names.length;
  const off = joint.values.flatMap((row, given) => row.filter((_, truth) => truth !== given));
  const largest = Math.max(...off, 0) || 1;
  const diagonal = Math.max(...joint.values.map((row, at) => row[at]), 0) || 1;
  const hint = "Point at a cell, or move through it with the arrow keys.";
  const about = readout(hint);
  const cells = [];
  const text = (value) => (value >= 0.0995 ? (100 * value).toFixed(0) : value >= 0.0005 ? (100 * value).toFixed(1) : value > 0 ? "·" : "");
  const percent = (value) => {
    if (value === 0) return "0 %";
    return value < 0.00005 ? "< 0.01 %" : `${(100 * value).toFixed(2)} %`;
  };
  const nameOf = (at) => (joint.names[at].trim() === "" ? "(empty)" : joint.names[at]);
  function show(at) {
    const [given, truth] = [Math.floor(at / n), at % n];
    const value = joint.values[given][truth];
    const rows = grouped(Math.round(value * data.about.rows));
    const meaning = given === truth ? `labelled ${nameOf(given)}, rightly` : `labelled ${nameOf(given)}, but of class ${nameOf(truth)}`;
    about.textContent = `${meaning}: ${percent(value)}, about ${rows} rows.`;
  }
  let current = 0;
  function focusOn(at) {
    cells[current].tabIndex = -1;
    current = at;
    cells[at].tabIndex = 0;
    cells[at].focus();
  }
  const body = joint.values.map((row, given) =>
    el("tr", {}, el("th", { scope: "row" }, el("div", { class: "name" }, dataText(joint.names[given]))),
      row.slice(0, n).map((value, truth) => {
        const share = given === truth ? value / diagonal : value / largest;
        const kind = given === truth ? "right" : "wrong";
        const at = given * n + truth;
        const cell = el("td", {
          class: `${kind}${share > 0.55 ? " deep" : ""}`,
          tabindex: at === 0 ? "0" : "-1",
          onpointerenter: () => show(at),
          onfocus: () => show(at),
          onclick: () => focusOn(at),
        }, n <= 12 ? text(value) : "");
        cell.setAttribute("aria-label", `given ${nameOf(given)}, true ${nameOf(truth)}: ${percent(value)}`);
        cells.push(vary(cell, "--share", share));
        return cell;
      })),
  );
  const head = el("tr", {}, el("td", { class: "corner" }, "given ↓ true →"),
    joint.names.map((name) => el("th", { scope: "col" }, el("div", { class: "name" }, dataText(name)))));
  const wide = n > 12 || joint.names.some((name) => name.length > 6);
  const table = el("table", {
    class: `heat${wide ? " upright" : ""}${n > 12 ? " small" : ""}`,
    role: "grid",
    "aria-label": "Joint distribution of given and true labels",
    onkeydown: (event) => {
      const column = current % n;
      const steps = { ArrowLeft: column > 0 ? -1 : 0, ArrowRight: column < n - 1 ? 1 : 0, ArrowUp: -n, ArrowDown: n };
      const step = steps[event.key];
      if (step === undefined) return;
      event.preventDefault();
      if (current + step >= 0 && current + step < cells.length) focusOn(current + step);
    },
    onpointerleave: () => { about.textContent = hint; },
  }, el("thead", {}, head), el("tbody", {}, body));
  const shown = n < joint.total ? `Showing ${grouped(n)} of ${grouped(joint.total)} classes, those with the most noise. ` : "";
  return el("figure", { class: n > 12 ? "joint wide" : "joint" },
    el("figcaption", { text: "Given and true labels" }),
    el("p", { class: "faint", text: `${shown}Estimated per cent of all rows, given labels down and true labels across. Off the diagonal are wrong labels.` }),
    el("div", { class: "scroll plain" }, table), about);
}

/** How well every class is labelled. */
function noiseTable(noise) {
  // Rows are [name, issues, inverse issues, noise, inverse noise].
  const largest = Math.max(...noise.rows.flatMap((row) => [row[3], row[4]]), 0) || 1;
  const share = (at) => (row) => bar(`${(100 * row[at]).toFixed(1)} %`, row[at] / largest, "wrong");
  const columns = [
    { name: "Class", value: (row) => row[0], head: true },
    { name: "Noise", value: (row) => row[3], content: share(3), number: true },
    { name: "Issues", value: (row) => row[1], number: true },
    { name: "Inverse noise", value: (row) => row[4], content: share(4), number: true },
    { name: "Inverse issues", value: (row) => row[2], number: true },
  ];
  const note = noise.rows.length < noise.total ? `Showing the ${grouped(noise.rows.length)} noisiest of ${grouped(noise.total)} classes.` : "";
  return el("figure", { class: "noise" },
    el("figcaption", { text: "Noise of every class" }),
    el("p", { class: "faint", text: "Noise: rows with this label that belong to another class. Inverse noise: rows of this class with another label. Both by estimate." }),
    dataTable(columns, noise.rows, { caption: "Noise of every class", filter: noise.rows.length > 12, note }));
}
