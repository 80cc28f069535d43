// A network as the model of a job.
#pragma once

#include "learning/models/model.hpp"
#include "learning/models/network.hpp"

namespace adsp::learning {

class network_model final : public model {
public:
  explicit network_model(network<float> x) : network_{std::move(x)} {}

  std::size_t parameter_count() const override { return network_.parameter_count(); }
  std::vector<tensor> tensors() const override { return network_.tensors(); }
  void initialise(std::span<float> parameters, generator random) const override;
  float loss_and_gradient(std::span<const float> parameters, const minibatch& batch,
                          std::span<float> gradient) override;

  /// A few samples at a time, so that the scratch stays small.
  evaluation_sums evaluate(std::span<const float> parameters, const minibatch& batch) override;
  void predict(std::span<const float> parameters, const Eigen::MatrixXf& features,
               Eigen::MatrixXf& outputs) override;

private:
  /// Calls `body`(first sample, outputs of some samples) until all of `features` are done.
  template <class Body>
  void for_outputs(std::span<const float> parameters, const Eigen::MatrixXf& features,
                   const Body& body);

  network<float> network_;
};

} // namespace adsp::learning
