// The features in two dimensions: points coloured by label, rows with an issue ringed.

const MAP_GROUPS = 16;
const SHADES = 8;
const NUMBER_BINS = 7;
const SHAPES = ["circle", "square", "triangle", "diamond"];

/** Points by label: { name, color, shape, points }; numeric labels in bins of equal size. */
function mapGroups(map) {
  const at = map.row.map((_, point) => point);
  const without = at.filter((point) => map.label[point] === null);
  let groups = [];
  if (map.isNumber) {
    const sorted = at.filter((point) => map.label[point] !== null).sort((a, b) => map.label[a] - map.label[b]);
    const bins = Math.min(NUMBER_BINS, new Set(sorted.map((point) => map.label[point])).size);
    for (let bin = 0, from = 0; bin < bins && from < sorted.length; bin++) {
      let to = Math.max(from + 1, Math.round(((bin + 1) * sorted.length) / bins));
      while (to < sorted.length && map.label[sorted[to]] === map.label[sorted[to - 1]]) to++;
      const points = sorted.slice(from, to);
      const [low, high] = [map.label[points[0]], map.label[points.at(-1)]].map(numberText);
      groups.push({ name: low === high ? low : `${low} to ${high}`, color: `s${bin}`, shape: "circle", points });
      from = to;
    }
  } else {
    const byLabel = new Map();
    for (const point of at) {
      const label = map.label[point];
      if (label === null) continue;
      if (!byLabel.has(label)) byLabel.set(label, []);
      byLabel.get(label).push(point);
    }
    let labels = [...byLabel.keys()].sort((a, b) => a - b);
    if (labels.length > MAP_GROUPS) {
      const largest = [...labels].sort((a, b) => byLabel.get(b).length - byLabel.get(a).length).slice(0, MAP_GROUPS - 1);
      labels = labels.filter((label) => largest.includes(label));
    }
    groups = labels.map((label, index) => ({
      name: map.names[label] ?? String(label),
      color: `c${index % SHADES}`,
      shape: SHAPES[Math.floor(index / SHADES) % SHAPES.length],
      points: byLabel.get(label),
    }));
    const others = [...byLabel.keys()].filter((label) => !labels.includes(label));
    if (others.length) {
      const points = others.flatMap((label) => byLabel.get(label));
      groups.push({ name: `${grouped(others.length)} other classes`, color: "other", shape: "circle", points });
    }
  }
  if (without.length) {
    groups.push({ name: groups.length ? "no label" : "rows", color: "other", shape: "circle", points: without });
  }
  return groups;
}

function shapePath(shape, x, y, r) {
  if (shape === "square") return `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
  if (shape === "triangle") return `M${x} ${y - 1.2 * r}L${x + 1.2 * r} ${y + r}H${x - 1.2 * r}z`;
  if (shape === "diamond") return `M${x} ${y - 1.4 * r}L${x + 1.4 * r} ${y}L${x} ${y + 1.4 * r}L${x - 1.4 * r} ${y}z`;
  return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
}

function featureMap(map) {
  const groups = mapGroups(map);
  const groupOf = [];
  groups.forEach((group, index) => group.points.forEach((point) => (groupOf[point] = index)));
  const isShown = groups.map(() => true);
  const isMarked = map.types.map(() => true);
  let issuesOnly = false;
  let size = null;
  let current = -1;
  const marked = (point) => map.issues[point].some((type) => isMarked[type]);
  const visible = (point) => isShown[groupOf[point]] && (!issuesOnly || marked(point));

  const plot = svg("svg", {
    class: "map",
    tabindex: "0",
    role: "application",
    "aria-label": "Map of the features. Arrow keys go from point to point, Home to the first row with an issue, Escape leaves.",
  });
  const card = el("div", { class: "card", role: "status" });
  card.hidden = true;
  const frame = el("div", { class: "frame" }, plot, card);

  const margin = 16;
  const px = (point) => margin + (map.x[point] / 10000) * (size.width - 2 * margin);
  const py = (point) => size.height - margin - (map.y[point] / 10000) * (size.height - 2 * margin);

  function draw() {
    const width = frame.clientWidth;
    if (!width) return;
    size = { width, height: Math.round(Math.max(280, Math.min(560, width * 0.62))) };
    const radius = (map.row.length > 1500 ? 2.6 : 3.4) * (width < 500 ? 0.8 : 1);
    plot.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    plot.setAttribute("height", size.height);
    const round = (number) => Math.round(number * 10) / 10;
    const layers = groups.map((group, index) => {
      const points = group.points.filter(visible);
      const path = points.map((point) => shapePath(group.shape, round(px(point)), round(py(point)), radius)).join("");
      return svg("path", { class: `points ${group.color}`, d: path, "data-group": index });
    });
    const rings = map.row.map((_, point) => point).filter((point) => visible(point) && marked(point));
    const ringPath = rings.map((point) => shapePath("circle", round(px(point)), round(py(point)), radius + 3.2)).join("");
    plot.replaceChildren(...layers, svg("path", { class: "rings", d: ringPath }), svg("circle", { class: "cursor", r: radius + 6, visibility: "hidden" }));
    if (current >= 0 && visible(current)) show(current);
    else hide();
  }

  function show(point) {
    current = point;
    const [x, y] = [px(point), py(point)];
    const cursor = plot.lastElementChild;
    cursor.setAttribute("cx", x);
    cursor.setAttribute("cy", y);
    cursor.setAttribute("visibility", "visible");
    const issues = map.issues[point].map((type) => el("li", { class: "badge", text: map.types[type] ?? "" }));
    const label = map.label[point] === null ? null : map.isNumber ? numberText(map.label[point]) : (map.names[map.label[point]] ?? String(map.label[point]));
    card.replaceChildren(
      el("strong", { text: `Row ${map.row[point]}` }),
      picture(map.row[point], 72) ?? "",
      label === null ? "" : el("p", {}, "Label: ", dataText(label)),
      map.text[point] ? el("p", { class: "text" }, el("bdi", { text: map.text[point] })) : "",
      issues.length ? el("ul", { class: "badges" }, issues) : el("p", { class: "faint", text: "no issue" }),
    );
    card.hidden = false;
    const left = x > size.width / 2 ? x - card.offsetWidth - 14 : x + 14;
    card.style.left = `${Math.max(0, Math.min(size.width - card.offsetWidth, left))}px`;
    card.style.top = `${Math.max(0, Math.min(size.height - card.offsetHeight, y - card.offsetHeight / 2))}px`;
  }

  function hide() {
    current = -1;
    card.hidden = true;
    plot.lastElementChild?.setAttribute("visibility", "hidden");
  }

  function nearest(x, y, within) {
    let [best, least] = [-1, within * within];
    for (let point = 0; point < map.row.length; point++) {
      const distance = (px(point) - x) ** 2 + (py(point) - y) ** 2;
      if (distance < least && visible(point)) [best, least] = [point, distance];
    }
    return best;
  }

  /** The nearest point that lies in a direction, straight ahead rather than aside. */
  function neighbour(from, [dx, dy]) {
    let [best, least] = [-1, Infinity];
    for (let point = 0; point < map.row.length; point++) {
      if (point === from || !visible(point)) continue;
      const [x, y] = [px(point) - px(from), py(point) - py(from)];
      const ahead = x * dx + y * dy;
      const aside = Math.abs(x * dy - y * dx);
      if (ahead > 0.01 && aside <= ahead && ahead + 2 * aside < least) [best, least] = [point, ahead + 2 * aside];
    }
    return best;
  }

  const first = () => {
    const points = map.row.map((_, point) => point).filter(visible);
    return points.find(marked) ?? points[0] ?? -1;
  };
  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    const point = nearest(event.clientX - box.left, event.clientY - box.top, 24);
    if (point < 0) hide();
    else if (point !== current) show(point);
  });
  plot.addEventListener("pointerleave", () => { if (document.activeElement !== plot) hide(); });
  plot.addEventListener("focus", () => { if (current < 0 && first() >= 0 && plot.matches(":focus-visible")) show(first()); });
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", (event) => {
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Escape") hide();
    else if (event.key === "Home" || (direction && current < 0)) { if (first() >= 0) show(first()); }
    else if (direction) { const next = neighbour(current, direction); if (next >= 0) show(next); }
    else return;
    event.preventDefault();
  });

  function toggle(content, flags, index, count) {
    const button = el("button", { type: "button", class: "toggle", "aria-pressed": "true" }, content, el("span", { class: "number", text: grouped(count) }));
    button.addEventListener("click", () => {
      flags[index] = !flags[index];
      button.setAttribute("aria-pressed", String(flags[index]));
      draw();
    });
    return button;
  }
  const swatch = (group) => svg("svg", { class: "swatch", viewBox: "0 0 14 14", "aria-hidden": "true" }, svg("path", { class: `points ${group.color}`, d: shapePath(group.shape, 7, 7, 4.5) }));
  const labels = groups.map((group, index) => toggle([swatch(group), el("span", { class: "name" }, dataText(group.name))], isShown, index, group.points.length));
  const types = map.types.map((type, index) => {
    const ring = svg("svg", { class: "swatch", viewBox: "0 0 14 14", "aria-hidden": "true" }, svg("path", { class: "rings", d: shapePath("circle", 7, 7, 5) }));
    return toggle([ring, el("span", { class: "name" }, dataText(type))], isMarked, index, map.issues.filter((of) => of.includes(index)).length);
  });
  const legend = el("div", { class: "legend" },
    el("div", { role: "group", "aria-label": "Labels" }, el("h3", { text: "Label" }), labels),
    types.length ? el("div", { role: "group", "aria-label": "Marked issues" }, el("h3", { text: "Marked" }), types) : null,
    checkbox("Marked rows only", (isChecked) => { issuesOnly = isChecked; draw(); }));
  const n = map.row.length;
  const sample = n < map.total ? `Showing ${grouped(n)} of ${grouped(map.total)} rows. ` : "";
  const variance = map.variance.map((share) => `${(100 * share).toFixed(0)} %`).join(" and ");
  const note = `${sample}First two principal components of the features (${variance} of the variance). Rings are rows with a marked issue.`;
  new ResizeObserver(draw).observe(frame);
  return [el("p", { class: "faint", text: note }), el("div", { class: "mapbox" }, frame, legend)];
}
