#include "learning/data/sources/split.hpp"

#include "learning/data/sources/data_source.hpp"
#include "learning/data/text/cell_text.hpp"
#include "learning/data_error.hpp"
#include "learning/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace adsp::learning {

void check_number_options(const data_options& options) {
  if (options.bins < 2 || options.bins % 2 != 0 || options.bins > 65536)
    throw data_error("data.bins is " + std::to_string(options.bins) +
                     ", expected an even number of at least 2 and at most 65536");
  if (!(options.train_share >= 0 && options.train_share < 1))
    throw data_error("data.train_share is " + std::to_string(options.train_share) +
                     ", expected a number above 0 and below 1");
}

void check_same_file(const data_options& options, const file_mark& then, const file_mark& now) {
  const bool split = options.train_share > 0 && !has_test_file(options);
  if (!split || (then.rows == now.rows && then.checksum == now.checksum))
    return;
  const auto rows = counted(then.rows, source_of(options).item);
  throw data_error(options.path + ": is no longer the file that trained the model (" + rows +
                   (then.rows == now.rows ? " then and now, but not the same ones"
                                          : " then, " + std::to_string(now.rows) + " now") +
                   "); name it with --data to evaluate on all of it");
}

std::size_t training_part(const data_options& x, std::size_t count) {
  return static_cast<std::size_t>(std::llround(x.train_share * static_cast<double>(count)));
}

std::size_t limited(std::size_t count, std::uint32_t limit) {
  return limit == 0 ? count : std::min<std::size_t>(count, limit);
}

std::vector<std::uint32_t> split_places(const data_options& options, std::uint64_t rows) {
  if (rows > std::numeric_limits<std::uint32_t>::max())
    throw data_error("data.path has " + std::to_string(rows) +
                     " rows, expected at most 4294967295");
  std::vector<std::uint32_t> order(rows);
  std::iota(order.begin(), order.end(), 0U);
  generator random(1, "split");
  for (auto i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[random.below(i)]);
  std::vector<std::uint32_t> places(rows);
  for (std::uint32_t i = 0; i < order.size(); ++i)
    places[order[i]] = i;
  // Within a part the rows keep their order, so that they are written in the order in which they
  // are read.
  const auto training = training_part(options, rows);
  const std::array<std::size_t, 4> ends = {limited(training, options.train_limit), training,
                                           training + limited(rows - training, options.test_limit),
                                           rows};
  std::array<std::uint32_t, 4> next = {};
  for (std::size_t i = 1; i < ends.size(); ++i)
    next[i] = static_cast<std::uint32_t>(ends[i - 1]);
  for (auto& place : places) {
    std::size_t part = 0;
    while (place >= ends[part])
      ++part;
    place = next[part]++;
  }
  return places;
}

void check_finite(const data_options& options, const dataset& data) {
  if (!data.features.allFinite() || !std::all_of(data.values.begin(), data.values.end(),
                                                 [](float y) { return std::isfinite(y); }))
    throw data_error(options.path +
                     ": a value is further from the mean of the training part than a float can "
                     "hold in standard deviations; remove it");
}

} // namespace adsp::learning
