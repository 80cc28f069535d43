// CIFAR-10's binary files: here the one with the samples that test.
#include "learning/data/sources/load.hpp"
#include "learning/data_error.hpp"
#include "tests/fuzz/process_folder.hpp"
#include "tests/fuzz/targets.hpp"

#include <fstream>

namespace adsp::fuzz {

const target cifar{"cifar",
                   [](std::string_view bytes) {
                     std::ofstream{process_folder() / "test_batch.bin", std::ios::binary} << bytes;
                     learning::data_options options;
                     options.source = "cifar10";
                     options.path = process_folder().string();
                     try {
                       learning::load_test(options, {}, {32, 32, 3}, 10);
                     } catch (const learning::data_error&) {
                     }
                   },
                   [] {
                     const std::string record = '\7' + std::string(3072, '\x40');
                     return std::vector<std::string>{record, record + record, "\7short"};
                   }};

} // namespace adsp::fuzz
