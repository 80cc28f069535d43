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

void add_simulate(CLI::App& app, run_arguments& x) {
  auto& simulate = *app.add_subcommand(
      "simulate", "Train the job in virtual time: the same actors, as fast as this machine can");
  add_config(simulate, x.config);
  simulate.add_option("--out", x.out, "Run directory (must be new or empty)")->type_name("DIR");
  simulate.add_flag("--quiet,-q", x.quiet, "No progress, only the result");
  simulate.footer(
      "Examples:\n"
      "  adsp simulate configs/testbed18.toml\n"
      "  adsp simulate configs/testbed18.toml --set sync.policy=ssp --set ps.bandwidth=50Mbit\n"
      "\n"
      "Gradients are really computed; steps and transfers take the time that the config says, on "
      "a\n"
      "clock that jumps from event to event. Every worker needs step_seconds or speed. The same\n"
      "config and seed leave the same bytes in the same files as `adsp run` does.\n"
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
  run_arguments simulate;
  config_arguments check;
  evaluate_arguments evaluate;
  add_run(app, run);
  add_simulate(app, simulate);
  add_check(app, check);
  add_evaluate(app, evaluate);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? success : bad_input;
  }
  if (app.got_subcommand("run"))
    return run_command(run);
  if (app.got_subcommand("simulate"))
    return simulate_command(simulate);
  if (app.got_subcommand("check"))
    return check_command(check);
  return evaluate_command(evaluate);
}

} // namespace adsp::apps
