#include "learning/data/column_fit.hpp"

#include "learning/data/density_bins.hpp"
#include "learning/data_error.hpp"

namespace adsp::learning {

void fit_column(const data_options& options, std::span<const double> values, table_column& into) {
  column_fit fit;
  for (auto value : values)
    fit.add(value);
  fit.prepare();
  for (auto value : values)
    fit.add_square(value);
  if (fit.constant())
    throw data_error(options.path +
                     ": all training values of the target are equal; expected different "
                     "values");
  fit.fit(options.scale, into);
}

void fit_target(const data_options& options, std::span<const double> values, preprocessing& into) {
  if (into.task == "regression") {
    if (options.scale_target)
      fit_column(options, values, into.target);
    return;
  }
  table_column any;
  fit_column(options, values, any); // throws if they are all equal
  const auto normal = moments::of(values);
  into.target.offset = normal.mean;
  into.target.divisor = normal.deviation;
  into.bins = options.bins;
}

} // namespace adsp::learning
