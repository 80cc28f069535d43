#include "apps/cli/commands.hpp"

int main(int argc, char** argv) {
  return adsp::apps::run_command_line(argc, argv);
}
