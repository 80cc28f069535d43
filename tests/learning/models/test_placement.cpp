// A step has the same bits wherever in memory its scratch is: what `new` gives is shifted here.
#include "learning/aligned_vector.hpp"
#include "learning/models/make_network.hpp"
#include "learning/models/model.hpp"
#include "learning/training/optimizer.hpp"
#include "learning/training/partition.hpp"
#include "tests/learning/layers/listed_layers.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <new>
#include <numeric>

namespace {

/// Bytes behind a multiple of 64 at which memory begins, as malloc may have it: a multiple of 16.
std::size_t shift = 0;

} // namespace

// The place of the whole block stands in front of what is given away.
void* operator new(std::size_t size) {
  auto* const block = static_cast<char*>(std::malloc(size + 144));
  if (block == nullptr)
    throw std::bad_alloc{};
  const auto past = reinterpret_cast<std::uintptr_t>(block) % 64;
  char* const given = block + (64 - past) + 16 + (shift + 48) % 64;
  reinterpret_cast<void**>(given)[-1] = block;
  return given;
}
void operator delete(void* memory) noexcept {
  if (memory != nullptr)
    std::free(static_cast<void**>(memory)[-1]);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  operator delete(memory);
}

using namespace adsp::learning;

namespace {

dataset noise_data(Eigen::Index features, std::int32_t classes) {
  dataset data;
  generator random(1, "data");
  data.classes = classes;
  data.features.resize(features, 70);
  for (auto& number : data.features.reshaped())
    number = static_cast<float>(random.uniform());
  for (int i = 0; i < 70; ++i)
    data.labels.push_back(static_cast<std::int32_t>(random.below(10)));
  return data;
}

/// Parameters after three steps, then losses: of the steps, and of an evaluation.
std::vector<float> course(const dataset& data, const model_options& options, std::size_t at) {
  shift = at;
  auto tested = make_model(options, input_of(data), data.classes);
  aligned_vector<float> parameters(tested->parameter_count());
  aligned_vector<float> gradient(parameters.size());
  tested->initialise(parameters, generator(1, "model"));
  optimizer descent({.learning_rate = 0.05, .kind = "adam"}, parameters.size());
  sample_indices share(33);
  std::iota(share.begin(), share.end(), 0U);
  minibatch batch;
  std::vector<float> losses;
  for (int step = 0; step < 3; ++step) {
    gather(data, share, batch);
    batch.draw = 7;
    losses.push_back(tested->loss_and_gradient(parameters, batch, gradient));
    descent.step(parameters, gradient);
  }
  losses.push_back(static_cast<float>(tested->evaluate(parameters, batch).loss));
  std::vector<float> all(parameters.begin(), parameters.end());
  all.insert(all.end(), losses.begin(), losses.end());
  shift = 0;
  return all;
}

void same_wherever_it_is(const dataset& data, const model_options& options) {
  const auto expected = course(data, options, 0);
  for (const std::size_t at : {16U, 32U, 48U}) {
    CAPTURE(at);
    CHECK(course(data, options, at) == expected);
  }
}

model_options preset(const std::string& kind, std::vector<std::uint32_t> hidden = {}) {
  model_options options;
  options.kind = kind;
  options.hidden = std::move(hidden);
  return options;
}

} // namespace

TEST_CASE("what new gives is shifted, or this file tests nothing") {
  for (const std::size_t at : {0U, 16U, 32U, 48U}) {
    shift = at;
    const auto memory = std::make_unique<std::vector<float>>(100);
    CHECK(reinterpret_cast<std::uintptr_t>(memory->data()) % 64 == at);
  }
  shift = 0;
}

TEST_CASE("a step has the same bits wherever its memory is") {
  for (const std::int32_t classes : {10, 13}) {
    CAPTURE(classes);
    const auto windows = noise_data(24, classes);
    same_wherever_it_is(windows, preset("softmax"));
    same_wherever_it_is(windows, preset("mlp", {17}));
    same_wherever_it_is(windows, preset("linear_svm"));
    same_wherever_it_is(windows, preset("lstm", {9, 5}));
    same_wherever_it_is(windows, of_layers({with_sequence(units("gru", 9)), of("layer_norm"),
                                            dropout(0.3), units("gru", 7), of("tanh")}));
    auto images = noise_data(144, classes);
    images.input = {12, 12, 1};
    same_wherever_it_is(images, of_layers({window("conv2d", 3, 5), of("local_response_norm"),
                                           of("layer_norm"), of("relu"), window("max_pool", 2),
                                           window("average_pool", 2), units("dense", 11)}));
  }
}
