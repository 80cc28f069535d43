// Samples a second that one core trains, beside PyTorch on one thread with the same shapes; both
// take turns in one run. And how much of the core's matrix products the convolutions reach.
#include "learning/models/model.hpp"
#include "learning/training/optimizer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace adsp;

namespace {

constexpr int turns = 5;
constexpr double turn_seconds = 1.5;

/// A model of the config, and what a sample of it is.
struct subject {
  std::string name;
  learning::model_options options;
  learning::shape input;
};

std::vector<subject> subjects() {
  learning::model_options mlp{.kind = "mlp", .hidden = {256}};
  learning::model_options cnn{.kind = "cnn"};
  learning::model_options cifar{.kind = "cifar_cnn"};
  learning::model_options lstm{.kind = "lstm", .hidden = {128, 384}};
  return {{"mlp", mlp, learning::flat(784)},
          {"cnn", cnn, {28, 28, 1}},
          {"cifar_cnn", cifar, {32, 32, 3}},
          {"lstm", lstm, {10, 1, 1}}};
}

/// PyTorch in a process of its own: a line each way per measurement.
class peer {
public:
  peer() {
    int down[2];
    int up[2];
    if (pipe(down) != 0 || pipe(up) != 0)
      throw std::runtime_error{"no pipe to PyTorch"};
    child_ = fork();
    if (child_ == 0) {
      dup2(down[0], STDIN_FILENO);
      dup2(up[1], STDOUT_FILENO);
      close(down[1]);
      close(up[0]);
      execl("/usr/bin/python3", "python3", ADSP_LEARNING_PEER, nullptr);
      _exit(127);
    }
    close(down[0]);
    close(up[1]);
    to_ = fdopen(down[1], "w");
    from_ = fdopen(up[0], "r");
  }

  ~peer() {
    std::fclose(to_);
    std::fclose(from_);
    waitpid(child_, nullptr, 0);
  }

  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;

  /// Samples a second.
  double rate(const std::string& model, std::uint32_t batch) {
    std::fprintf(to_, "%s %u %g\n", model.c_str(), batch, turn_seconds);
    std::fflush(to_);
    double result = 0;
    if (std::fscanf(from_, "%lf", &result) != 1)
      throw std::runtime_error{"PyTorch gives no answer; its message is above"};
    return result;
  }

private:
  pid_t child_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

/// Calls of `step` a second, after a warm-up.
double calls_a_second(const std::function<void()>& step) {
  step();
  step();
  using clock = std::chrono::steady_clock;
  const auto began = clock::now();
  std::chrono::duration<double> elapsed{};
  std::uint64_t steps = 0;
  while ((elapsed = clock::now() - began).count() < turn_seconds) {
    step();
    ++steps;
  }
  return static_cast<double>(steps) / elapsed.count();
}

double rate(const subject& x, std::uint32_t batch) {
  const auto model = learning::make_model(x.options, x.input, 10);
  std::vector<float> parameters(model->parameter_count());
  std::vector<float> gradient(parameters.size());
  model->initialise(parameters, learning::generator{1, "bench"});
  learning::optimizer optimizer{{.learning_rate = 0.001, .batch_size = batch}, parameters.size()};
  learning::generator random{1, "data"};
  learning::minibatch data;
  data.features.resize(x.input.size(), batch);
  for (auto& value : data.features.reshaped())
    value = static_cast<float>(random.normal());
  for (std::uint32_t i = 0; i < batch; ++i)
    data.labels.push_back(static_cast<std::int32_t>(random.below(10)));
  return batch * calls_a_second([&] {
           model->loss_and_gradient(parameters, data, gradient);
           optimizer.step(parameters, gradient);
         });
}

/// Floating point operations a second of a large product.
double product_peak() {
  constexpr Eigen::Index n = 1024;
  const Eigen::MatrixXf a = Eigen::MatrixXf::Random(n, n);
  const Eigen::MatrixXf b = Eigen::MatrixXf::Random(n, n);
  Eigen::MatrixXf c(n, n);
  return 2.0 * n * n * n * calls_a_second([&] { c.noalias() = a * b; });
}

/// Of a training step of the CNN, an image: two a multiplication, all products forward and by the
/// weights, and by the input but for the first layer's.
constexpr double cnn_operations() {
  constexpr double first = 28 * 28 * 25 * 32;
  constexpr double rest = 14.0 * 14 * 25 * 32 * 64 + 7 * 7 * 64 * 128 + 128 * 10;
  return 2 * (2 * first + 3 * rest);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

} // namespace

int main() {
  peer torch;
  std::map<std::string, double> least;
  for (const auto& x : subjects())
    for (const std::uint32_t batch : {32U, 128U}) {
      std::vector<double> ours;
      std::vector<double> theirs;
      std::vector<double> ratios;
      std::vector<double> shares;
      for (int turn = 0; turn < turns; ++turn) {
        theirs.push_back(torch.rate(x.name, batch));
        ours.push_back(rate(x, batch));
        ratios.push_back(ours.back() / theirs.back());
        if (x.name == "cnn")
          shares.push_back(ours.back() * cnn_operations() / product_peak());
      }
      const auto ratio = median(ratios);
      fmt::print("{:<10} batch {:>3}: {:>8.0f} samples/s, PyTorch {:>8.0f}, ratio {:.2f}\n", x.name,
                 batch, median(ours), median(theirs), ratio);
      std::fflush(stdout);
      const auto lower = [&](const std::string& name, double value) {
        const auto at = least.emplace(name, value).first;
        at->second = std::min(at->second, value);
      };
      lower("torch_ratio_" + x.name, ratio);
      if (!shares.empty()) {
        fmt::print("           {:.0f} % of the core's matrix product\n", 100 * median(shares));
        lower("gemm_share_cnn", median(shares));
      }
    }
  // Of the two batch sizes, the worse.
  for (const auto& [name, value] : least)
    fmt::print("RESULT {} {:.2f} x\n", name, value);
}
