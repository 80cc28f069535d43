// Lines of a label and index:value pairs, the indices from 1 up and ascending (LIBSVM); numbers
// that are left out are 0. The test samples are another file, or lines chosen like the rows of a
// table. A first pass over each file counts lines and features, a second one puts the numbers in
// place.
#include "learning/data/density_bins.hpp"
#include "learning/data/sources/data_source.hpp"
#include "learning/data/sources/split.hpp"
#include "learning/data/text/cell_text.hpp"
#include "learning/data/text/sparse_lines.hpp"
#include "learning/data/text/text_codes.hpp"
#include "learning/data_error.hpp"

#include <algorithm>

namespace adsp::learning {

namespace {

using Eigen::Index;

/// 4 GiB of floats: a dense sample has every feature.
constexpr std::uint64_t max_table_numbers = max_sparse_index;

/// The label in the form used for comparison: +1 and 1.0 become 1.
std::string_view plain_label(std::string_view text) {
  if (text.size() > 1 && text.front() == '+')
    text.remove_prefix(1);
  if (const auto dot = text.find('.');
      dot != text.npos && dot > 0 && text.find_first_not_of('0', dot + 1) == text.npos)
    text = text.substr(0, dot);
  return text;
}

struct extent {
  std::uint64_t samples = 0;
  std::uint64_t features = 0;
  std::uint64_t checksum = 0;
};

extent measure(const std::string& file) {
  extent result;
  sparse_lines lines(file);
  for (; lines.next(); ++result.samples)
    while (const auto x = lines.next_feature())
      result.features = std::max(result.features, x->index);
  result.checksum = lines.checksum();
  return result;
}

/// The samples read from one or two files.
class sparse_set {
public:
  explicit sparse_set(const data_options& x) : options_(x) {}

  train_and_test load() {
    const auto all = measure(options_.path);
    const bool split = options_.test_path.empty();
    const auto training = split ? training_part(options_, all.samples) : all.samples;
    const auto other = split ? extent{all.samples - training} : measure(options_.test_path);
    const auto features = std::max(all.features, other.features);
    if (features > 0 && training + other.samples > max_table_numbers / features)
      throw data_error(options_.path + ": has " + std::to_string(training + other.samples) +
                       " samples and a feature " + std::to_string(features) +
                       ", which are more than " + std::to_string(max_table_numbers) +
                       " numbers in all; expected fewer features or samples");
    if (training < 2 || other.samples < 1 || features == 0)
      throw data_error(options_.path + ": has " + counted(all.samples, "sample") + " with " +
                       counted(features, "feature") +
                       ", expected at least 2 to train and 1 to test, with a feature");
    prepare(result_.train, features, training);
    prepare(result_.test, features, other.samples);
    if (split) {
      const auto places = split_places(options_, all.samples);
      read(options_.path, all.samples, [&](std::size_t i) { return place(places[i], training); });
    } else {
      read(options_.path, training, [&](std::size_t i) { return place(i, training); });
      read(options_.test_path, other.samples,
           [&](std::size_t i) { return place(training + i, training); });
    }
    result_.prepared.task = task_of(options_);
    result_.prepared.file = {all.samples, all.checksum};
    label(training);
    shorten(result_.train, options_.train_limit);
    shorten(result_.test, options_.test_limit);
    return std::move(result_);
  }

  /// Only the test samples, of `features` features each, labelled as `saved` says.
  dataset load_test(const preprocessing& saved, std::uint64_t features) {
    const bool split = options_.test_path.empty();
    const auto& file = split ? options_.path : options_.test_path;
    const auto all = measure(file);
    check_same_file(options_, saved.file, {all.samples, all.checksum});
    const auto training = split ? training_part(options_, all.samples) : 0;
    if (all.samples == training ||
        all.samples > max_table_numbers / std::max<std::uint64_t>(features, 1))
      throw data_error(file + ": has " + std::to_string(all.samples - training) +
                       " test samples of the model's " + std::to_string(features) +
                       " features, expected at least one sample and at most " +
                       std::to_string(max_table_numbers) + " numbers in all");
    features_are_given_ = true;
    prepare(result_.train, features, training);
    prepare(result_.test, features, all.samples - training);
    const auto places = split ? split_places(options_, all.samples) : std::vector<std::uint32_t>{};
    read(file, all.samples, [&](std::size_t i) { return place(split ? places[i] : i, training); });
    result_.prepared = saved;
    class_of_code_ = codes_.places(saved.class_names);
    label_part(training, targets_.size(), result_.test);
    shorten(result_.test, options_.test_limit);
    return std::move(result_.test);
  }

private:
  struct target_place {
    dataset* into;
    std::size_t sample;
    std::size_t place; ///< training samples first
  };

  target_place place(std::size_t i, std::size_t training) {
    return i < training ? target_place{&result_.train, i, i}
                        : target_place{&result_.test, i - training, i};
  }

  void prepare(dataset& data, std::uint64_t features, std::uint64_t samples) {
    data.features.setZero(static_cast<Index>(features), static_cast<Index>(samples));
    data.input = flat(static_cast<Index>(features));
    targets_.resize(targets_.size() + samples);
  }

  template <class Place>
  void read(const std::string& file, std::size_t samples, const Place& place_of) {
    sparse_lines lines(file);
    std::size_t i = 0;
    bool more = lines.next();
    for (; more && i < samples; more = lines.next(), ++i) {
      const auto at = place_of(i);
      targets_[at.place] = task_of(options_) == "classification"
                               ? codes_.code_of(plain_label(lines.label()), lines.line())
                               : lines.label_number();
      if (codes_.size() > max_categories)
        lines.fail_at(lines.line(), "found class " + shown(lines.label()) +
                                        ", expected at most 65536 different ones; set data.task = "
                                        "\"regression\" for numbers");
      auto* sample = at.into->features.col(static_cast<Index>(at.sample)).data();
      while (const auto x = lines.next_feature()) {
        if (x->index > static_cast<std::uint64_t>(at.into->features.rows())) {
          if (features_are_given_)
            lines.fail_at_feature("an index of at most " +
                                  std::to_string(at.into->features.rows()) +
                                  ", which the model has");
          changed(file);
        }
        sample[x->index - 1] = static_cast<float>(x->value);
      }
    }
    if (i != samples || more)
      changed(file);
  }

  [[noreturn]] void changed(const std::string& file) const {
    throw data_error(file + ": has changed while it was read; expected the samples counted before");
  }

  void label(std::size_t training) {
    auto& fitted = result_.prepared;
    if (fitted.task == "classification") {
      std::vector<bool> used(codes_.size());
      for (std::size_t i = 0; i < training; ++i)
        used[static_cast<std::size_t>(targets_[i])] = true;
      fitted.class_names = codes_.sorted(used, true, class_of_code_);
      if (fitted.class_names.size() < 2)
        throw data_error(options_.path + ": all training samples are of class " +
                         shown(fitted.class_names.at(0)) + ", expected at least two classes");
    } else if (fitted.task == "bins") {
      const auto normal = moments::of(std::span<const double>(targets_).first(training));
      if (normal.deviation == 0)
        throw data_error(options_.path + ": all training labels are equal; expected different "
                                         "values");
      fitted.bins = options_.bins;
      fitted.target.offset = normal.mean;
      fitted.target.divisor = normal.deviation;
    }
    label_part(0, training, result_.train);
    label_part(training, targets_.size(), result_.test);
  }

  void label_part(std::size_t first, std::size_t last, dataset& into) const {
    for (auto i = first; i < last; ++i)
      add(into, targets_[i]);
    const auto& fitted = result_.prepared;
    into.classes = fitted.task == "classification"
                       ? static_cast<std::int32_t>(fitted.class_names.size())
                       : static_cast<std::int32_t>(fitted.bins);
  }

  void add(dataset& into, double target) const {
    const auto& fitted = result_.prepared;
    if (fitted.task == "regression") {
      into.values.push_back(static_cast<float>(target));
    } else if (fitted.task == "bins") {
      into.labels.push_back(
          density_bins{{fitted.target.offset, fitted.target.divisor}, fitted.bins}(target));
    } else {
      const auto code = static_cast<std::uint32_t>(target);
      if (class_of_code_[code] < 0)
        throw data_error((options_.test_path.empty() ? options_.path : options_.test_path) + ":" +
                         std::to_string(codes_.line(code)) + ": column 1: found label " +
                         shown(codes_.text(code)) + ", expected one of the " +
                         std::to_string(fitted.class_names.size()) +
                         " classes of the training samples");
      into.labels.push_back(class_of_code_[code]);
    }
  }

  static void shorten(dataset& data, std::uint32_t limit) {
    const auto samples = limited(data.size(), limit);
    data.features.conservativeResize(Eigen::NoChange, static_cast<Index>(samples));
    data.labels.resize(std::min(data.labels.size(), samples));
    data.values.resize(std::min(data.values.size(), samples));
  }

  const data_options& options_;
  bool features_are_given_ = false; ///< the model decides their number, not the files
  text_codes codes_;
  std::vector<double> targets_; ///< numbers or codes, training samples first
  std::vector<std::int32_t> class_of_code_;
  train_and_test result_;
};

train_and_test load_lines(const data_options& options, parts) {
  check_number_options(options);
  return sparse_set(options).load();
}

dataset load_test_lines(const data_options& options, const fitted_data& fitted) {
  check_number_options(options);
  return sparse_set(options).load_test(fitted.prepared,
                                       static_cast<std::uint64_t>(fitted.input.size()));
}

void refuse_feature(const data_options&, const preprocessing&, const std::string& file,
                    const wrong_number& wrong) {
  for (sparse_lines lines(file); lines.next();)
    while (const auto feature = lines.next_feature())
      if (!wrong.fits(feature->value))
        lines.fail_at_feature(wrong.expected);
}

} // namespace

data_source libsvm_source() {
  return {.name = "libsvm",
          .path = "the file of the numbers",
          .keys = {"path", "train_limit", "test_limit", "class_weights", "task", "bins",
                   "train_share", "test_path"},
          .tasks = {"classification", "bins", "regression"},
          .tokens = true,
          .load = load_lines,
          .load_test = load_test_lines,
          .refuse_number = refuse_feature};
}

} // namespace adsp::learning
