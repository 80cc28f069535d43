// Options of Ringmaster ASGD (Maranjyan, Tyurin, Richtarik, ICML 2025, arXiv 2501.16168).
#pragma once

#include <cstdint>

namespace adsp::sync {

struct ringmaster_options {
  std::uint32_t delay_bound = 6; ///< R, in commits of others; as in the authors' experiments
};

} // namespace adsp::sync
