// Data for an embedding: whole numbers that name words.
#pragma once

#include "learning/dataset.hpp"
#include "learning/model.hpp"

namespace adsp::learning {

/// Throws data_error, naming the sample and the number, when the model begins with an embedding and a sample holds
/// something else than tokens of its vocabulary. Other models take any number.
void check_tokens(const model_options& x, const train_and_test& data);

} // namespace adsp::learning
