// The page of all keys, docs/config.md, and the list of policies.
#pragma once

#include <string>

namespace adsp::apps {

/// Every table and key of a config in Markdown, with lines of at most 120 columns.
std::string key_page();

/// Every synchronisation policy with what it does, where it was published and the keys of [sync]
/// that it reads. Only lines with a policy's name do not begin with a space.
std::string policy_list();

} // namespace adsp::apps
