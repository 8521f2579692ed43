// Tables that can be sorted by every column, filtered by text, and narrowed to rows with the issue.

/**
 * A table with its tools.
 *
 * columns: { name, value(row), content(row)?, number?, sortable?, head?, hidden? }; rows: anything.
 * options: caption, filter (whether there are tools), isIssue(row)?, note, extra (index from which columns are folded).
 */
function dataTable(columns, rows, options) {
  const state = { column: -1, descending: false, text: "", issuesOnly: false, unfolded: false };
  const body = el("tbody");
  const headRow = el("tr");
  const status = el("p", { class: "count", role: "status" });
  const lines = rows.map((row, position) => ({
    row,
    position,
    node: null,
    haystack: columns.map((column) => cellText(column.value(row))).join("\n").toLowerCase(),
  }));
  const folds = options.extra !== undefined && options.extra < columns.length;
  const shownColumns = () => (folds && !state.unfolded ? columns.slice(0, options.extra) : columns);

  function drawHead() {
    headRow.replaceChildren(
      ...shownColumns().map((column, at) => {
        const kind = column.number ? "number" : "";
        if (column.sortable === false) return el("th", { scope: "col", class: kind }, dataText(column.name));
        const isSorted = state.column === at;
        const order = !isSorted ? "none" : state.descending ? "descending" : "ascending";
        const sort = el("button", { type: "button", onclick: () => sortBy(at) }, dataText(column.name));
        sort.append(el("span", { class: "order", "aria-hidden": "true" }));
        return el("th", { scope: "col", class: kind, "aria-sort": order }, sort);
      }),
    );
  }

  function line(entry) {
    entry.node ??= el(
      "tr",
      { class: options.isIssue?.(entry.row) ? "issue" : null },
      shownColumns().map((column) => {
        const properties = { class: column.number ? "number" : null };
        if (column.head) Object.assign(properties, { scope: "row" });
        const content = column.content ? column.content(entry.row) : cellContent(column.value(entry.row));
        return el(column.head ? "th" : "td", properties, content);
      }),
    );
    return entry.node;
  }

  function drawBody() {
    let shown = lines.filter(
      (entry) =>
        entry.haystack.includes(state.text) && (!state.issuesOnly || options.isIssue(entry.row)),
    );
    if (state.column >= 0) {
      const { value } = columns[state.column];
      const sign = state.descending ? -1 : 1;
      shown.sort((a, b) => compared(value(a.row), value(b.row), sign) || a.position - b.position);
    }
    body.replaceChildren(...shown.map(line));
    if (shown.length === 0) {
      const text = rows.length === 0 ? "Nothing to show." : "No row matches.";
      body.append(el("tr", {}, el("td", { class: "faint", colspan: shownColumns().length, text })));
    }
    const narrowed = shown.length < rows.length ? `${grouped(shown.length)} of ${grouped(rows.length)} rows match. ` : "";
    status.textContent = narrowed + (options.note || "");
  }

  function sortBy(at) {
    state.descending = state.column === at && !state.descending;
    state.column = at;
    drawHead();
    drawBody();
    headRow.children[at].querySelector("button").focus();
  }

  const tools = el("div", { class: "tools" });
  if (options.filter) {
    const search = el("input", { type: "search", placeholder: "Filter rows", "aria-label": `Filter: ${options.caption}` });
    search.addEventListener("input", () => {
      state.text = search.value.trim().toLowerCase();
      drawBody();
    });
    tools.append(search);
    const nIssues = options.isIssue ? rows.filter(options.isIssue).length : 0;
    if (nIssues > 0 && nIssues < rows.length) {
      tools.append(checkbox("Issues only", (isChecked) => {
        state.issuesOnly = isChecked;
        drawBody();
      }));
    }
    if (folds) {
      tools.append(checkbox(`All ${columns.length} columns`, (isChecked) => {
        state.unfolded = isChecked;
        if (!isChecked && state.column >= options.extra) state.column = -1;
        for (const entry of lines) entry.node = null;
        drawHead();
        drawBody();
      }));
    }
  }
  tools.append(status);
  drawHead();
  drawBody();
  const table = el("table", {}, el("caption", { class: "unseen", text: options.caption }), el("thead", {}, headRow), body);
  const scroll = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": options.caption }, table);
  return el("div", { class: "table" }, tools, scroll);
}

/** Numbers before text, and what is missing last in either direction. */
function compared(a, b, sign) {
  const rank = (value) => (value === null || value === undefined ? 2 : typeof value === "string" ? 1 : 0);
  const byRank = rank(a) - rank(b);
  if (byRank !== 0) return rank(a) === 2 || rank(b) === 2 ? byRank : sign * byRank;
  if (rank(a) === 2) return 0;
  if (typeof a === "string") return sign * a.localeCompare(b, "en", { numeric: true });
  return sign * (a - b);
}

function checkbox(text, changed) {
  const box = el("input", { type: "checkbox" });
  box.addEventListener("change", () => changed(box.checked));
  return el("label", { class: "check" }, box, text);
}

// Rows of the data are [row, is issue, score, label, cells].

/** Columns of the data beyond so many are folded away at first. */
const FEW_COLUMNS = 6;

/** The worst rows of a check. */
function worstTable(check) {
  const of = check.ofColumns ? "column" : "row";
  const has = (test) => check.rows.some(test);
  const columns = [];
  const hasPictures = !check.ofColumns && has((row) => data.images[row[0]]);
  if (!check.ofColumns) {
    if (hasPictures) {
      columns.push({ name: "Picture", value: () => null, content: (row) => picture(row[0], 40), sortable: false });
    }
    columns.push({ name: "Row", value: (row) => row[0], number: true, head: true });
  }
  columns.push({
    name: "Issue",
    value: (row) => row[1] === 1,
    content: (row) => el("span", { class: row[1] ? "badge" : "faint", text: row[1] ? "issue" : "no" }),
  });
  columns.push({
    name: "Score",
    value: (row) => row[2],
    content: (row) => bar(scoreText(row[2]), row[2]),
    number: true,
  });
  const details = check.columns.slice(0, check.details);
  const hasLabels = has((row) => row[3] !== null);
  if (hasLabels && !details.includes("given_label")) columns.push({ name: "Label", value: (row) => row[3] });
  const first = columns.length;
  check.columns.forEach((name, at) => {
    // The label is a column already.
    if (hasLabels && at >= check.details && name === data.about.label) return;
    const cells = check.rows.map((row) => row[4][at]);
    const number = cells.every((cell) => typeof cell !== "string" && typeof cell !== "boolean");
    columns.push({ name, value: (row) => row[4][at] ?? null, number });
  });
  const nIssues = check.rows.filter((row) => row[1]).length;
  let note = nIssues < check.count ? `Showing ${grouped(nIssues)} of ${grouped(check.count)} issues` : `All ${counted(check.count, "issue")} shown`;
  if (check.count === 0) note = "No issues";
  const others = check.rows.length - nIssues;
  if (others > 0) note += `, and the ${counted(others, of)} with the next lowest scores`;
  note += ".";
  if (check.allColumns > check.columns.length) {
    note += ` ${grouped(check.columns.length)} of ${grouped(check.allColumns)} columns are on this page.`;
  }
  return dataTable(columns, check.rows, {
    caption: `${check.title}: worst ${of}s`,
    filter: true,
    isIssue: (row) => row[1] === 1,
    note,
    // Of a row that is a picture the columns are its pixels.
    extra: first + check.details + (hasPictures && check.columns.length - check.details > FEW_COLUMNS ? 0 : FEW_COLUMNS),
  });
}
