// Sets of near duplicates, their rows side by side.

/** More fields of a set than this are left out; those in which its rows differ come first. */
const SET_FIELDS = 8;

function duplicateSets(sets) {
  const shown = sets.sets.length < sets.total ? `Showing the ${grouped(sets.sets.length)} largest of ${grouped(sets.total)} sets.` : `${counted(sets.total, "set")}.`;
  return [el("p", { class: "faint", text: shown }), el("div", { class: "sets" }, sets.sets.map((set, at) => duplicateSet(set, at, sets)))];
}

function duplicateSet(set, at, sets) {
  const { columns } = sets;
  const cellsOf = (field) => set.rows.map((row) => row[4][field] ?? null);
  const fields = columns.map((_, field) => {
    const cells = cellsOf(field);
    return { field, differs: cells.some((cell) => cell !== cells[0]) };
  });
  const differing = fields.filter(({ differs }) => differs);
  const chosen = [...differing, ...fields.filter(({ differs }) => !differs)].slice(0, SET_FIELDS);
  const line = (name, cells, differs) =>
    el("tr", { class: differs ? "differs" : null }, el("th", { scope: "row" }, name), cells.map((cell) => el("td", {}, cell)));
  const lines = [];
  if (set.rows.some((row) => data.images[row[0]])) lines.push(line("Picture", set.rows.map((row) => picture(row[0], 72)), false));
  if (set.rows.some((row) => row[3] !== null)) {
    lines.push(line("Label", set.rows.map((row) => cellContent(row[3])), set.conflict));
  }
  lines.push(line("Score", set.rows.map((row) => scoreText(row[2])), false));
  for (const { field, differs } of chosen) {
    lines.push(line(dataText(columns[field]), cellsOf(field).map(cellContent), differs));
  }
  const head = el("tr", {}, el("td"), set.rows.map((row) => el("th", { scope: "col", text: `Row ${row[0]}` })));
  const badges = [];
  if (set.exact) badges.push(el("span", { class: "badge plain", text: "equal" }));
  if (set.conflict) badges.push(el("span", { class: "badge", text: "labels differ" }));
  const notes = [];
  if (set.rows.length < set.total) notes.push(`${set.rows.length} of ${counted(set.total, "row")} shown.`);
  if (chosen.length < sets.allColumns) {
    notes.push(`${chosen.length} of ${counted(sets.allColumns, "column")} shown; ${differing.length} differ.`);
  }
  const title = `Set ${at + 1}: ${counted(set.total, "row")}`;
  return el("article", { class: "set" },
    el("h3", {}, title, badges),
    el("div", { class: "scroll plain", tabindex: "0", role: "region", "aria-label": title },
      el("table", { class: "beside" }, el("thead", {}, head), el("tbody", {}, lines))),
    notes.length ? el("p", { class: "count", text: notes.join(" ") }) : null);
}
