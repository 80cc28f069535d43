// What each command takes, and examples, for the command line's parser.
#pragma once

#include "apps/cli/commands.hpp"

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace adsp::apps {

/// An option that may be given several times, with one argument each time: what follows that is no
/// argument of it.
void take_one_at_a_time(CLI::Option& x);

// Each adds a command to `app` whose arguments go to `arguments`.

void add_run(CLI::App& app, run_arguments& arguments);
void add_simulate(CLI::App& app, run_arguments& arguments);
void add_compare(CLI::App& app, compare_arguments& arguments);
void add_node(CLI::App& app, node_arguments& arguments);
void add_check(CLI::App& app, config_arguments& arguments);
void add_keys(CLI::App& app);
void add_policies(CLI::App& app);
void add_evaluate(CLI::App& app, evaluate_arguments& arguments);
void add_predict(CLI::App& app, predict_arguments& arguments);
void add_export(CLI::App& app, export_arguments& arguments);
void add_import(CLI::App& app, import_arguments& arguments);
void add_report(CLI::App& app, report_arguments& arguments);
void add_certs(CLI::App& app, certs_arguments& arguments);

} // namespace adsp::apps
