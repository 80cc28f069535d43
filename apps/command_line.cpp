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

/// What `run` and `simulate` take alike.
void add_run_options(CLI::App& command, run_arguments& x) {
  add_config(command, x.config);
  command.add_option("--out", x.out, "Run directory (must be new or empty)")->type_name("DIR");
  command.add_flag("--quiet,-q", x.quiet, "No progress, only the result");
}

void add_run(CLI::App& app, run_arguments& x) {
  auto& run = *app.add_subcommand("run", "Train the job in this process, in real time");
  add_run_options(run, x);
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
  add_run_options(simulate, x);
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

void add_node(CLI::App& app, node_arguments& x) {
  auto& node = *app.add_subcommand("node", "One process of a cluster, with one or several roles");
  add_config(node, x.config);
  node.add_option("--role", x.roles, "scheduler (one a cluster), ps, worker")
      ->required()
      ->delimiter(',')
      ->type_name("R[,R]");
  node.add_option("--name", x.name, "Of this node, unique in the cluster")
      ->required()
      ->type_name("NAME");
  node.add_option("--listen", x.listen, "Where others connect to: roles scheduler and ps")
      ->type_name("HOST:PORT");
  node.add_option("--join", x.join, "Where the scheduler's node listens: all other nodes")
      ->type_name("HOST:PORT");
  node.add_option("--address", x.address, "Where others reach this node, if not where it listens")
      ->type_name("HOST:PORT");
  node.add_option("--certificates", x.certificates,
                  "Directory with ca.pem, NAME.pem and NAME.key, see adsp certs")
      ->type_name("DIR");
  node.add_flag("--insecure", x.insecure,
                "Talk beyond this machine without TLS, in a closed network for tests");
  node.add_option("--out", x.out, "Run directory of the scheduler's node (must be new or empty)")
      ->type_name("DIR");
  node.add_flag("--quiet,-q", x.quiet, "No progress, only the result");
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

constexpr const char* about_compare =
    "A policy is bsp, ssp, tap, fixed_adacomm, adacomm, adsp, adsp_paper (as published) or adsp+ "
    "(as\n"
    "published, with the best commit rate found by trying, which is not counted), followed by "
    "settings\n"
    "of its own: ssp:staleness=8, adsp:overlap=false, bsp:optimizer.learning_rate=0.05|0.1 (tries "
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

void add_compare(CLI::App& app, compare_arguments& x) {
  auto& compare = *app.add_subcommand(
      "compare", "Train the job under several policies and seeds; a table and a page of charts");
  add_config(compare, x.config);
  compare.add_option("--policies", x.policies, "What to compare, separated by commas")
      ->required()
      ->delimiter(',')
      ->type_name("A,B,...");
  compare.add_option("--seeds", x.seeds, "Runs of each policy, seeds counted up from job.seed")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  compare.add_flag("--simulate", x.simulate, "In virtual time");
  compare
      .add_option("--tune", x.tune,
                  "Try these values for every policy first, with one more seed, and go on with the "
                  "best of each")
      ->type_name("KEY=V|V|...")
      ->expected(1)
      ->take_all();
  compare
      .add_option("--at-once", x.at_once,
                  "Runs at a time: 1 by default, since runs in real time slow each other; 2 by "
                  "default with --simulate")
      ->check(CLI::Range(1, 256));
  compare.add_option("--out", x.out, "Directory (must be new or empty)")->type_name("DIR");
  compare.add_flag("--quiet,-q", x.quiet, "No progress, only the table");
  compare.footer(about_compare);
}

void add_check(CLI::App& app, config_arguments& x) {
  auto& check = *app.add_subcommand(
      "check", "Print who owns which parameters and which data, without training");
  add_config(check, x);
  check.footer("Examples:\n"
               "  adsp check configs/fashion-adsp.toml\n"
               "  adsp check configs/fashion-skewed.toml --set data.alpha=0.1\n"
               "\n"
               "Exit: 0 sound, 2 bad usage, config or data.");
}

void add_evaluate(CLI::App& app, evaluate_arguments& x) {
  auto& evaluate = *app.add_subcommand("evaluate", "How good a saved model is on data");
  evaluate.add_option("model", x.model, "A model.adsp")->required()->type_name("MODEL");
  evaluate
      .add_option(
          "--data", x.data,
          "File, all rows of it, or folder, its test files, if not the test part of the job's "
          "data")
      ->type_name("PATH");
  evaluate.footer(
      "Examples:\n"
      "  adsp evaluate runs/fashion-adsp/1/model.adsp\n"
      "  adsp evaluate runs/flowers/1/model.adsp --data other.csv\n"
      "\n"
      "Without --data the part of the job's data counts that has not trained; of another file "
      "every\n"
      "row. Scales, categories and classes are those of the training.\n"
      "Exit: 0 done, 2 bad usage, model or data.");
}

void add_predict(CLI::App& app, predict_arguments& x) {
  auto& command = *app.add_subcommand("predict", "What a saved model says of the rows of a table");
  command.add_option("model", x.model, "A model.adsp, trained on a table")
      ->required()
      ->type_name("MODEL");
  command.add_option("rows", x.rows, "A table with the columns that the model was trained with")
      ->required()
      ->type_name("IN.csv");
  command.add_option("--out", x.out, "The file to write, if not standard output")
      ->type_name("OUT.csv");
  command.footer(
      "Example:\n  adsp predict runs/flowers/1/model.adsp new.csv --out predicted.csv\n"
      "\n"
      "Cells are scaled as in training; other columns do not count. One line a row, in the "
      "same order.\n"
      "Exit: 0 done, 1 the file could not be written, 2 bad usage, model or table.");
}

void add_export(CLI::App& app, export_arguments& x) {
  auto& command = *app.add_subcommand("export", "The weights of a saved model as a NumPy .npz");
  command.add_option("model", x.model, "A model.adsp")->required()->type_name("MODEL");
  command.add_option("out", x.out, "The file to write")->required()->type_name("OUT.npz");
  command.footer(
      "Example:\n  adsp export runs/fashion-adsp/1/model.adsp weights.npz\n"
      "\n"
      "The arrays are float32 in C order, named by layer, kind and part: \"0.dense.weights\".\n"
      "Exit: 0 done, 1 the file could not be written, 2 bad usage or model.");
}

void add_import(CLI::App& app, import_arguments& x) {
  auto& command = *app.add_subcommand("import", "A saved model with the weights of a NumPy .npz");
  command.add_option("model", x.model, "A model.adsp of the same architecture")
      ->required()
      ->type_name("MODEL");
  command.add_option("weights", x.weights, "The weights, with the arrays that an export has")
      ->required()
      ->type_name("IN.npz");
  command.add_option("--out", x.out, "The model to write")->required()->type_name("NEW");
  command.footer("Example:\n  adsp import model.adsp weights.npz --out new.adsp\n"
                 "\n"
                 "Exit: 0 done, 1 the model could not be written, 2 bad usage, model or weights.");
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

constexpr const char* about_certs =
    "Examples:\n"
    "  adsp certs cluster --node scheduler --node pi-1 --node pi-2\n"
    "  adsp certs cluster --node pi-3               one more node, of the same cluster\n"
    "  adsp certs cluster --node pi-1 --renew       before its certificate ends\n"
    "\n"
    "Nodes on different machines talk over TLS and know each other by certificates, which the\n"
    "cluster's own authority has signed. The files in DIR and where they belong:\n"
    "  ca.pem     the authority's certificate, valid for 10 years: on every machine; no secret\n"
    "  ca.key     its private key: stays here, on no node; whoever has it can make nodes\n"
    "  NODE.pem   a node's certificate: on the machine of that node; no secret\n"
    "  NODE.key   its private key: on the machine of that node alone, mode 0600; copy it over ssh\n"
    "\n"
    "A name is 1 to 63 letters, digits, '.', '_' or '-', the first neither '-' nor '.', and not "
    "ca.\n"
    "Nothing is overwritten but NODE.pem by --renew, which gives the node's key a new\n"
    "certificate: copy NODE.pem again; nodes read it when they start. Where others may have seen\n"
    "a key, make a new authority in another DIR: a certificate cannot be recalled.\n"
    "Exit: 0 done, 1 a file could not be written, 2 bad usage, name or files.";

void add_certs(CLI::App& app, certs_arguments& x) {
  auto& command = *app.add_subcommand(
      "certs", "Certificates with which the nodes of a cluster know each other");
  command.add_option("directory", x.directory, "Where the files are, or shall be")
      ->required()
      ->type_name("DIR");
  command.add_option("--node", x.nodes, "Name of a node; may be given several times")
      ->required()
      ->type_name("NAME")
      ->expected(1)
      ->take_all();
  command.add_option("--days", x.days, "Days that the nodes' certificates are valid")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  command.add_flag("--renew", x.renew, "New certificates for nodes that are there");
  command.footer(about_certs);
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
  add_evaluate(app, evaluate);
  add_report(app, report);
  add_predict(app, predict);
  add_export(app, exported);
  add_import(app, imported);
  add_certs(app, certs);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? success : bad_input;
  }
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

} // namespace adsp::apps
