// The commands of `adsp`, each after its arguments are parsed. All print errors as one line each on
// standard error and return the process's exit code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace adsp::apps {

/// Exit codes of the process.
enum exit_code : int {
  success = 0,
  failed = 1,        ///< failed at run time
  bad_input = 2,     ///< bad usage, config or data
  interrupted = 130, ///< ended by Ctrl-C, with everything on disk
};

struct config_arguments {
  std::string config;                 ///< path of the config
  std::vector<std::string> overrides; ///< "key.path=value", the later ones win
};

struct run_arguments {
  config_arguments config;
  std::optional<std::string> out; ///< run directory; nothing: runs/<job>/<number>
  bool quiet = false;
};

/// Trains the job in this process, in real time.
int run_command(const run_arguments& x);

/// The same in virtual time.
int simulate_command(const run_arguments& x);

/// Prints the resolved topology.
int check_command(const config_arguments& arguments);

/// Prints the page of all keys of a config, docs/config.md.
int keys_command();

/// Prints the synchronisation policies and the keys that each reads.
int policies_command();

struct node_arguments {
  config_arguments config;
  std::string roles;                  ///< of "scheduler", "ps", "worker", separated by commas
  std::string name;                   ///< of this node
  std::optional<std::string> listen;  ///< HOST:PORT
  std::optional<std::string> join;    ///< HOST:PORT of the scheduler's node
  std::optional<std::string> address; ///< HOST:PORT where others reach this node; nothing: `listen`
  std::optional<std::string> certificates; ///< directory with ca.pem, NAME.pem, NAME.key
  bool insecure = false;
  std::optional<std::string> out; ///< run directory of the scheduler's node
  bool quiet = false;
};

/// Runs one process of a cluster until the job has ended.
int node_command(const node_arguments& x);

struct evaluate_arguments {
  std::string model;               ///< path of a saved model
  std::optional<std::string> data; ///< file or folder, all of it; nothing: the job's test data
};

/// Prints how good a saved model is.
int evaluate_command(const evaluate_arguments& x);

struct predict_arguments {
  std::string model;              ///< path of a saved model
  std::string rows;               ///< path of a CSV file, a sample a row
  std::optional<std::string> out; ///< path of the predictions; nothing: standard output
};

/// Writes what a saved model predicts for each row of a CSV file.
int predict_command(const predict_arguments& x);

struct export_arguments {
  std::string model; ///< path of a saved model
  std::string out;   ///< path of the .npz
};

/// Writes the weights of a saved model as a NumPy .npz.
int export_command(const export_arguments& x);

struct import_arguments {
  std::string model;   ///< path of a saved model
  std::string weights; ///< path of the .npz, with the arrays that an export of the model has
  std::string out;     ///< path of the new model
};

/// Writes a saved model with other weights.
int import_command(const import_arguments& x);

struct compare_arguments {
  config_arguments config;
  std::vector<std::string> policies; ///< variants, see `parse_variant`
  std::vector<std::string> tune;     ///< "KEY=VALUE|VALUE", tried for every variant
  std::uint64_t seeds = 5;           ///< runs of each
  bool simulate = false;
  /// Runs at a time; nothing: 1, so that they do not slow each other, or 2 in virtual time.
  std::optional<std::size_t> at_once;
  std::optional<std::string> out;
  bool quiet = false;
};

/// Runs a job under several policies and writes a table and a page.
int compare_command(const compare_arguments& arguments);

struct report_arguments {
  std::string directory;          ///< of a run, or of a comparison
  std::optional<std::string> out; ///< path of the page; nothing: report.html in `directory`
};

/// Writes a page with tables and charts, and prints its path.
int report_command(const report_arguments& x);

struct certs_arguments {
  std::string directory;          ///< of the authority and its nodes; made where missing
  std::vector<std::string> nodes; ///< names, at least one
  int days = 825;                 ///< until the nodes' certificates end
  bool renew = false;             ///< new certificates for nodes that are there
};

/// Makes the certificates of a cluster's nodes, and their authority where there is none.
int certs_command(const certs_arguments& arguments);

/// Parses the command line and runs the command it names.
int run_command_line(int argc, const char* const* argv);

} // namespace adsp::apps
