"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const main = document.getElementById("main");
  const comparison = data.comparison;

  // --- Numbers for people ---

  const known = x => typeof x === "number" && Number.isFinite(x);
  const none = "\u2013";
  const digits = (x, count) =>
    x.toLocaleString("en", { minimumFractionDigits: count, maximumFractionDigits: count });
  const significant = x => x.toLocaleString("en", { maximumSignificantDigits: 3 });
  const whole = x => known(x) ? Math.round(x).toLocaleString("en") : none;
  const percent = x => known(x) ? digits(100 * x, 1) + " %" : none;
  const loss = x => known(x) ? digits(x, 4) : none;
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

  // --- Which runs, and in which colour ---

  const colour_count = 8;
  /** The middle run by time to target, runs that missed it last and by final loss. */
  const middle_run = runs => {
    const late = x => known(x) ? x : Infinity;
    const before = (a, b) => a < b ? -1 : a > b ? 1 : 0;
    const sorted = [...runs].sort((a, b) =>
      before(late(a.summary.time_to_target_s), late(b.summary.time_to_target_s)) ||
      before(late(a.summary.final_loss), late(b.summary.final_loss)));
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

  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.plugins.legend.labels.boxWidth = 14;
  Chart.defaults.plugins.legend.labels.boxHeight = 3;

  const points = (xs, ys, x_scale, y_scale) => {
    const pairs = [];
    xs.forEach((x, i) => {
      if (known(x) && known(ys[i])) pairs.push({ x: x * x_scale, y: ys[i] * y_scale });
    });
    return pairs;
  };
  /** Lines of { group, name, main, xs, ys }; the thin ones belong to their group's main line. */
  const lines = x => () => {
    const unit = x.over_time ? time_unit(largest(x.lines.flatMap(line => line.xs))) : null;
    const x_scale = unit ? 1 / unit.seconds : 1;
    const y_scale = x.y_scale || 1;
    const datasets = x.lines.map(line => ({
      label: line.name, group: line.group.name, main: line.main, fill: line.fill || false,
      data: points(line.xs, line.ys, x_scale, y_scale),
      borderColor: css(line.group.colour) + (line.main ? "" : "99"),
      backgroundColor: css(line.group.colour) + (line.fill ? "2b" : ""),
      borderWidth: line.fill || line.edge ? 0 : line.main ? 2.2 : 1, borderDash: line.group.dash,
      pointRadius: 0, pointHitRadius: 6, pointHoverRadius: line.edge || line.fill ? 0 : 4,
      order: line.main ? 0 : 1, stepped: x.stepped || false }));
    const ends = datasets.filter(line => line.main && line.data.length).map(line =>
      `${line.label}: ${significant(line.data[0].y)} to ${significant(line.data.at(-1).y)}`);
    if (known(x.target)) {
      const end = largest(datasets.flatMap(line => line.data.map(point => point.x)));
      datasets.push({ label: "target", group: "target", main: true, borderColor: css("--muted"),
        backgroundColor: css("--muted"), borderWidth: 1.2, borderDash: [4, 4], pointRadius: 0,
        pointHitRadius: 0, data: [0, end].map(at => ({ x: at, y: x.target * y_scale })) });
    }
    const format = value => significant(value) + (x.suffix || "");
    const legend = datasets.filter(line => line.main).length > 1;
    const crowd = Math.max(0, drawn.length - 4); // a longer legend takes none of the plot
    return { height: 320 + 12 * crowd, label: `${x.y}, from first to last: ${ends.join("; ")}`, config: { type: "line",
      data: { datasets }, options: { parsing: false, interaction: { mode: "nearest", intersect: false },
        scales: { x: axis(unit ? `time (${unit.name})` : x.x, { type: "linear", min: 0 }),
          y: axis(x.y, x.scale && x.scale.log ? log_axis(datasets) : { type: "linear", beginAtZero: !!x.from_zero, grace: x.from_zero ? "5%" : 0 }) },
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

  // --- The parts of the page ---

  const kind_of_time = virtual_time => virtual_time ? "simulated time" : "real time";
  const reasons = { target_reached: "target reached", max_time: "time limit", max_steps: "step limit",
    interrupted: "interrupted", failed: "failed" };

  /** "3 s", "4 s" to "3-4 s": the unit once. */
  const range = (from, to) => {
    const unit = /\s?[^0-9.,]*$/.exec(to)[0];
    return (unit && from.endsWith(unit) ? from.slice(0, -unit.length) : from) + "\u2013" + to;
  };
  const spread = (x, format) => {
    if (!x || !known(x.median)) return [none];
    const one = format(x.min) === format(x.max);
    return one || !known(x.min) || !known(x.max) ? [format(x.median)]
      : [format(x.median), element("small", {}, range(format(x.min), format(x.max)))];
  };
  /** Lets a long key path wrap after its dots and equals signs. */
  const breakable = text => text.split(/(?<=[.=])/).flatMap(part => [part, element("wbr")]);
  const comparison_table = () => {
    const columns = [["Time to target", "time_to_target_s", duration], ["Speed-up", "speed_up", factor],
      ["Final loss", "final_loss", loss], ["Accuracy", "final_accuracy", percent],
      ["Steps", "steps", whole], ["Commits", "commits", whole], ["Traffic", "bytes", size],
      ["Compute", "compute", percent], ["Communicate", "communicate", percent],
      ["Wait", "wait", percent], ["Search", "search", percent]]
      .filter(x => comparison.policies.some(policy => policy[x[1]]));
    const seeds = comparison.policies.some(x => x.runs > 1);
    section("", table(seeds ? "Medians over the seeds, and from the lowest to the highest below"
      : "One seed: one run a policy", ["Policy", "Reached", ...columns.map(x => x[0])],
    groups.map(group => [
      [swatch(group), group.policy.policy,
        ...(group.policy.settings.length ? [element("small", {}, ...breakable(group.policy.settings.join(", ")))] : [])],
      known(group.policy.reached) ? `${group.policy.reached} of ${group.runs.length}` : none,
      ...columns.map(([, key, format]) => spread(group.policy[key], format))])));
  };
  const key_figures = run => {
    const x = run.summary;
    const share = x.time_share;
    const figures = [["Ended", reasons[x.end_reason] || x.end_reason],
      ["Duration", duration(x.duration_s)], ["Time to target", duration(x.time_to_target_s)],
      ["Final loss", loss(x.final_loss)], ["Final accuracy", percent(x.final_accuracy)],
      ["Steps", whole(x.steps)], ["Commits", whole(x.commits)], ["Traffic", size(x.bytes)],
      ["Computing", percent(share.compute)], ["Communicating", percent(share.communicate)],
      ["Waiting", percent(share.wait)], ["In the search", percent(share.search)]];
    const list = element("dl", { class: "figures" }, ...figures.map(([name, value]) =>
      element("div", { class: "card" }, element("dt", {}, name), element("dd", {}, value))));
    section("", list, ...(x.text ? [element("p", { class: "card error" }, x.text)] : []));
  };
  const progress_charts = () => {
    const grid = element("div", { class: "charts" });
    section("Progress", grid);
    const target = /^(loss|accuracy) ([0-9.]+)/.exec(comparison && comparison.target || "") || [];
    const target_of = kind => target[1] === kind ? Number(target[2]) : undefined;
    const seeds = drawn.some(x => x.runs.length > 1)
      ? "Thick: the seed with the median time to target. Thin: the other seeds." : "";
    const seconds = run => run.metrics.seconds;
    const steps = run => run.metrics.steps;
    const losses = run => run.metrics.loss;
    const by_time = { log: false };
    add_chart(grid, "Held-out loss over time", lines({ over_time: true, y: "loss", scale: by_time,
      target: target_of("loss"), lines: run_lines(seconds, losses) }),
    { note: seeds, control: switch_button("Log scale", by_time, "log") });
    const by_steps = { log: false };
    add_chart(grid, "Held-out loss over steps", lines({ x: "steps of all workers", y: "loss",
      scale: by_steps, target: target_of("loss"), lines: run_lines(steps, losses) }),
    { note: seeds, control: switch_button("Log scale", by_steps, "log") });
    add_chart(grid, "Held-out accuracy over time", lines({ over_time: true, y: "accuracy (%)", y_scale: 100,
      suffix: " %", target: target_of("accuracy"),
      lines: run_lines(seconds, run => run.metrics.accuracy) }), { note: seeds });
    return grid;
  };
  const time_to_target = grid => {
    const reached = drawn.filter(x => x.policy.time_to_target_s && known(x.policy.time_to_target_s.median));
    if (!reached.length) return;
    const times = reached.map(x => x.policy.time_to_target_s);
    const most = largest(times.flatMap(x => [x.median, x.max]));
    const unit = time_unit(most);
    const missed = drawn.filter(x => !reached.includes(x)).map(x => x.name);
    const varied = times.some(x => x.min !== x.max);
    add_chart(grid, "Time to target", () => bars({ names: reached.map(x => x.name),
      title: `time (${unit.name})`, most: most / unit.seconds, format: x => digits(x, 2) + " " + unit.name,
      detail: row => `${duration(times[row].median)} (${duration(times[row].min)} to ${duration(times[row].max)})`,
      sets: [{ label: varied ? "median" : "time", data: times.map(x => x.median / unit.seconds),
        backgroundColor: reached.map(x => css(x.colour)),
        whiskers: times.map(x => known(x.min) && known(x.max)
          ? [x.min / unit.seconds, x.max / unit.seconds] : null) }] }),
    { note: [varied ? "Bars: medians of the seeds that reached it. Whiskers: lowest to highest." : "",
      missed.length ? `Not reached by ${missed.join(", ")}.` : ""].filter(Boolean).join(" ") });
  };
  const rate_charts = grid => {
    const with_range = drawn.length === 1;
    const rates = drawn.flatMap(group => {
      const { periods } = group.shown;
      const line = (name, ys, more) => ({ group, name, main: false, xs: periods.seconds, ys, ...more });
      const mean = line(group.name, periods.mean, { main: true });
      return with_range ? [line("mean of the workers", periods.mean, { main: true }),
        line("fewest", periods.lowest, { edge: true }), line("most", periods.highest, { fill: "-1" })] : [mean];
    });
    add_chart(grid, "Commit rate over time", lines({ over_time: true, from_zero: true,
      y: "commits a worker and check period", lines: rates }),
    { note: "Mean of the workers in each check period" + (with_range
      ? "; the band reaches from the fewest to the most." : ".") });
    const implicit = drawn.filter(x => x.shown.periods.momentum);
    if (implicit.length)
      add_chart(grid, "Implicit momentum over time", lines({ over_time: true, from_zero: true,
        y: "implicit momentum", lines: implicit.map(group => ({ group, name: group.name, main: true,
          xs: group.shown.periods.seconds, ys: group.shown.periods.momentum })) }),
      { note: "What the staleness of commits adds to the optimizer's momentum." });
  };
  const worker_part = () => {
    const shown = { group: drawn[0] };
    const grid = element("div", { class: "charts" });
    const place = element("div");
    const note = element("p", { class: "note" });
    const workers = () => shown.group.shown.workers;
    const names = () => workers().map(x => x.name);
    const changed = () => {
      const run = shown.group.shown;
      const seed = shown.group.runs.length > 1 ? `Seed ${run.seed}, the median by time to target. ` : "";
      note.textContent = seed + (run.workers.length < run.workers_in_all
        ? `The first ${run.workers.length} of ${run.workers_in_all} workers by name.` : "");
      place.replaceChildren(table("The workers over the whole run",
        ["Worker", "Steps", "Commits", "Compute", "Communicate", "Wait"], workers().map(x => [
          [x.name, ...(x.left ? [element("small", {}, "left early")] : [])], whole(x.steps),
          whole(x.commits), percent(x.time_share.compute), percent(x.time_share.communicate),
          percent(x.time_share.wait)])));
    };
    const part = section("Workers");
    if (drawn.length > 1) {
      const choice = element("select", { id: "policy" }, ...drawn.map((x, i) =>
        element("option", { value: String(i) }, x.name)));
      choice.addEventListener("change", () => {
        shown.group = drawn[Number(choice.value)];
        changed();
        charts.filter(x => grid.contains(x.canvas)).forEach(redraw);
      });
      part.append(element("p", {}, element("label", { for: "policy" }, "Policy: "), choice));
    }
    part.append(note, grid, place);
    add_chart(grid, "Commits of each worker", () => bars({ names: names(), title: "commits", whole: true,
      format: whole, sets: [{ label: "commits", data: workers().map(x => x.commits),
        backgroundColor: css(shown.group.colour) }] }));
    add_chart(grid, "Time of each worker", () => share_bars(names(), workers().map(x => x.time_share)));
    changed();
  };

  const subtitle = () => {
    if (!comparison) {
      const x = data.runs[0].summary;
      return `One run, policy ${x.policy}, seed ${x.seed}, ${kind_of_time(x.virtual_time)}`;
    }
    const seeds = (comparison.seeds || []).length;
    return [`${groups.length} policies`, seeds ? `${seeds} ${seeds > 1 ? "seeds" : "seed"}` : "",
      kind_of_time(comparison.simulated), comparison.target ? `target: ${comparison.target}` : ""]
      .filter(Boolean).join(", ");
  };

  document.getElementById("subtitle").textContent = subtitle();
  if (comparison) comparison_table(); else key_figures(data.runs[0]);
  if (drawn.length) {
    const grid = progress_charts();
    if (comparison) {
      time_to_target(grid);
      add_chart(grid, "Where the time goes", () => share_bars(drawn.map(x => x.name), drawn.map(x => {
        const median = kind => (x.policy[kind] || {}).median;
        return { compute: median("compute"), communicate: median("communicate"), wait: median("wait") };
      })), { note: "Medians over the seeds, of the time of all workers." });
    }
    rate_charts(grid);
    worker_part();
    charts.forEach(redraw);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach(redraw));
  }
})();
