// Elements and texts. Everything from the data goes through text nodes; markup is never parsed.

const data = JSON.parse(document.getElementById("report-data").textContent);

/** An element: `on…` are listeners, `text` and `className` properties, everything else attributes. */
function el(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

function svg(tag, properties = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function filled(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "text") node.textContent = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** Sets a custom property of the style; a style attribute would be against the policy of the page. */
function vary(node, name, value) {
  node.style.setProperty(name, String(value));
  return node;
}

const wholeNumbers = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const grouped = (number) => wholeNumbers.format(number);

function counted(number, unit) {
  const plural = unit.endsWith("s") ? `${unit}es` : `${unit}s`;
  return `${grouped(number)} ${number === 1 ? unit : plural}`;
}

function scoreText(score) {
  if (score === null) return "–";
  return score > 0 && score < 5e-5 ? score.toExponential(1) : score.toFixed(4);
}

function shareText(count, total) {
  if (!total) return "–";
  const share = (100 * count) / total;
  if (count === 0) return "0 %";
  if (share < 0.05) return "< 0.1 %";
  if (count < total && share >= 99.95) return "> 99.9 %";
  return `${share.toFixed(1)} %`;
}

function numberText(number) {
  const size = Math.abs(number);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return number.toExponential(4).replace(/\.?0+e/, "e");
  if (Number.isInteger(number)) return String(number);
  return String(Number(number.toPrecision(6)));
}

function cellText(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" ? numberText(value) : value;
}

/** A name or a cell from the data, told apart where it is empty or missing. */
function dataText(value) {
  if (value === null || value === undefined) return el("span", { class: "faint", text: "–" });
  const text = cellText(value);
  if (text.trim() === "") return el("span", { class: "faint", text: text === "" ? "(empty)" : "(blank)" });
  return el("bdi", { text });
}

const LONG_TEXT = 140;

/** The content of a cell; long text is folded, with a button that unfolds it. */
function cellContent(value) {
  const content = dataText(value);
  if (typeof value !== "string" || value.length <= LONG_TEXT) return content;
  const box = el("div", { class: "folded" }, content);
  const button = el("button", { type: "button", class: "more", text: "more", "aria-expanded": "false" });
  button.addEventListener("click", () => {
    const isFolded = box.classList.toggle("folded");
    button.textContent = isFolded ? "more" : "less";
    button.setAttribute("aria-expanded", String(!isFolded));
  });
  return el("div", { class: "long" }, box, button);
}

/** The picture of a row, or nothing. */
function picture(row, size) {
  const image = data.images[row];
  if (!image) return null;
  const label = `Row ${row} as a picture`;
  if (image.url) {
    return vary(el("img", { class: "picture", src: image.url, alt: label, loading: "lazy" }), "--size", `${size}px`);
  }
  const shades = atob(image.pixels);
  const height = shades.length / image.width;
  const canvas = el("canvas", { class: "picture", width: image.width, height, role: "img", "aria-label": label });
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(image.width, height);
  for (let at = 0; at < shades.length; at++) {
    pixels.data.fill(shades.charCodeAt(at), 4 * at, 4 * at + 3);
    pixels.data[4 * at + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  return vary(canvas, "--size", `${size}px`);
}

/** A number with a bar behind it, `share` from 0 to 1. */
function bar(text, share, kind = "") {
  const fill = vary(el("span", { class: `fill ${kind}` }), "--share", Math.max(0, Math.min(1, share || 0)));
  return el("span", { class: "bar" }, el("span", { class: "track" }, fill), el("span", { class: "value", text }));
}

/** Moves a position by an arrow key, Home or End; null for other keys. */
function moved(key, at, count) {
  const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[key];
  if (step) return Math.max(0, Math.min(count - 1, at + step));
  return { Home: 0, End: count - 1 }[key] ?? null;
}
