// The names of message types on the wire. CAF sends every type by its name, so a renamed type is
// another type for the other side, and the order in protocol.hpp is free.
#pragma once

#include "messages/protocol.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace adsp {

namespace detail {

/// CAF's own names for its built-in types; for all others the name in protocol.hpp.
template <class T>
constexpr std::string_view wire_name() {
  if constexpr (caf::is_atom_constant<T>::value)
    return "@atom";
  else if constexpr (std::is_same_v<T, caf::node_id>)
    return "@node";
  else if constexpr (std::is_same_v<T, std::string>)
    return "@str";
  else
    return caf::type_name<T>::value;
}

template <class... Ts>
constexpr auto joined_wire_names() {
  std::array<char, (sizeof...(Ts) + ... + wire_name<Ts>().size())> text{};
  std::size_t at = 0;
  const auto append = [&](std::string_view name) {
    text[at++] = '+';
    for (const char letter : name)
      text[at++] = letter;
  };
  (append(wire_name<Ts>()), ...);
  return text;
}

template <class... Ts>
inline constexpr auto wire_names = joined_wire_names<Ts...>();

} // namespace detail

/// The types of the message `Ts...` as sent, for example "+adsp::join+adsp::worker_actor". Fails to
/// compile for a type that is not in protocol.hpp.
template <class... Ts>
inline constexpr std::string_view types_on_wire{detail::wire_names<Ts...>.data(),
                                                detail::wire_names<Ts...>.size()};

} // namespace adsp
