// The command line: what each command takes, and examples.
#include "apps/commands.hpp"

#include <CLI/CLI.hpp>

namespace adsp::apps {

namespace {

void add_config(CLI::App& command, config_arguments& x) {
  command.add_option("config", x.config, "The job and its topology, a TOML file")
      ->required()
      ->type_name("CONFIG");
  command
      .add_option("--set", x.overrides,
                  "Override one key of the config; may be given several times")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
}

void add_run(CLI::App& app, run_arguments& x) {
  auto& run = *app.add_subcommand("run", "Train the job in this process, in real time");
  add_config(run, x.config);
  run.add_option("--out", x.out, "Run directory (must be new or empty)")->type_name("DIR");
  run.add_flag("--quiet,-q", x.quiet, "No progress, only the result");
  run.footer(
      "Examples:\n"
      "  adsp run configs/fashion-adsp.toml\n"
      "  adsp run configs/fashion-adsp.toml --set sync.policy=bsp --set job.max_time=20s\n"
      "  adsp run configs/fashion-adsp.toml --set workers.0.step_seconds=0.05 --out /tmp/try\n"
      "\n"
      "The run directory, runs/<job>/<number> by default, gets config.toml (resolved),\n"
      "metrics.csv, workers.csv, summary.json and model.adsp. Ctrl-C ends the job cleanly\n"
      "and leaves all of them.\n"
      "Exit: 0 done, 1 failed, 2 bad usage, config or data, 130 after Ctrl-C.");
}

void add_check(CLI::App& app, config_arguments& x) {
  auto& check = *app.add_subcommand(
      "check", "Print who owns which parameters and which data, without training");
  add_config(check, x);
  check.footer("Examples:\n"
               "  adsp check configs/fashion-adsp.toml\n"
               "  adsp check configs/fashion-skewed.toml --set data.alpha=0.1");
}

void add_evaluate(CLI::App& app, evaluate_arguments& x) {
  auto& evaluate = *app.add_subcommand("evaluate", "Loss and accuracy of a saved model");
  evaluate.add_option("model", x.model, "A model.adsp")->required()->type_name("MODEL");
  evaluate.add_option("--data", x.data, "Folder of the data, if not where it was in training")
      ->type_name("DIR");
  evaluate.footer("Example:\n  adsp evaluate runs/fashion-adsp/1/model.adsp");
}

void add_report(CLI::App& app, report_arguments& x) {
  auto& report =
      *app.add_subcommand("report", "A page with tables and charts of a run or a comparison");
  report.add_option("directory", x.directory, "A run's directory, or a comparison's")
      ->required()
      ->type_name("DIR");
  report.add_option("--out", x.out, "The page to write, if not DIR/report.html")->type_name("FILE");
  report.footer("Examples:\n"
                "  adsp report runs/fashion-adsp/1\n"
                "  adsp report runs/fashion-adsp/1 --out /tmp/fashion.html\n"
                "\n"
                "The page is one file that any browser shows, without a network.\n"
                "Exit: 0 done, 1 the page could not be written, 2 DIR holds no sound run.");
}

} // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app{"Trains one model on many unequal machines: parameter-server shards, workers and a\n"
               "scheduler are actors, synchronised by ADSP or another policy.",
               "adsp"};
  app.set_version_flag("--version", "adsp " ADSP_VERSION);
  app.require_subcommand(1);
  app.footer("Start with: adsp run configs/fashion-adsp.toml\n"
             "adsp COMMAND --help shows a command's options and examples.");
  run_arguments run;
  config_arguments check;
  evaluate_arguments evaluate;
  report_arguments report;
  add_run(app, run);
  add_check(app, check);
  add_evaluate(app, evaluate);
  add_report(app, report);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? success : bad_input;
  }
  if (app.got_subcommand("run"))
    return run_command(run);
  if (app.got_subcommand("check"))
    return check_command(check);
  if (app.got_subcommand("report"))
    return report_command(report);
  return evaluate_command(evaluate);
}

} // namespace adsp::apps
