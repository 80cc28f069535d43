// Cereal's layout of what was fitted to the data of a model; the same in every version of model
// files.
#pragma once

#include "apps/model/archive.hpp"

#include "learning/data/preprocessing.hpp"

namespace adsp::learning {

/// Stores the flag as a byte, because reading a value other than 0 and 1 into a bool is undefined.
template <adsp::cereal_archive Archive>
void serialize_flag(Archive& archive, bool& flag) {
  std::uint8_t byte = flag ? 1 : 0;
  archive(byte);
  flag = byte != 0;
}

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, table_column& column) {
  archive(column.name, column.offset, column.divisor, column.fill, column.categories);
  serialize_flag(archive, column.one_hot);
}

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, file_mark& x) {
  archive(x.rows, x.checksum);
}

template <adsp::cereal_archive Archive>
void serialize(Archive& archive, preprocessing& prepared) {
  archive(prepared.task, prepared.missing, prepared.columns, prepared.target, prepared.bins,
          prepared.class_names, prepared.file);
}

} // namespace adsp::learning
