// A payload of version 4 is one Cereal archive, with every option identified by its position. The
// layout is frozen: members added to options since then keep their defaults.
#include "apps/model/model_version4.hpp"

#include "apps/model/prepared_archive.hpp"

#include <sstream>

namespace adsp::learning {

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, shape& sample) {
  std::int64_t sides[] = {sample.height, sample.width, sample.channels};
  archive(sides[0], sides[1], sides[2]);
  sample = {sides[0], sides[1], sides[2]};
}

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, layer_options& options) {
  archive(options.kind, options.units, options.filters, options.kernel, options.stride,
          options.padding, options.vocabulary, options.depth, options.alpha, options.beta,
          options.bias, options.rate, options.initialiser, options.deviation);
  serialize_flag(archive, options.sequence);
}

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, model_options& options) {
  archive(options.kind, options.hidden, options.weight_decay, options.condition, options.loss,
          options.layers);
}

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, data_options& options) {
  archive(options.source, options.path, options.partition, options.alpha, options.samples,
          options.dimensions, options.noise, options.train_limit, options.test_limit,
          options.target, options.features, options.window, options.bins, options.train_share,
          options.delimiter, options.task, options.missing, options.one_hot, options.scale,
          options.test_path, options.horizon, options.class_weights, options.augment);
  serialize_flag(archive, options.header);
  serialize_flag(archive, options.scale_target);
}

} // namespace adsp::learning

namespace adsp::apps {

saved_model read_version4(const std::string& payload) {
  std::istringstream in{payload, std::ios::binary};
  saved_model x;
  cereal::PortableBinaryInputArchive archive{in};
  archive(x.model, x.data, x.prepared, x.input, x.classes, x.steps, x.loss, x.accuracy,
          x.parameters);
  return x;
}

} // namespace adsp::apps
