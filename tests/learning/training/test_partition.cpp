// Splits own every sample exactly once, in the asked proportions; a stream covers its share every
// pass.
#include "learning/data/sources/split.hpp"
#include "learning/data_error.hpp"
#include "learning/training/partition.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace adsp::learning;

namespace {

dataset labelled(std::size_t samples, std::int32_t classes) {
  dataset result;
  result.classes = classes;
  result.features.setZero(1, static_cast<Eigen::Index>(samples));
  for (std::size_t i = 0; i < samples; ++i)
    result.labels.push_back(static_cast<std::int32_t>(i) % classes);
  return result;
}

void check_is_partition(const std::vector<sample_indices>& shares, std::size_t samples) {
  sample_indices all;
  for (const auto& share : shares) {
    CHECK(!share.empty());
    all.insert(all.end(), share.begin(), share.end());
  }
  std::sort(all.begin(), all.end());
  sample_indices expected(samples);
  std::iota(expected.begin(), expected.end(), 0U);
  CHECK(all == expected);
}

/// Total variation distance of the shares' label frequencies from the data set's, mean over shares.
double skew(const dataset& data, const std::vector<sample_indices>& shares) {
  double sum = 0;
  for (const auto& share : shares) {
    std::vector<double> counts(static_cast<std::size_t>(data.classes));
    for (auto sample : share)
      ++counts[static_cast<std::size_t>(data.labels[sample])];
    for (auto n : counts)
      sum += std::abs(n / static_cast<double>(share.size()) - 1.0 / data.classes) / 2;
  }
  return sum / static_cast<double>(shares.size());
}

} // namespace

TEST_CASE("iid shares are a partition in proportion to the weights") {
  auto data = labelled(1003, 10);
  std::vector<double> weights = {1, 2.5, 0.5, 4};
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    auto shares = partition_iid(data, weights, generator(seed, "partition"));
    check_is_partition(shares, data.size());
    for (std::size_t i = 0; i < weights.size(); ++i)
      CHECK(std::abs(static_cast<double>(shares[i].size()) - 1003 * weights[i] / 8) <= 1);
    CHECK(skew(data, shares) < 0.25);
    CHECK(shares == partition_iid(data, weights, generator(seed, "partition")));
  }
}

TEST_CASE("dirichlet shares are a partition, however small alpha") {
  auto data = labelled(400, 10);
  std::vector<double> weights = {1, 2, 1, 5, 1, 1, 1, 3};
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    for (auto alpha : {1e-300, 1e-3, 0.1, 1.0, 100.0, 1e9})
      check_is_partition(partition_dirichlet(data, weights, alpha, generator(seed, "partition")),
                         data.size());
}

TEST_CASE("dirichlet skew grows as alpha falls, and weights hold on average") {
  auto data = labelled(5000, 10);
  std::vector<double> weights = {1, 1, 2, 4};
  double previous = -1;
  for (auto alpha : {1000.0, 10.0, 1.0, 0.1}) {
    double mean_skew = 0;
    double largest_share = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      auto shares = partition_dirichlet(data, weights, alpha, generator(seed, "partition"));
      mean_skew += skew(data, shares) / 40;
      largest_share += static_cast<double>(shares[3].size()) / 5000 / 40;
    }
    CAPTURE(alpha);
    CHECK(mean_skew > previous + 0.02);
    CHECK(std::abs(largest_share - 0.5) < 0.08);
    previous = mean_skew;
  }
}

TEST_CASE("extreme weights leave at least one sample for each share") {
  auto data = labelled(5, 2);
  std::vector<double> weights = {1e-9, 1e9, 1e-9, 1e-9, 1};
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    check_is_partition(partition_iid(data, weights, generator(seed, "p")), 5);
    check_is_partition(partition_dirichlet(data, weights, 0.1, generator(seed, "p")), 5);
  }
}

TEST_CASE("what cannot be split is refused") {
  auto data = labelled(3, 2);
  std::vector<double> four = {1, 1, 1, 1};
  std::vector<double> wrong = {1, 0};
  generator random(1, "partition");
  CHECK_THROWS_AS(partition_iid(data, four, random), data_error);
  CHECK_THROWS_AS(partition_dirichlet(data, four, 1, random), data_error);
  CHECK_THROWS_AS(partition_iid(data, {}, random), std::invalid_argument);
  CHECK_THROWS_AS(partition_iid(data, wrong, random), std::invalid_argument);
  CHECK_THROWS_AS(partition_dirichlet(data, wrong, 0, random), std::invalid_argument);
}

TEST_CASE("a stream covers its share in every pass, in another order each") {
  sample_indices share = {3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377};
  for (std::uint32_t batch_size : {1U, 4U, 11U, 30U}) {
    CAPTURE(batch_size);
    batch_stream stream(share, batch_size, generator(9, "batches"));
    CHECK(stream.share_size() == share.size());
    sample_indices seen;
    while (seen.size() < 50 * share.size()) {
      auto batch = stream.next();
      CHECK(batch.size() == batch_size);
      seen.insert(seen.end(), batch.begin(), batch.end());
    }
    sample_indices previous;
    for (std::size_t pass = 0; pass < 50; ++pass) {
      auto begin = seen.begin() + static_cast<long>(pass * share.size());
      sample_indices order(begin, begin + static_cast<long>(share.size()));
      CHECK(order != previous);
      previous = order;
      std::sort(order.begin(), order.end());
      CHECK(order == share);
    }
  }
}

TEST_CASE("a stream over nothing is refused") {
  CHECK_THROWS_AS(batch_stream({}, 4, generator(1, "b")), std::invalid_argument);
  CHECK_THROWS_AS(batch_stream({1}, 0, generator(1, "b")), std::invalid_argument);
}

TEST_CASE("numbers to predict cannot be skewed by label") {
  dataset numbers;
  numbers.features.setZero(1, 9);
  numbers.values.assign(9, 1.0F);
  const std::vector<double> weights(3, 1.0);
  CHECK(partition_iid(numbers, weights, generator(1, "partition")).size() == 3);
  CHECK_THROWS_AS(partition_dirichlet(numbers, weights, 1.0, generator(1, "partition")),
                  data_error);
}

TEST_CASE("a split keeps the order of the rows; its limits take rows from all over the file") {
  data_options x;
  x.train_share = 0.75;
  x.train_limit = 10;
  x.test_limit = 5;
  const auto places = split_places(x, 1000);
  std::vector<std::size_t> rows(1000);
  for (std::size_t row = 0; row < 1000; ++row)
    rows.at(places[row]) = row;
  const std::size_t ends[] = {0, 10, 750, 755, 1000};
  for (std::size_t part = 0; part < 4; ++part)
    for (auto i = ends[part] + 1; i < ends[part + 1]; ++i)
      CHECK(rows[i - 1] < rows[i]);
  CHECK(rows[9] > 500);
  x.train_limit = x.test_limit = 0;
  const auto all = split_places(x, 1000);
  for (std::size_t row = 0; row < 1000; ++row)
    CHECK((all[row] < 750) == (places[row] < 750));
}
