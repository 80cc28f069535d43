// What the page is made of: its data, numbers for people, elements.
const data = JSON.parse(document.getElementById("data").textContent);
const main = document.getElementById("main");
const comparison = data.comparison;

// --- Numbers for people ---

const known = x => typeof x === "number" && Number.isFinite(x);
const none = "\u2013";
const digits = (x, count) =>
  x.toLocaleString("en", { minimumFractionDigits: count, maximumFractionDigits: count });
const significant = x => Math.abs(x) < 1e15 ? x.toLocaleString("en", { maximumSignificantDigits: 3 })
  : x.toExponential(2);
const whole = x => known(x) ? Math.round(x).toLocaleString("en") : none;
const percent = x => known(x) ? digits(100 * x, 1) + " %" : none;
const loss = x => !known(x) ? none : Math.abs(x) < 1e4 ? digits(x, 4) : x.toExponential(3);
const factor = x => known(x) ? digits(x, 2) + "\u00d7" : none;

/** What seconds up to `most` are shown in. */
const time_unit = most => most >= 3 * 3600 ? { name: "h", seconds: 3600 }
  : most >= 300 ? { name: "min", seconds: 60 } : { name: "s", seconds: 1 };
const duration = x => {
  if (!known(x)) return none;
  const unit = time_unit(x);
  const value = x / unit.seconds;
  return digits(value, value < 10 ? 2 : 1) + " " + unit.name;
};
const size = x => {
  if (!known(x)) return none;
  const units = ["B", "kB", "MB", "GB", "TB"];
  let i = 0;
  while (x >= 1000 && i + 1 < units.length) { x /= 1000; ++i; }
  return (i === 0 || x >= 100 ? digits(x, 0) : significant(x)) + " " + units[i];
};
const largest = values => values.reduce((most, x) => known(x) && x > most ? x : most, 0);

// --- Elements: text from the data only ever becomes a text node ---

const element = (name, properties = {}, ...children) => {
  const x = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) x.setAttribute(key, value);
  x.append(...children);
  return x;
};
const section = (title, ...children) => {
  const heading = title ? [element("h2", {}, title)] : [];
  const x = element("section", {}, ...heading, ...children);
  main.append(x);
  return x;
};
const table = (caption, columns, rows) => element("div",
  { class: "card scroll", role: "region", tabindex: "0", "aria-label": caption },
  element("table", {}, element("caption", {}, element("span", {}, caption)),
    element("thead", {}, element("tr", {},
      ...columns.map(x => element("th", { scope: "col" }, x)))),
    element("tbody", {}, ...rows.map(cells => element("tr", {}, ...cells.map((x, i) =>
      element(i ? "td" : "th", i ? {} : { scope: "row" }, ...[x].flat())))))));
