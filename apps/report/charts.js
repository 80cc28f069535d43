// The charts: lines over time or steps, and horizontal bars.
// --- Which runs, and in which colour ---

const colour_count = 8;
/** How a run ended; nothing of one that was killed. */
const ending = run => run.summary || {};
/** The middle run by time to target, runs that missed it last and by final loss. */
const middle_run = runs => {
  const late = x => known(x) ? x : Infinity;
  const before = (a, b) => a < b ? -1 : a > b ? 1 : 0;
  const sorted = [...runs].sort((a, b) =>
    before(late(ending(a).time_to_target_s), late(ending(b).time_to_target_s)) ||
    before(late(ending(a).final_loss), late(ending(b).final_loss)));
  return sorted[Math.floor((sorted.length - 1) / 2)];
};
const groups = (comparison ? comparison.policies : [{ policy: data.runs[0].policy, settings: [],
  first_run: 0, runs: 1 }]).map((x, i) => {
  const runs = data.runs.slice(x.first_run, x.first_run + x.runs);
  return { name: x.policy, policy: x, runs, shown: runs.length ? middle_run(runs) : null,
    colour: `--c${i % colour_count}`, dash: i < colour_count ? [] : [6, 3] };
});
// Two entries of one policy differ in their settings.
for (const group of groups)
  if (groups.filter(x => x.policy.policy === group.policy.policy).length > 1)
    group.name = [group.policy.policy, ...group.policy.settings].join(" ");
const drawn = groups.filter(x => x.shown);
const swatch = group => {
  const x = element("span", { class: "swatch", "aria-hidden": "true" });
  x.style.background = `var(${group.colour})`;
  return x;
};

// --- Charts: made anew when the colour scheme or a choice changes ---

const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const charts = [];
const redraw = chart => {
  if (chart.drawn) chart.drawn.destroy();
  Chart.defaults.color = css("--muted");
  Chart.defaults.borderColor = css("--grid");
  const settings = chart.settings();
  if (settings.height) chart.plot.style.minHeight = settings.height + "px";
  chart.canvas.setAttribute("aria-label", `${chart.title}. ${settings.label}`);
  chart.drawn = new Chart(chart.canvas, settings.config);
};
/** `settings` gives { config, label, height }. */
const add_chart = (parent, title, settings, { note, control } = {}) => {
  const canvas = element("canvas", { role: "img" });
  const plot = element("div", { class: "plot" }, canvas);
  plot.style.minHeight = "320px";
  const chart = { title, canvas, plot, settings };
  const head = element("div", { class: "head" }, element("h3", {}, title));
  if (control) head.append(control(() => redraw(chart)));
  parent.append(element("div", { class: "card" }, head, plot,
    ...(note ? [element("p", { class: "note" }, note)] : [])));
  charts.push(chart);
};
const switch_button = (text, state, key) => changed => {
  const x = element("button", { type: "button", "aria-pressed": String(state[key]) }, text);
  x.addEventListener("click", () => {
    state[key] = !state[key];
    x.setAttribute("aria-pressed", String(state[key]));
    changed();
  });
  return x;
};
const axis = (title, more = {}) => ({ title: { display: true, text: title }, ...more });
/** A logarithmic axis around some lines' points. */
const log_axis = datasets => {
  const ys = datasets.flatMap(line => line.data.map(point => point.y)).filter(y => y > 0);
  const lowest = ys.reduce((least, y) => Math.min(least, y), Infinity);
  return { type: "logarithmic", min: known(lowest) ? 0.95 * lowest : undefined,
    max: ys.length ? 1.05 * largest(ys) : undefined,
    ticks: { callback: x => [1, 2, 3, 5, 7].includes(Number(x.toExponential(3).split("e")[0]))
      ? significant(x) : "" } };
};
/** What is missing to 1, logarithmic, shown as the number itself: 0.99 and 0.999 are far apart. */
const near_one = { plotted: y => y < 1 ? 1 - y : NaN,
  shown: gap => (1 - gap).toLocaleString("en", { maximumFractionDigits: gap < 1 ? 1 + Math.ceil(-Math.log10(gap)) : 0 }),
  y_axis: datasets => {
    const gaps = datasets.flatMap(line => line.data.map(point => point.y));
    const lowest = gaps.reduce((least, y) => Math.min(least, y), 1);
    // Whole decades: each end has a tick, even where all is one number.
    return { type: "logarithmic", reverse: true, min: 10 ** Math.floor(Math.log10(0.99 * lowest)),
      max: gaps.length ? 10 ** Math.ceil(Math.log10(largest(gaps))) : 1, ticks: { callback: gap =>
        [1, 2, 5].includes(Number(gap.toExponential(3).split("e")[0])) ? near_one.shown(gap) : "" } };
  } };

Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.plugins.legend.labels.boxWidth = 14;
Chart.defaults.plugins.legend.labels.boxHeight = 3;

const points = (xs, ys, x_scale, plotted) => {
  const pairs = [];
  xs.forEach((x, i) => {
    const y = known(ys[i]) ? plotted(ys[i]) : NaN;
    if (known(x) && known(y)) pairs.push({ x: x * x_scale, y });
  });
  return pairs;
};
/** So few points are drawn: a line of one would not be there at all. */
const few_points = 12;
/** Lines of { group, name, main, xs, ys }; the thin ones belong to their group's main line. */
const lines = x => () => {
  const unit = x.over_time ? time_unit(largest(x.lines.flatMap(line => line.xs))) : null;
  const x_scale = unit ? 1 / unit.seconds : 1;
  const y_scale = x.y_scale || 1;
  const plotted = x.plotted || (y => y * y_scale);
  const format = x.shown || (value => significant(value) + (x.suffix || ""));
  const datasets = x.lines.map(line => ({
    label: line.name, group: line.group.name, main: line.main, fill: line.fill || false,
    data: points(line.xs, line.ys, x_scale, plotted),
    borderColor: css(line.group.colour) + (line.main ? "" : "99"),
    backgroundColor: css(line.group.colour) + (line.fill ? "2b" : ""),
    borderWidth: line.fill || line.edge ? 0 : line.main ? 2.2 : 1, borderDash: line.group.dash,
    clip: 6, pointHitRadius: 6, pointHoverRadius: line.edge || line.fill ? 0 : 4,
    order: line.main ? 0 : 1, stepped: x.stepped || false }));
  for (const line of datasets)
    line.pointRadius = line.borderWidth > 0 && line.data.length <= few_points ? line.borderWidth + 1 : 0;
  const ends = datasets.filter(line => line.main && line.data.length).map(line =>
    `${line.label}: ${format(line.data[0].y)} to ${format(line.data.at(-1).y)}`);
  if (known(x.target)) {
    const end = largest(datasets.flatMap(line => line.data.map(point => point.x)));
    datasets.push({ label: "target", group: "target", main: true, borderColor: css("--muted"),
      backgroundColor: css("--muted"), borderWidth: 1.2, borderDash: [4, 4], pointRadius: 0,
      pointHitRadius: 0, data: [0, end].map(at => ({ x: at, y: x.target * y_scale })) });
  }
  const legend = datasets.filter(line => line.main).length > 1;
  const crowd = Math.max(0, drawn.length - 4); // a longer legend takes none of the plot
  return { height: 320 + 12 * crowd, label: `${x.y}, from first to last: ${ends.join("; ")}`, config: { type: "line",
    data: { datasets }, options: { parsing: false, interaction: { mode: "nearest", intersect: false },
      scales: { x: axis(unit ? `time (${unit.name})` : x.x, { type: "linear", min: 0 }),
        y: axis(x.y, x.y_axis ? x.y_axis(datasets) : x.scale && x.scale.log ? log_axis(datasets) : { type: "linear", beginAtZero: !!x.from_zero, grace: x.from_zero ? "5%" : 0 }) },
      plugins: {
        legend: { display: legend, labels: { filter: (item, all) => all.datasets[item.datasetIndex].main },
          onClick: (event, item, shown) => {
            const chart = shown.chart;
            const hide = chart.isDatasetVisible(item.datasetIndex);
            chart.data.datasets.forEach((line, i) => {
              if (line.group === datasets[item.datasetIndex].group) chart.setDatasetVisibility(i, !hide);
            });
            chart.update();
          } },
        tooltip: { callbacks: {
          title: items => items.length
            ? unit ? digits(items[0].parsed.x, 2) + " " + unit.name : whole(items[0].parsed.x) + " steps" : "",
          label: item => ` ${item.dataset.label}: ${format(item.parsed.y)}` } } } } } };
};
/** One line a run: the middle one of each policy thick. */
const run_lines = (xs, ys) => drawn.flatMap(group => {
  const named = run => group.runs.length > 1 ? `${group.name}, seed ${run.seed}` : group.name;
  return [group.shown, ...group.runs.filter(x => x !== group.shown)].map((run, i) => ({
    group, main: i === 0, name: i === 0 ? group.name : named(run), xs: xs(run), ys: ys(run) }));
});

const whiskers = { id: "whiskers", afterDatasetsDraw: chart => chart.data.datasets.forEach((set, i) => {
  if (!set.whiskers || !chart.isDatasetVisible(i)) return;
  const { ctx } = chart;
  ctx.save();
  ctx.strokeStyle = css("--text");
  ctx.lineWidth = 1.5;
  set.whiskers.forEach((range, row) => {
    if (!range || range[0] === range[1]) return;
    const y = chart.getDatasetMeta(i).data[row].y;
    const [from, to] = range.map(x => chart.scales.x.getPixelForValue(x));
    ctx.beginPath();
    ctx.moveTo(from, y);
    ctx.lineTo(to, y);
    for (const end of [from, to]) { ctx.moveTo(end, y - 5); ctx.lineTo(end, y + 5); }
    ctx.stroke();
  });
  ctx.restore();
}) };
/** Horizontal bars. `x`: { names, sets, title, format, stacked, most } */
const bars = x => {
  const shorter = name => name.length > 22 ? name.slice(0, 12) + "\u2026" + name.slice(-9) : name;
  return { height: Math.max(150, 90 + x.names.length * (x.names.length > 12 ? 20 : 34)),
    label: x.names.map((name, i) => name + ": " + x.sets.map(set => (x.stacked ? set.label + " " : "") +
      (known(set.data[i]) ? x.format(set.data[i]) : "none")).join(", ")).join("; "),
    config: { type: "bar", plugins: [whiskers],
      data: { labels: x.names, datasets: x.sets.map(set => ({ maxBarThickness: 32, ...set })) },
      options: { indexAxis: "y",
        scales: { x: axis(x.title, { stacked: !!x.stacked, beginAtZero: true, max: x.max,
          suggestedMax: x.most, grace: x.max ? 0 : "5%", ticks: x.whole ? { precision: 0 } : {} }),
          y: { stacked: !!x.stacked, grid: { display: false }, ticks: { autoSkip: false,
            callback: function (value) { return shorter(this.getLabelForValue(value)); } } } },
        plugins: { legend: { display: !!x.stacked, labels: { boxHeight: 12 } },
          tooltip: { callbacks: { label: item =>
            ` ${item.dataset.label}: ${(x.detail || (row => x.format(item.parsed.x)))(item.dataIndex)}` } } } } } };
};
const share_bars = (names, shares) => bars({ names, stacked: true, title: "share of the time (%)",
  max: 100, format: x => digits(x, 1) + " %",
  sets: ["compute", "communicate", "wait"].map(kind => ({ label: kind,
    data: shares.map(x => known(x[kind]) ? 100 * x[kind] : null), backgroundColor: css("--" + kind) })) });
