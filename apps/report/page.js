// The page: which tables and charts it has, and what they show.
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
    ["Of the possible", "of_possible", percent],
    ["Final loss", "final_loss", loss], ["Accuracy", "final_accuracy", percent],
    ["Steps", "steps", whole], ["Commits", "commits", whole], ["Traffic", "bytes", size],
    ["Compute", "compute", percent], ["Communicate", "communicate", percent],
    ["Wait", "wait", percent], ["Search", "search", percent]]
    .filter(x => comparison.policies.some(policy => policy[x[1]]));
  const seeds = comparison.policies.some(x => x.runs > 1);
  const runs = seeds ? "Medians over the seeds, and from the lowest to the highest below"
    : "At most one run a policy";
  section("", table(runs + (comparison.target ? ". A run ends at the target: its figures are of that time" : ""), ["Policy", "Reached", ...columns.map(x => x[0])],
  groups.map(group => [
    [swatch(group), group.policy.policy,
      ...(group.policy.settings.length ? [element("small", {}, ...breakable(group.policy.settings.join(", ")))] : [])],
    !group.runs.length ? "no finished run"
      : known(group.policy.reached) ? `${group.policy.reached} of ${group.runs.length}`
        + (group.policy.failed ? `, ${group.policy.failed} failed` : "") : none,
    ...columns.map(([, key, format]) => spread(group.policy[key], format))])));
};
const key_figures = run => {
  if (!run.summary) {
    section("", element("p", { class: "card error" }, "The run has no summary: it was killed, or it is not " +
      "yet at its end. This is what it has written so far" +
      (run.metrics.seconds.length ? "." : ": no evaluation.")));
    return;
  }
  const x = run.summary;
  const share = x.time_share;
  const figures = [["Ended", reasons[x.end_reason] || x.end_reason],
    ["Duration", duration(x.duration_s)], ["Time to target", duration(x.time_to_target_s)],
    ["Final loss", loss(x.final_loss)],
    ...(known(x.final_accuracy) ? [["Final accuracy", percent(x.final_accuracy)]] : []),
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
  // Predicted numbers are neither right nor wrong.
  if (drawn.some(x => x.runs.some(run => run.metrics.accuracy.some(known))))
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
    add_chart(grid, "Implicit momentum over time", lines({ over_time: true, ...near_one,
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
    const x = data.runs[0];
    return `One run, policy ${x.policy}, seed ${x.seed}` +
      (x.summary ? `, ${kind_of_time(x.summary.virtual_time)}` : "");
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
  if (drawn.some(x => x.shown.workers.length)) worker_part();
  charts.forEach(redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach(redraw));
}
