// What all sources share: checking, cropping and class weights.
#include "learning/data/sources/load.hpp"

#include "learning/data/augmentation.hpp"
#include "learning/data/class_weights.hpp"
#include "learning/data/sources/data_source.hpp"
#include "learning/data/text/cell_text.hpp"
#include "learning/data_error.hpp"

namespace adsp::learning {

namespace {

void check_path(const data_source& source, const data_options& options) {
  if (options.path.empty() && !source.path.empty())
    throw data_error("data.path is empty; set it to " + std::string(source.path) +
                     ", which data.source = \"" + options.source + "\" needs");
}

/// Every class in the files needs a training sample; bins may be empty.
void check_classes(const data_source& source, const data_options& options,
                   const train_and_test& data) {
  const auto& train = data.train;
  if (!source.classes || data.prepared.task == "bins" || train.classes == 0)
    return;
  std::vector<bool> seen(static_cast<std::size_t>(train.classes));
  for (auto label : train.labels)
    seen[static_cast<std::size_t>(label)] = true;
  for (std::int32_t label = 0; label < train.classes; ++label)
    if (!seen[static_cast<std::size_t>(label)])
      throw data_error(
          (source.training_file != nullptr ? source.training_file(options) : options.path) +
          ": found no sample of class " + shown(data.prepared.name_of(label)) + " among the " +
          counted(train.size(), "training sample") + ", expected at least one of each of " +
          std::to_string(train.classes) +
          " classes; raise data.train_limit or take files that have them");
}

} // namespace

dataset load_test(const data_options& options, const preprocessing& saved, const shape& input,
                  std::int32_t classes) {
  const auto& source = source_of(options);
  check_path(source, options);
  if (!source.tasks.empty() &&
      (saved.task != task_of(options) || (saved.task == "bins" && saved.bins != options.bins)))
    throw data_error(not_prepared);
  auto result = source.load_test(options, {saved, input, classes});
  if (const auto side = parse_augmentation(options.augment).crop; side > 0)
    crop_to_middle(side, result);
  return result;
}

train_and_test load(const data_options& options, parts which) {
  const auto& source = source_of(options);
  check_path(source, options);
  if (source.reads("train_share") && options.train_share == 0)
    throw data_error("data.train_share is 0, expected a number above 0 and below 1");
  auto result = source.load(options, which);
  check_classes(source, options, result);
  if (const auto side = parse_augmentation(options.augment).crop; side > 0) {
    crop_at_random(side, result.train);
    if (result.test.size() > 0) // the test part may not have been read
      crop_to_middle(side, result.test);
  }
  if (options.class_weights == "balanced" && result.train.classes > 0)
    result.train.class_weights = balanced_weights(result.train);
  return result;
}

} // namespace adsp::learning
