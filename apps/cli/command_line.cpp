// The command line: which commands there are, and what is said when one is used wrongly.
#include "apps/cli/atomic_file.hpp"
#include "apps/cli/command_options.hpp"
#include "apps/cli/lines.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
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

struct arguments {
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
};

void add_commands(CLI::App& app, arguments& given) {
  add_run(app, given.run);
  add_simulate(app, given.simulate);
  add_compare(app, given.compare);
  add_node(app, given.node);
  add_check(app, given.check);
  add_keys(app);
  add_policies(app);
  add_evaluate(app, given.evaluate);
  add_report(app, given.report);
  add_predict(app, given.predict);
  add_export(app, given.exported);
  add_import(app, given.imported);
  add_certs(app, given.certs);
}

int run_command_named(const std::string& name, const arguments& given) {
  const std::map<std::string, std::function<int()>> commands{
      {"run", [&] { return run_command(given.run); }},
      {"simulate", [&] { return simulate_command(given.simulate); }},
      {"compare", [&] { return compare_command(given.compare); }},
      {"node", [&] { return node_command(given.node); }},
      {"check", [&] { return check_command(given.check); }},
      {"keys", [] { return keys_command(); }},
      {"policies", [] { return policies_command(); }},
      {"evaluate", [&] { return evaluate_command(given.evaluate); }},
      {"report", [&] { return report_command(given.report); }},
      {"predict", [&] { return predict_command(given.predict); }},
      {"export", [&] { return export_command(given.exported); }},
      {"import", [&] { return import_command(given.imported); }},
      {"certs", [&] { return certs_command(given.certs); }},
  };
  // Training goes on when nobody reads any more how it goes.
  for (const auto* trains : {"run", "simulate", "compare", "node"})
    if (name == trains)
      std::signal(SIGPIPE, SIG_IGN);
  return commands.at(name)();
}

int run_chosen(int argc, const char* const* argv) {
  CLI::App app{"Trains one model on many unequal machines: parameter-server shards, workers and a\n"
               "scheduler are actors, synchronised by ADSP or another policy.",
               "adsp"};
  app.set_version_flag("--version", "adsp " ADSP_VERSION);
  app.require_subcommand(1);
  app.footer("Start with: adsp run configs/fashion-adsp.toml\n"
             "adsp COMMAND --help shows a command's options and examples.");
  arguments given;
  add_commands(app, given);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return show(app, error);
  }
  return run_command_named(app.get_subcommands().front()->get_name(), given);
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
