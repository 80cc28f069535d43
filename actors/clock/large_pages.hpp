// Large pages under the heap of a simulation with very many actors: a step touches some forty places
// in memory, and finding their addresses in pages of 4 KB takes longer than reading them.
#pragma once

namespace adsp {

/// Asks the kernel (Linux 6.1) to put what the heap holds now on pages of 2 MB. Heaps below 32 MB
/// stay as they are, and so do all where the kernel cannot: it is faster with, and right without.
void use_large_pages();

} // namespace adsp
