// The command line: which commands there are, and what is said when one is used wrongly.
#include "apps/cli/atomic_file.hpp"
#include "apps/cli/command_options.hpp"
#include "apps/cli/lines.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

namespace adsp::apps {

namespace {

/// Prints help where it was asked for, else what was wrong, in one line.
int show(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0)
    return app.exit(error);
  const auto chosen = app.get_subcommands();
  std::string text = error.what();
  std::ranges::replace(text, '\n', ' ');
  log_line(text + "; see adsp " + (chosen.empty() ? "" : chosen.front()->get_name() + " ") +
           "--help");
  return bad_input;
}

int run_chosen(int argc, const char* const* argv) {
  CLI::App app{"Trains one model on many unequal machines: parameter-server shards, workers and a\n"
               "scheduler are actors, synchronised by ADSP or another policy.",
               "adsp"};
  app.set_version_flag("--version", "adsp " ADSP_VERSION);
  app.require_subcommand(1);
  app.footer("Start with: adsp run configs/fashion-adsp.toml\n"
             "adsp COMMAND --help shows a command's options and examples.");
  run_arguments run;
  run_arguments simulate;
  compare_arguments compare;
  node_arguments node;
  config_arguments check;
  evaluate_arguments evaluate;
  report_arguments report;
  predict_arguments predict;
  export_arguments exported;
  import_arguments imported;
  certs_arguments certs;
  add_run(app, run);
  add_simulate(app, simulate);
  add_compare(app, compare);
  add_node(app, node);
  add_check(app, check);
  add_keys(app);
  add_policies(app);
  add_evaluate(app, evaluate);
  add_report(app, report);
  add_predict(app, predict);
  add_export(app, exported);
  add_import(app, imported);
  add_certs(app, certs);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return show(app, error);
  }
  // Training goes on when nobody reads any more how it goes.
  for (const auto* name : {"run", "simulate", "compare", "node"})
    if (app.got_subcommand(name))
      std::signal(SIGPIPE, SIG_IGN);
  if (app.got_subcommand("run"))
    return run_command(run);
  if (app.got_subcommand("simulate"))
    return simulate_command(simulate);
  if (app.got_subcommand("compare"))
    return compare_command(compare);
  if (app.got_subcommand("node"))
    return node_command(node);
  if (app.got_subcommand("check"))
    return check_command(check);
  if (app.got_subcommand("keys"))
    return keys_command();
  if (app.got_subcommand("policies"))
    return policies_command();
  if (app.got_subcommand("report"))
    return report_command(report);
  if (app.got_subcommand("predict"))
    return predict_command(predict);
  if (app.got_subcommand("export"))
    return export_command(exported);
  if (app.got_subcommand("import"))
    return import_command(imported);
  if (app.got_subcommand("certs"))
    return certs_command(certs);
  return evaluate_command(evaluate);
}

/// What a command has said may still be in memory. `reason`: errno where some of it was not
/// written before.
bool output_is_written(int reason) {
  if (std::fflush(stdout) != 0)
    reason = errno;
  else if (std::ferror(stdout) == 0)
    return true;
  errno = reason;
  log_line(system_error_text("standard output", "cannot be written"));
  return false;
}

} // namespace

void take_one_at_a_time(CLI::Option& x) {
  x.expected(1)->allow_extra_args(false)->take_all();
}

int run_command_line(int argc, const char* const* argv) {
  int code = success;
  int reason = EIO;
  try {
    code = run_chosen(argc, argv);
  } catch (const std::system_error& error) {
    if (std::ferror(stdout) == 0)
      throw;
    reason = error.code().value();
  }
  if (output_is_written(reason))
    return code;
  return code == success ? failed : code;
}

} // namespace adsp::apps
