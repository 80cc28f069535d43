// Splits of the training samples over workers, and the order in which a worker sees its own.
#include "learning/training/partition.hpp"

#include "learning/data/text/cell_text.hpp"
#include "learning/data_error.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace adsp::learning {

namespace {

/// Fisher-Yates, since std::shuffle differs between standard libraries.
void shuffle(std::span<std::uint32_t> values, generator& random) {
  for (auto i = values.size(); i > 1; --i)
    std::swap(values[i - 1], values[random.below(i)]);
}

/// Checks what both splits need; returns the sum of the weights.
double check(const dataset& data, std::span<const double> weights) {
  if (weights.empty())
    throw std::invalid_argument("a partition needs at least one weight");
  for (auto x : weights)
    if (!(x > 0) || !std::isfinite(x))
      throw std::invalid_argument("a partition's weights must be positive and finite, found " +
                                  std::to_string(x));
  if (data.size() < weights.size())
    throw data_error("training data: found " + counted(data.size(), "sample") +
                     ", expected at least one for each of the " + std::to_string(weights.size()) +
                     " shares; raise data.train_limit or use fewer workers");
  return std::accumulate(weights.begin(), weights.end(), 0.0);
}

/// Cuts `samples` at the rounded running sums of `proportions` (which sum to `total`), and appends
/// a piece to each share. No piece differs from its proportion by more than one sample.
void deal(std::span<const std::uint32_t> samples, std::span<const double> proportions, double total,
          std::vector<sample_indices>& shares) {
  double sum = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    sum += proportions[i];
    auto cut = std::llround(sum / total * static_cast<double>(samples.size()));
    auto end = std::clamp(static_cast<std::size_t>(cut), begin, samples.size());
    if (i + 1 == shares.size())
      end = samples.size();
    auto piece = samples.subspan(begin, end - begin);
    shares[i].insert(shares[i].end(), piece.begin(), piece.end());
    begin = end;
  }
}

/// Gives every empty share a sample of the largest one.
void fill_empty(std::vector<sample_indices>& shares) {
  auto smaller = [](const auto& x, const auto& y) { return x.size() < y.size(); };
  for (auto& share : shares) {
    if (!share.empty())
      continue;
    auto& largest = *std::max_element(shares.begin(), shares.end(), smaller);
    share.push_back(largest.back());
    largest.pop_back();
  }
}

/// Proportions from Dirichlet(alpha * weights / mean weight), not normalised; returns their sum.
double draw(std::span<const double> weights, double alpha, double weight_sum, generator& random,
            std::vector<double>& proportions) {
  auto scale = alpha * static_cast<double>(weights.size()) / weight_sum;
  for (std::size_t i = 0; i < weights.size(); ++i)
    proportions[i] = random.gamma(std::max(weights[i] * scale, 1e-12));
  auto sum = std::accumulate(proportions.begin(), proportions.end(), 0.0);
  if (sum > 0)
    return sum;
  // With a tiny alpha every draw rounds to zero; in the limit one share gets everything.
  auto point = random.uniform() * weight_sum;
  std::size_t chosen = 0;
  while (chosen + 1 < weights.size() && point >= weights[chosen])
    point -= weights[chosen++];
  proportions[chosen] = 1;
  return 1;
}

} // namespace

std::vector<sample_indices> partition_iid(const dataset& data, std::span<const double> weights,
                                          generator random) {
  auto sum = check(data, weights);
  sample_indices all(data.size());
  std::iota(all.begin(), all.end(), 0U);
  shuffle(all, random);
  std::vector<sample_indices> shares(weights.size());
  deal(all, weights, sum, shares);
  fill_empty(shares);
  return shares;
}

std::vector<sample_indices> partition_dirichlet(const dataset& data,
                                                std::span<const double> weights, double alpha,
                                                generator random) {
  if (!(alpha > 0) || !std::isfinite(alpha))
    throw std::invalid_argument("data.alpha must be positive and finite, found " +
                                std::to_string(alpha));
  if (data.labels.size() != data.size())
    throw data_error("data.partition is \"dirichlet\", which needs a class of every sample; the "
                     "data has numbers to "
                     "predict: use \"iid\"");
  auto sum = check(data, weights);
  std::vector<sample_indices> by_class(static_cast<std::size_t>(data.classes));
  for (std::uint32_t i = 0; i < data.size(); ++i)
    by_class.at(static_cast<std::size_t>(data.labels[i])).push_back(i);
  std::vector<sample_indices> shares(weights.size());
  std::vector<double> proportions(weights.size());
  for (auto& samples : by_class) {
    shuffle(samples, random);
    auto total = draw(weights, alpha, sum, random, proportions);
    deal(samples, proportions, total, shares);
  }
  fill_empty(shares);
  return shares;
}

batch_stream::batch_stream(sample_indices share, std::uint32_t batch_size, generator random)
    : share_(std::move(share)), batch_(batch_size), random_(random) {
  if (share_.empty() || batch_.empty())
    throw std::invalid_argument("a stream of minibatches needs samples and a batch_size above 0");
  shuffle(share_, random_);
}

std::span<const std::uint32_t> batch_stream::next() {
  for (auto& sample : batch_) {
    if (position_ == share_.size()) {
      shuffle(share_, random_);
      position_ = 0;
    }
    sample = share_[position_++];
  }
  return batch_;
}

} // namespace adsp::learning
