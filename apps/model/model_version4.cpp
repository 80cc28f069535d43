// A payload of version 4 is one Cereal archive with every option by its position. It is as it is:
// members that options have gained since keep their defaults.
#include "apps/model/model_version4.hpp"

#include "apps/model/prepared_archive.hpp"

#include <sstream>

namespace adsp::learning {

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, shape& x) {
  std::int64_t sides[] = {x.height, x.width, x.channels};
  archive(sides[0], sides[1], sides[2]);
  x = {sides[0], sides[1], sides[2]};
}

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, layer_options& x) {
  archive(x.kind, x.units, x.filters, x.kernel, x.stride, x.padding, x.vocabulary, x.depth, x.alpha,
          x.beta, x.bias, x.rate, x.initialiser, x.deviation);
  serialize_flag(archive, x.sequence);
}

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, model_options& x) {
  archive(x.kind, x.hidden, x.weight_decay, x.condition, x.loss, x.layers);
}

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, data_options& x) {
  archive(x.source, x.path, x.partition, x.alpha, x.samples, x.dimensions, x.noise, x.train_limit,
          x.test_limit, x.target, x.features, x.window, x.bins, x.train_share, x.delimiter, x.task,
          x.missing, x.one_hot, x.scale, x.test_path, x.horizon, x.class_weights, x.augment);
  serialize_flag(archive, x.header);
  serialize_flag(archive, x.scale_target);
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
