#include "learning/data/column_fit.hpp"

#include "learning/data/density_bins.hpp"
#include "learning/data_error.hpp"

namespace adsp::learning {

void fit_column(const data_options& x, std::span<const double> values, table_column& into) {
  column_fit fit;
  for (auto value : values)
    fit.add(value);
  fit.prepare();
  for (auto value : values)
    fit.add_square(value);
  if (fit.constant())
    throw data_error(x.path + ": all training values of the target are equal; expected values to "
                              "tell apart");
  fit.fit(x.scale, into);
}

void fit_target(const data_options& x, std::span<const double> values, preprocessing& into) {
  if (into.task == "regression") {
    if (x.scale_target)
      fit_column(x, values, into.target);
    return;
  }
  table_column any;
  fit_column(x, values, any); // they differ
  const auto normal = moments::of(values);
  into.target.offset = normal.mean;
  into.target.divisor = normal.deviation;
  into.bins = x.bins;
}

} // namespace adsp::learning
