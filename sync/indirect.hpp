// A value behind a pointer, so that its owner needs no definition of its type: only code that looks
// inside includes the definition.
#pragma once

#include <memory>
#include <utility>

namespace adsp::sync {

/// Copying copies the value. `make` creates a default value.
template <class T>
class indirect {
public:
  /// Needs T's definition; all other members do not.
  static indirect make() {
    return indirect{new T{}, [](const T* from) { return from != nullptr ? new T(*from) : nullptr; },
                    [](T* value) { delete value; }};
  }

  indirect(const indirect& other)
      : indirect{other.copy_(other.get()), other.copy_, other.remove()} {}
  indirect(indirect&& other) noexcept = default;
  indirect& operator=(indirect other) noexcept {
    value_ = std::move(other.value_);
    copy_ = other.copy_;
    return *this;
  }
  ~indirect() = default;

  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }

private:
  using copier = T* (*)(const T*);
  using remover = void (*)(T*);

  indirect(T* value, copier copy, remover drop) : value_{value, drop}, copy_{copy} {}

  const T* get() const { return value_.get(); }
  remover remove() const { return value_.get_deleter(); }

  std::unique_ptr<T, remover> value_;
  copier copy_;
};

} // namespace adsp::sync
