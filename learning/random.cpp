// The generator and its draws; see the header for the sources.
#include "learning/random.hpp"

#include <cassert>
#include <cmath>
#include <numbers>

namespace adsp::learning {

namespace {

/// One step of splitmix64 (Steele, Lea, Flood, 2014): a bijection that mixes every bit.
std::uint64_t split_mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

/// FNV-1a, 64 bits.
std::uint64_t hash(std::string_view text) {
  std::uint64_t result = 0xcbf29ce484222325;
  for (unsigned char c : text)
    result = (result ^ c) * 0x100000001b3;
  return result;
}

} // namespace

generator::generator(std::uint64_t seed, std::string_view name, std::uint64_t index) {
  auto x = split_mix(split_mix(split_mix(seed) ^ hash(name)) ^ index);
  // Four different inputs of a bijection are never all mapped to zero, the one forbidden state.
  for (auto& word : state_) {
    word = split_mix(x);
    x += 0x9e3779b97f4a7c15;
  }
}

double generator::uniform() {
  return static_cast<double>((*this)() >> 11) * 0x1p-53;
}

std::uint64_t generator::below(std::uint64_t bound) {
  assert(bound > 0);
  // Leaves out the lowest 2^64 mod bound numbers, so that every remainder is equally likely.
  auto rejected = (0 - bound) % bound;
  auto x = (*this)();
  while (x < rejected)
    x = (*this)();
  return x % bound;
}

double generator::normal() {
  auto radius = std::sqrt(-2 * std::log(1 - uniform())); // 1 - u is never zero
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

double generator::gamma(double shape) {
  assert(shape > 0);
  if (shape < 1) {
    auto larger = gamma(shape + 1);
    return larger * std::pow(1 - uniform(), 1 / shape);
  }
  auto d = shape - 1.0 / 3;
  auto c = 1 / std::sqrt(9 * d);
  for (;;) {
    auto x = normal();
    auto v = 1 + c * x;
    if (v <= 0)
      continue;
    v = v * v * v;
    if (std::log(1 - uniform()) < 0.5 * x * x + d - d * v + d * std::log(v))
      return d * v;
  }
}

} // namespace adsp::learning
