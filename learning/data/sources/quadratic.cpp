#include "learning/data/sources/quadratic_draws.hpp"

#include "learning/data/sources/data_source.hpp"
#include "learning/random.hpp"

namespace adsp::learning {

train_and_test quadratic_data(std::uint32_t samples, std::uint32_t dimensions, double noise) {
  generator random{1, "quadratic"};
  train_and_test all;
  all.train.classes = all.test.classes = 1;
  all.train.features.resize(dimensions, samples);
  for (auto& x : all.train.features.reshaped())
    x = static_cast<float>(1 + noise * random.normal());
  all.train.labels.assign(samples, 0);
  all.test.features = Eigen::MatrixXf::Ones(dimensions, 1);
  all.test.labels.assign(1, 0);
  all.train.input = all.test.input = flat(dimensions);
  return all;
}

namespace {

train_and_test load_draws(const data_options& x, parts) {
  return quadratic_data(x.samples, x.dimensions, x.noise);
}

dataset load_optimum(const data_options& x, const fitted_data&) {
  return load_draws(x, parts::both).test;
}

} // namespace

data_source quadratic_source() {
  return {.name = "quadratic",
          .keys = {"samples", "dimensions", "noise"},
          .classes = false,
          .load = load_draws,
          .load_test = load_optimum};
}

} // namespace adsp::learning
