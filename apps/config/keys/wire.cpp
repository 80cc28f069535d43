// The keys of [wire].
#include "apps/config/config.hpp"
#include "apps/config/key_forms.hpp"
#include "apps/config/tables.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace adsp::apps {

namespace {

/// The share after "topk:", above 0 and at most 1.
std::optional<double> share_in(std::string_view text) {
  constexpr std::string_view prefix = "topk:";
  if (!text.starts_with(prefix))
    return std::nullopt;
  text.remove_prefix(prefix.size());
  double share = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && share > 0 && share <= 1 ? std::optional{share} : std::nullopt;
}

std::optional<encoding> encoding_from(const std::string& name) {
  if (name == "fp32")
    return encoding{wire_format::fp32};
  if (name == "fp16")
    return encoding{wire_format::fp16};
  if (name == "int8")
    return encoding{wire_format::int8};
  if (const auto share = share_in(name))
    return encoding{wire_format::topk, *share};
  return std::nullopt;
}

void read_commit(table_reader& t, wire_options& into) {
  auto name = name_of(into.commit);
  t.text("commit", name);
  if (const auto known = encoding_from(name))
    into.commit = *known;
  else
    t.complain("commit", fmt::format("found \"{}\", expected \"fp32\", \"fp16\", \"int8\" or "
                                     "\"topk:SHARE\" with a share above 0 and at most 1, like "
                                     "\"topk:0.01\"",
                                     name));
}

} // namespace

std::string name_of(const encoding& form) {
  switch (form.format) {
  case wire_format::fp32:
    break;
  case wire_format::fp16:
    return "fp16";
  case wire_format::int8:
    return "int8";
  case wire_format::topk:
    return fmt::format("topk:{}", form.share);
  }
  return "fp32";
}

config_table wire_table() {
  using namespace keys;
  using options = wire_options;
  auto commit = make<options>(
      "commit", key_kind::other, {},
      "Encoding of updates; \"topk:0.01\" sends only the largest 1 %. What an encoding loses is "
      "added to the next commit.",
      read_commit, [](const options& from) { return toml_text(name_of(from.commit)); });
  commit.looks = "\"fp32\", \"fp16\", \"int8\" or \"topk:SHARE\", 0 < SHARE <= 1";
  commit.example = "\"topk:0.5\"";
  const std::vector<key<options>> all{
      commit,
      named("pull", &options::fp16_pull, {{"fp32", false}, {"fp16", true}},
            "Encoding of the parameters sent to the workers."),
  };
  return {"wire", "How exchanges are encoded, see docs/wire-formats.md.",
          within<job>(
              [](auto& plan) -> auto& { return plan.wire; }, all)};
}

} // namespace adsp::apps
