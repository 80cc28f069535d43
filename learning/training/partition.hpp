// Which worker owns which training samples.
#pragma once

#include "learning/data/dataset.hpp"
#include "learning/random.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace adsp::learning {

/// The samples of one worker, as columns of the data set.
using sample_indices = std::vector<std::uint32_t>;

/// Splits all samples at random into shares of sizes proportional to `weights` (each > 0); every
/// sample is in exactly one share and every share has at least one.
/// Throws `data_error` when there are fewer samples than shares.
std::vector<sample_indices> partition_iid(const dataset& data, std::span<const double> weights,
                                          generator random);

/// Label-skewed split: for each class, proportions over the shares drawn from Dirichlet(alpha *
/// weight) (Hsu, Qi, Brown, 2019). Every sample is in exactly one share and every share has at
/// least one.
std::vector<sample_indices> partition_dirichlet(const dataset& data,
                                                std::span<const double> weights, double alpha,
                                                generator random);

/// An endless stream of minibatches over one share, reshuffled after every pass.
class batch_stream {
public:
  /// `share` must not be empty; a batch larger than the share repeats samples.
  batch_stream(sample_indices share, std::uint32_t batch_size, generator random);

  /// The samples of the next minibatch, valid until the next call. Allocates nothing.
  std::span<const std::uint32_t> next();

  std::size_t share_size() const { return share_.size(); }

private:
  sample_indices share_;
  sample_indices batch_;
  std::size_t position_ = 0;
  generator random_;
};

} // namespace adsp::learning
