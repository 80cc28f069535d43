#include "learning/tokens.hpp"

#include "learning/embedding_layer.hpp"

#include <string>

namespace adsp::learning {

namespace {

void check_half(const dataset& x, const char* half, std::uint32_t vocabulary) {
  for (Eigen::Index sample = 0; sample < x.features.cols(); ++sample)
    for (Eigen::Index i = 0; i < x.features.rows(); ++i)
      if (const auto found = x.features(i, sample); !is_token(found, vocabulary))
        throw data_error("sample " + std::to_string(sample + 1) + " of the " + half +
                         " data: number " + std::to_string(i + 1) + " is " + std::to_string(found) +
                         ", expected a token for the embedding, a whole "
                         "number from 0 to " +
                         std::to_string(vocabulary - 1) + "; tokens need data.scale = \"none\"");
}

} // namespace

void check_tokens(const model_options& x, const train_and_test& data) {
  if (x.kind != "layers" || x.layers.empty() || x.layers.front().kind != "embedding")
    return;
  check_half(data.train, "training", x.layers.front().vocabulary);
  check_half(data.test, "test", x.layers.front().vocabulary);
}

} // namespace adsp::learning
