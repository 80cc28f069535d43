// The commands that take what others have left: models, run directories, certificates.
#include "apps/cli/command_options.hpp"

#include <CLI/CLI.hpp>

namespace adsp::apps {

namespace {

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

} // namespace

void add_evaluate(CLI::App& app, evaluate_arguments& arguments) {
  auto& evaluate = *app.add_subcommand("evaluate", "How good a saved model is on data");
  evaluate.add_option("model", arguments.model, "A model.adsp")->required()->type_name("MODEL");
  evaluate
      .add_option(
          "--data", arguments.data,
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
      "Exit: 0 done, 1 the output could not be written, 2 bad usage, model or data.");
}

void add_predict(CLI::App& app, predict_arguments& arguments) {
  auto& command =
      *app.add_subcommand("predict", "What a saved model says of the rows of a CSV file");
  command.add_option("model", arguments.model, "A model.adsp")->required()->type_name("MODEL");
  command.add_option("rows", arguments.rows, "A sample a row, see below")
      ->required()
      ->type_name("IN.csv");
  command.add_option("--out", arguments.out, "The file to write, if not standard output")
      ->type_name("OUT.csv");
  command.footer(
      "Example:\n  adsp predict runs/flowers/1/model.adsp new.csv --out predicted.csv\n"
      "\n"
      "A model of a table takes the columns that it was trained with, by name; others do not "
      "count.\n"
      "Any other takes as many numbers a row as a sample has, with or without a header: the "
      "window of\n"
      "a series, oldest first; the pixels of an image, 0 to 255, row by row, of colours red, green "
      "and blue\n"
      "of each; the features of sparse lines, those that are 0 too. All are scaled as in "
      "training.\n"
      "One line a row comes out, in the same order.\n"
      "Exit: 0 done, 1 the predictions could not be written, 2 bad usage, model or table.");
}

void add_export(CLI::App& app, export_arguments& arguments) {
  auto& command = *app.add_subcommand("export", "The weights of a saved model as a NumPy .npz");
  command.add_option("model", arguments.model, "A model.adsp")->required()->type_name("MODEL");
  command.add_option("out", arguments.out, "The file to write")->required()->type_name("OUT.npz");
  command.footer(
      "Example:\n  adsp export runs/fashion-adsp/1/model.adsp weights.npz\n"
      "\n"
      "The arrays are float32 in C order, named by layer, kind and part: \"0.dense.weights\".\n"
      "Exit: 0 done, 1 the file could not be written, 2 bad usage or model.");
}

void add_import(CLI::App& app, import_arguments& arguments) {
  auto& command = *app.add_subcommand("import", "A saved model with the weights of a NumPy .npz");
  command.add_option("model", arguments.model, "A model.adsp of the same architecture")
      ->required()
      ->type_name("MODEL");
  command
      .add_option("weights", arguments.weights, "The weights, with the arrays that an export has")
      ->required()
      ->type_name("IN.npz");
  command.add_option("--out", arguments.out, "The model to write")->required()->type_name("NEW");
  command.footer("Example:\n  adsp import model.adsp weights.npz --out new.adsp\n"
                 "\n"
                 "Exit: 0 done, 1 the model could not be written, 2 bad usage, model or weights.");
}

void add_report(CLI::App& app, report_arguments& arguments) {
  auto& report =
      *app.add_subcommand("report", "A page with tables and charts of a run or a comparison");
  report.add_option("directory", arguments.directory, "A run's directory, or a comparison's")
      ->required()
      ->type_name("DIR");
  report.add_option("--out", arguments.out, "The page to write, if not DIR/report.html")
      ->type_name("FILE");
  report.footer("Examples:\n"
                "  adsp report runs/fashion-adsp/1\n"
                "  adsp report runs/fashion-adsp/1 --out /tmp/fashion.html\n"
                "\n"
                "The page is one file that any browser shows, without a network.\n"
                "Exit: 0 done, 1 the page could not be written, 2 DIR holds no sound run.");
}

void add_certs(CLI::App& app, certs_arguments& arguments) {
  auto& command = *app.add_subcommand(
      "certs", "Certificates with which the nodes of a cluster know each other");
  command.add_option("directory", arguments.directory, "Where the files are, or shall be")
      ->required()
      ->type_name("DIR");
  take_one_at_a_time(
      *command.add_option("--node", arguments.nodes, "Name of a node; may be given several times")
           ->required()
           ->type_name("NAME"));
  command.add_option("--days", arguments.days, "Days that the nodes' certificates are valid")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  command.add_flag("--renew", arguments.renew, "New certificates for nodes that are there");
  command.footer(about_certs);
}

} // namespace adsp::apps
