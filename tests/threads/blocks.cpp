// Memory of blocks, and buffers whose readers are on other threads.
#include "messages/blocks/block_memory.hpp"
#include "messages/blocks/buffer_pool.hpp"
#include "tests/threads/many_threads.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

using namespace adsp;

TEST_CASE("memory of blocks is one thread's at a time") {
  constexpr std::size_t run_bytes = 128 << 10;
  std::atomic<int> wrong = 0;
  test::in_threads(4, 100, [&](int thread, int) {
    std::array<void*, 3> taken{};
    for (auto& memory : taken) {
      memory = take_block_memory(run_bytes);
      std::memset(memory, thread, run_bytes);
    }
    for (auto* memory : taken) {
      const auto* const bytes = static_cast<const char*>(memory);
      wrong += static_cast<int>(
          std::any_of(bytes, bytes + run_bytes, [&](char byte) { return byte != thread; }));
      free_block_memory(memory, run_bytes);
    }
  });
  CHECK(wrong == 0);
  CHECK(block_memory_idle() <= block_memory_kept);
}

TEST_CASE("a buffer is written again only after its last reader, on whatever thread, has let go") {
  constexpr std::size_t floats = 1024;
  constexpr int rounds = 3000;
  std::mutex mutex;
  std::deque<std::shared_ptr<const parameter_buffer>> handed_out;
  std::atomic<bool> ended = false;
  std::atomic<int> wrong = 0;
  const auto read_some = [&] {
    while (true) {
      const bool last = ended;
      std::shared_ptr<const parameter_buffer> mine;
      {
        const std::lock_guard lock{mutex};
        if (!handed_out.empty()) {
          mine = std::move(handed_out.front());
          handed_out.pop_front();
        } else if (last) {
          return;
        }
      }
      if (mine) {
        const auto values = mine->values();
        wrong += static_cast<int>(
            std::any_of(values.begin(), values.end(), [&](float x) { return x != values[0]; }));
      }
    }
  };
  {
    std::vector<std::jthread> readers;
    readers.reserve(3);
    for (int i = 0; i < 3; ++i)
      readers.emplace_back(read_some);
    buffer_pool pool{floats};
    for (int round = 0; round < rounds; ++round) {
      auto buffer = pool.take();
      std::ranges::fill(buffer->values(), static_cast<float>(round));
      {
        const std::lock_guard lock{mutex};
        if (handed_out.size() < 8)
          handed_out.push_back(buffer);
      }
      pool.retire(std::move(buffer));
    }
    ended = true;
  }
  CHECK(wrong == 0);
}
