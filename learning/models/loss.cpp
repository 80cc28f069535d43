// The losses, of matrices of outputs x samples. NaN passes through, because divergence must show in
// the loss.
#include "learning/models/loss.hpp"

#include <cassert>
#include <cmath>
#include <stdexcept>

namespace adsp::learning {

using Eigen::Index;

namespace {

/// What all losses share: a sum over the samples, each times its weight.
template <class Scalar>
class sum_of_samples : public loss<Scalar> {
public:
  double value(const_batch_view<Scalar> outputs, const targets& known) final {
    double sum = 0;
    for (Index i = 0; i < outputs.cols(); ++i)
      sum += weight(known, i) * sample(outputs.col(i).data(), outputs.rows(), known, i);
    return sum;
  }

  double value_and_gradient(batch_view<Scalar> outputs, const targets& known) final {
    const auto share = Scalar{1} / static_cast<Scalar>(outputs.cols());
    double sum = 0;
    for (Index i = 0; i < outputs.cols(); ++i) {
      const auto w = weight(known, i);
      sum += w * sample_and_gradient(outputs.col(i).data(), outputs.rows(), known, i,
                                     static_cast<Scalar>(w) * share);
    }
    return sum;
  }

protected:
  static Index label(const targets& x, Index sample) {
    return x.labels[static_cast<std::size_t>(sample)];
  }

  virtual double sample(const Scalar* outputs, Index count, const targets& known,
                        Index i) const = 0;

  /// The same, and `outputs` becomes the gradient of `share` times it.
  virtual double sample_and_gradient(Scalar* outputs, Index count, const targets& known, Index i,
                                     Scalar share) const = 0;

private:
  static double weight(const targets& known, Index sample) {
    if (known.class_weights.empty() || known.labels.empty())
      return 1;
    return known.class_weights[static_cast<std::size_t>(label(known, sample))];
  }
};

template <class Scalar>
using array = Eigen::Map<Eigen::Array<Scalar, Eigen::Dynamic, 1>>;
template <class Scalar>
using const_array = Eigen::Map<const Eigen::Array<Scalar, Eigen::Dynamic, 1>>;

template <class Scalar>
class cross_entropy final : public sum_of_samples<Scalar> {
  // With the largest score subtracted, the exponentials cannot overflow and their sum is at least
  // 1.
  double sample(const Scalar* outputs, Index count, const targets& known, Index i) const override {
    const const_array<Scalar> scores(outputs, count);
    const auto largest = scores.maxCoeff();
    const auto sum = (scores - largest).exp().sum();
    return std::log(static_cast<double>(sum)) - (outputs[this->label(known, i)] - largest);
  }

  double sample_and_gradient(Scalar* outputs, Index count, const targets& known, Index i,
                             Scalar share) const override {
    array<Scalar> scores(outputs, count);
    auto& of_label = outputs[this->label(known, i)];
    scores -= scores.maxCoeff();
    const double right = of_label;
    scores = scores.exp();
    const auto sum = scores.sum();
    scores *= share / sum;
    of_label -= share;
    return std::log(static_cast<double>(sum)) - right;
  }
};

/// One class against the rest: the sum over the classes of max(0, 1 - y score), y = 1 for the
/// label's class, else -1.
template <class Scalar>
class hinge final : public sum_of_samples<Scalar> {
  double sample(const Scalar* outputs, Index count, const targets& known, Index i) const override {
    double sum = 0;
    for (Index c = 0; c < count; ++c) {
      const auto lack = Scalar{1} - (c == this->label(known, i) ? outputs[c] : -outputs[c]);
      sum += lack <= Scalar{0} ? Scalar{0} : lack;
    }
    return sum;
  }

  double sample_and_gradient(Scalar* outputs, Index count, const targets& known, Index i,
                             Scalar share) const override {
    const auto sum = sample(outputs, count, known, i);
    for (Index c = 0; c < count; ++c) {
      const auto y = c == this->label(known, i) ? Scalar{1} : Scalar{-1};
      outputs[c] = Scalar{1} - y * outputs[c] <= Scalar{0} ? Scalar{0} : -y * share;
    }
    return sum;
  }
};

/// max(0, 1 + largest score of another class - the label's) (Crammer and Singer, 2001).
template <class Scalar>
class crammer_singer final : public sum_of_samples<Scalar> {
  double sample(const Scalar* outputs, Index count, const targets& known, Index i) const override {
    const auto right = this->label(known, i);
    const auto lack = Scalar{1} + outputs[rival(outputs, count, right)] - outputs[right];
    return lack <= Scalar{0} ? Scalar{0} : lack;
  }

  double sample_and_gradient(Scalar* outputs, Index count, const targets& known, Index i,
                             Scalar share) const override {
    const auto right = this->label(known, i);
    const auto other = rival(outputs, count, right);
    const auto lack = Scalar{1} + outputs[other] - outputs[right];
    std::fill_n(outputs, count, Scalar{0});
    if (lack <= Scalar{0})
      return 0;
    outputs[other] = share;
    outputs[right] = -share;
    return lack;
  }

  /// The first other class with the largest score, or NaN.
  static Index rival(const Scalar* outputs, Index count, Index right) {
    Index best = right == 0 ? 1 : 0;
    assert(best < count);
    for (auto c = best + 1; c < count; ++c)
      if (c != right && !(outputs[c] <= outputs[best]) && !std::isnan(outputs[best]))
        best = c;
    return best;
  }
};

/// 1/2 (y - t)^2, growing linearly beyond a distance of `delta` (Huber, 1964); an infinite `delta`
/// gives the squared loss.
template <class Scalar>
class huber final : public sum_of_samples<Scalar> {
public:
  explicit huber(Scalar delta) : delta_(delta) {}

private:
  double sample(const Scalar* outputs, Index, const targets& known, Index i) const override {
    const double away = outputs[0] - static_cast<Scalar>(known.values[static_cast<std::size_t>(i)]);
    const double delta = delta_;
    return std::abs(away) > delta ? delta * (std::abs(away) - delta / 2) : away * away / 2;
  }

  double sample_and_gradient(Scalar* outputs, Index count, const targets& known, Index i,
                             Scalar share) const override {
    assert(count == 1);
    const auto sum = sample(outputs, count, known, i);
    auto away = outputs[0] - static_cast<Scalar>(known.values[static_cast<std::size_t>(i)]);
    away = away > delta_ ? delta_ : away < -delta_ ? -delta_ : away;
    outputs[0] = share * away;
    return sum;
  }

  Scalar delta_;
};

} // namespace

template <class Scalar>
std::unique_ptr<loss<Scalar>> make_loss(const std::string& kind) {
  if (kind == "cross_entropy")
    return std::make_unique<cross_entropy<Scalar>>();
  if (kind == "hinge")
    return std::make_unique<hinge<Scalar>>();
  if (kind == "crammer_singer")
    return std::make_unique<crammer_singer<Scalar>>();
  if (kind == "squared")
    return std::make_unique<huber<Scalar>>(std::numeric_limits<Scalar>::infinity());
  if (kind == "huber")
    return std::make_unique<huber<Scalar>>(Scalar{1});
  throw std::invalid_argument("model.loss is \"" + kind +
                              "\", expected \"cross_entropy\", \"hinge\", \"crammer_singer\", "
                              "\"squared\" or \"huber\"");
}

bool is_classification(const std::string& kind) {
  return kind == "cross_entropy" || kind == "hinge" || kind == "crammer_singer";
}

template std::unique_ptr<loss<float>> make_loss(const std::string& kind);
template std::unique_ptr<loss<double>> make_loss(const std::string& kind);

} // namespace adsp::learning
