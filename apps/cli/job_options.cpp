// The commands that take a config.
#include "apps/cli/command_options.hpp"

#include <CLI/CLI.hpp>

namespace adsp::apps {

namespace {

void add_config(CLI::App& command, config_arguments& arguments) {
  command.add_option("config", arguments.config, "The job and its topology, a TOML file")
      ->required()
      ->type_name("CONFIG");
  take_one_at_a_time(*command
                          .add_option("--set", arguments.overrides,
                                      "Override one key of the config; may be given several times")
                          ->type_name("KEY=VALUE"));
}

/// What `run` and `simulate` take alike.
void add_run_options(CLI::App& command, run_arguments& arguments) {
  add_config(command, arguments.config);
  command.add_option("--out", arguments.out, "Run directory (must be new or empty)")
      ->type_name("DIR");
  command.add_flag("--quiet,-q", arguments.quiet, "No progress, only the result");
}

constexpr const char* about_compare =
    "adsp policies lists the policies. Besides, adsp_paper is ADSP as published, and adsp+ the "
    "same\n"
    "with the best commit rate found by trying, which is not counted; ideal is one machine as fast "
    "as\n"
    "all workers together, without a network, the limit for the others. Settings of its own may "
    "follow\n"
    "a policy: ssp:staleness=8, adsp:overlap=false, bsp:optimizer.learning_rate=0.05|0.1 (tries "
    "both).\n"
    "\n"
    "Examples:\n"
    "  adsp compare configs/testbed18.toml --policies bsp,ssp,adsp --seeds 3 --simulate\n"
    "  adsp compare configs/testbed18.toml --policies adsp,adsp:overlap=false --simulate \\\n"
    "    --tune 'optimizer.learning_rate=0.05|0.1|0.2'\n"
    "\n"
    "The first policy is what the others are compared with. Time to target is the first time that "
    "the\n"
    "mean of evaluation.window losses is at or below evaluation.target_loss, or that of accuracies "
    "at or\n"
    "above evaluation.target_accuracy. A run ends there: its loss and accuracy are those at the "
    "target.\n"
    "The directory, runs/<job>-comparison/<number> by default, gets every run's files, "
    "compare.json\n"
    "after each finished run, and report.html. Interrupted runs do not count.\n"
    "Exit: 0 done, 1 failed or every run diverged, 2 bad usage, config or data, 130 after Ctrl-C.";

} // namespace

void add_run(CLI::App& app, run_arguments& arguments) {
  auto& run = *app.add_subcommand("run", "Train the job in this process, in real time");
  add_run_options(run, arguments);
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

void add_simulate(CLI::App& app, run_arguments& arguments) {
  auto& simulate = *app.add_subcommand(
      "simulate", "Train the job in virtual time: the same actors, as fast as this machine can");
  add_run_options(simulate, arguments);
  simulate.footer(
      "Examples:\n"
      "  adsp simulate configs/testbed18.toml\n"
      "  adsp simulate configs/testbed18.toml --set sync.policy=ssp --set ps.bandwidth=50Mbit\n"
      "\n"
      "Gradients are really computed; steps and transfers take the time that the config says, on "
      "a\n"
      "clock that jumps from event to event. Every worker needs step_seconds or speed. The same\n"
      "config and seed leave the same bytes, in the files that `adsp run` leaves too.\n"
      "Exit: 0 done, 1 failed, 2 bad usage, config or data, 130 after Ctrl-C.");
}

void add_node(CLI::App& app, node_arguments& arguments) {
  auto& node = *app.add_subcommand("node", "One process of a cluster, with one or several roles");
  add_config(node, arguments.config);
  node.add_option("--role", arguments.roles, "scheduler (one a cluster), ps, worker")
      ->required()
      ->type_name("R[,R]");
  node.add_option("--name", arguments.name, "Of this node, unique in the cluster")
      ->required()
      ->type_name("NAME");
  node.add_option("--listen", arguments.listen, "Where others connect to: roles scheduler and ps")
      ->type_name("HOST:PORT");
  node.add_option("--join", arguments.join, "Where the scheduler's node listens: all other nodes")
      ->type_name("HOST:PORT");
  node.add_option("--address", arguments.address,
                  "Where others reach this node, if not where it listens")
      ->type_name("HOST:PORT");
  node.add_option("--certificates", arguments.certificates,
                  "Directory with ca.pem, NAME.pem and NAME.key, see adsp certs")
      ->type_name("DIR");
  node.add_flag("--insecure", arguments.insecure,
                "Talk beyond this machine without TLS, in a closed network for tests");
  node.add_option("--out", arguments.out,
                  "Run directory of the scheduler's node (must be new or empty)")
      ->type_name("DIR");
  node.add_flag(
      "--quiet,-q", arguments.quiet,
      "No progress (waiting, admitted, training, time=...), only events, errors and the result");
  node.footer(
      "Example, on two machines, in any order:\n"
      "  adsp node job.toml --role scheduler,ps --name a --listen 10.0.0.1:7000 "
      "--certificates certs\n"
      "  adsp node job.toml --role worker --name pi-3 --join 10.0.0.1:7000 --certificates certs\n"
      "\n"
      "A worker's node hosts the workers of the config's group of its name, or the one of its "
      "name;\n"
      "under another name one more worker, which trains on all the data. All nodes need the same\n"
      "config, but for data.path; workers need the training data, the scheduler's node the test "
      "data.\n"
      "A node that comes early waits, one that comes late joins the running job, Ctrl-C leaves "
      "it;\n"
      "when the job ends every node does. The scheduler's node leaves the files of `adsp run`.\n"
      "Exit: 0 done, 1 failed, 2 bad usage, config or data, 130 after Ctrl-C.");
}

void add_compare(CLI::App& app, compare_arguments& arguments) {
  auto& compare = *app.add_subcommand(
      "compare", "Train the job under several policies and seeds; a table and a page of charts");
  add_config(compare, arguments.config);
  take_one_at_a_time(
      *compare.add_option("--policies", arguments.policies, "What to compare, separated by commas")
           ->required()
           ->delimiter(',')
           ->type_name("A,B,..."));
  compare
      .add_option("--seeds", arguments.seeds, "Runs of each policy, seeds counted up from job.seed")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  compare.add_flag("--simulate", arguments.simulate, "In virtual time");
  take_one_at_a_time(
      *compare
           .add_option(
               "--tune", arguments.tune,
               "Try these values first, with one more seed, for every policy that does not set the "
               "key itself, and go on with the best of each")
           ->type_name("KEY=V|V|..."));
  compare
      .add_option("--at-once", arguments.at_once,
                  "Runs at a time: 1 by default, since runs in real time slow each other; 2 by "
                  "default with --simulate")
      ->check(CLI::Range(1, 256));
  compare.add_option("--out", arguments.out, "Directory (must be new or empty)")->type_name("DIR");
  compare.add_flag("--quiet,-q", arguments.quiet, "No progress, only the table");
  compare.footer(about_compare);
}

void add_check(CLI::App& app, config_arguments& arguments) {
  auto& check = *app.add_subcommand(
      "check", "Print who owns which parameters and which data, without training");
  add_config(check, arguments);
  check.footer("Examples:\n"
               "  adsp check configs/fashion-adsp.toml\n"
               "  adsp check configs/fashion-skewed.toml --set data.alpha=0.1\n"
               "\n"
               "Exit: 0 sound, 1 the output could not be written, 2 bad usage, config or data.");
}

void add_keys(CLI::App& app) {
  app.add_subcommand("keys", "Print every key of a config, as docs/config.md does")
      ->footer("Example:\n  adsp keys | less\n\nExit: 0 done, 1 the output could not be written.");
}

void add_policies(CLI::App& app) {
  app.add_subcommand("policies", "Print the synchronisation policies and the keys that each reads")
      ->footer("Example:\n  adsp policies | less\n\n"
               "Exit: 0 done, 1 the output could not be written.");
}

} // namespace adsp::apps
