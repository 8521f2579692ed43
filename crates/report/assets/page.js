// The page as a whole.

const { about, checks } = data;
const found = checks.filter((check) => check.status === "found");
const failed = checks.filter((check) => check.status === "failed");
const notRun = checks.filter((check) => check.status === "not_run");
const sectionOf = new Map(found.map((check, at) => [check, `check-${at}`]));

function section(id, title, ...content) {
  return el("section", { id, "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title` }, title), content);
}

function warningList(warnings) {
  return warnings.length ? el("ul", { class: "warnings" }, warnings.map((text) => el("li", {}, el("bdi", { text })))) : null;
}

function factList(pairs) {
  if (!pairs.length) return null;
  return el("dl", { class: "facts" }, pairs.map(([name, value]) => el("div", {}, el("dt", {}, dataText(name)), el("dd", {}, cellContent(value)))));
}

function failures() {
  if (!failed.length) return null;
  const verb = failed.length === 1 ? "1 check failed and has no result" : `${failed.length} checks failed and have no result`;
  return el("section", { class: "alarm", "aria-labelledby": "alarm-title" },
    el("h2", { id: "alarm-title", text: `${verb}: this audit is not complete` }),
    el("ul", {}, failed.map((check) => el("li", {}, el("strong", {}, dataText(check.title)), ": ", dataText(check.reason)))));
}

/** The health score as a ring. */
function health() {
  if (data.health === null) return null;
  const length = 2 * Math.PI * 42;
  const ring = svg("svg", { class: "ring", viewBox: "0 0 100 100", "aria-hidden": "true" },
    svg("circle", { class: "track", cx: 50, cy: 50, r: 42 }),
    svg("circle", { class: "arc", cx: 50, cy: 50, r: 42, "stroke-dasharray": `${length * data.health} ${length}` }),
    svg("text", { x: 50, y: 50, "text-anchor": "middle", "dominant-baseline": "central" }, data.health.toFixed(2)));
  return el("div", { class: "health" }, ring,
    el("div", {}, el("p", { class: "big", text: `Health score ${data.health.toFixed(3)}` }),
      el("p", { class: "faint", text: "The mean over the kinds of issue that cleanlab has; 1 is best." })));
}

function tiles() {
  const tile = (value, name, kind = "") => el("div", { class: `tile ${kind}` }, el("dd", { text: value }), el("dt", { text: name }));
  const list = [tile(grouped(about.rows), about.rows === 1 ? "row" : "rows")];
  if (about.classes) list.push(tile(grouped(about.classes), about.classes === 1 ? "class" : "classes"));
  const withIssues = found.filter((check) => check.count > 0).length;
  list.push(tile(`${withIssues} of ${found.length}`, "checks found issues"));
  if (failed.length) list.push(tile(failed.length, failed.length === 1 ? "check failed" : "checks failed", "bad"));
  if (notRun.length) list.push(tile(notRun.length, notRun.length === 1 ? "check not run" : "checks not run"));
  return el("dl", { class: "tiles" }, list);
}

function summary() {
  const isFound = (check) => check.status === "found";
  const columns = [
    {
      name: "Issue",
      value: (check) => check.title,
      content: (check) => (isFound(check) ? el("a", { href: `#${sectionOf.get(check)}` }, dataText(check.title)) : dataText(check.title)),
      head: true,
    },
    { name: "Count", value: (check) => (isFound(check) ? check.count : null), content: (check) => (isFound(check) ? grouped(check.count) : dataText(null)), number: true },
    {
      name: "Share",
      value: (check) => (isFound(check) && check.checked ? check.count / check.checked : null),
      content: (check) => (isFound(check) ? bar(shareText(check.count, check.checked), check.checked ? check.count / check.checked : 0, "wrong") : dataText(null)),
      number: true,
    },
    {
      name: "Score",
      value: (check) => check.score,
      content: (check) => {
        if (check.status === "failed") return el("span", { class: "badge bad", text: "FAILED" });
        if (check.status === "not_run") return el("span", { class: "faint", text: "not run" });
        return check.score === null ? dataText(null) : bar(scoreText(check.score), check.score);
      },
      number: true,
    },
  ];
  const needs = notRun.map((check) => el("li", {}, dataText(check.title), " was not run: it needs ", dataText(check.reason), "."));
  return section("summary", "Summary",
    el("div", { class: "top" }, health(), tiles()),
    checks.length ? dataTable(columns, checks, { caption: "All checks" }) : el("p", { text: "No checks were made." }),
    needs.length ? el("ul", { class: "faint needs" }, needs) : null);
}

function checkSection(check) {
  const unit = check.ofColumns ? "column" : "row";
  const share = check.checked ? ` (${shareText(check.count, check.checked)})` : "";
  const total = check.checked ? ` of ${counted(check.checked, unit)}` : "";
  const line = el("p", { class: "lead" }, el("strong", { text: grouped(check.count) }), `${total}${share}`, check.score === null ? "" : `, score ${scoreText(check.score)}`);
  return section(sectionOf.get(check), dataText(check.title),
    el("p", { class: "faint" }, dataText(check.description)),
    line,
    warningList(check.warnings),
    el("div", { class: "beside-chart" }, factList(check.facts), check.histogram ? histogramChart(check) : null),
    check.rows.length ? worstTable(check) : null);
}

function themeButton() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const button = el("button", { type: "button", class: "theme" });
  const name = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`);
  };
  // A page from a file may have no storage; then the choice lasts as long as the page.
  const stored = (work) => { try { return work(localStorage); } catch { return null; } };
  const choice = stored((storage) => storage.getItem("cleanlab-theme"));
  if (choice === "dark" || choice === "light") root.dataset.theme = choice;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    stored((storage) => storage.setItem("cleanlab-theme", root.dataset.theme));
    name();
  });
  system.addEventListener("change", name);
  name();
  return button;
}

function heading() {
  const facts = [about.task, counted(about.rows, "row")];
  if (about.classes) facts.push(counted(about.classes, "class"));
  const line = el("p", { class: "faint" }, facts.filter(Boolean).join(" · "));
  if (about.label !== null) line.append(" · labels in ", dataText(about.label));
  return el("header", {}, el("div", {}, el("h1", {}, dataText(about.title)), line), themeButton());
}

const sections = [];
if (data.map) sections.push(["map", "Map", section("map", "Map of the features", ...featureMap(data.map))]);
if (data.joint || data.noise) {
  sections.push(["labels", "Label noise", section("labels", "How labels are mistaken",
    el("div", { class: "pair" }, data.joint ? jointChart(data.joint) : null, data.noise ? noiseTable(data.noise) : null))]);
}
for (const check of found) {
  sections.push([sectionOf.get(check), check.title, checkSection(check), check.count]);
  if (check.type === "near_duplicate" && data.sets) sections.push(setSection());
}
if (data.sets && !sections.some(([id]) => id === "sets")) sections.push(setSection());

function setSection() {
  return ["sets", "Duplicate sets", section("sets", "Sets of near duplicates", ...duplicateSets(data.sets))];
}

const link = (id, title, count) => el("li", {}, el("a", { href: `#${id}` }, el("bdi", { text: title }), count === undefined ? "" : el("span", { class: "number", text: grouped(count) })));
const notes = [...data.notes, "Rows are counted from 0. Tables hold the worst rows; the JSON report has what is not shown here."];

document.body.append(
  heading(),
  el("div", { class: "columns" },
    el("nav", { "aria-label": "Sections" }, el("ul", {}, link("summary", "Summary"), sections.map(([id, title, , count]) => link(id, title, count)))),
    el("main", { id: "main", tabindex: "-1" },
      failures(),
      about.warnings.length ? el("section", { class: "notice", "aria-label": "Warnings" }, warningList(about.warnings)) : null,
      summary(),
      sections.map(([, , node]) => node),
      el("footer", {}, factList(about.settings), el("p", { class: "faint" }, notes.join(" ")), el("p", { class: "faint" }, "Made by ", dataText(about.madeBy), ".")))),
);
