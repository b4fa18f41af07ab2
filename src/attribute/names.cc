#include "attribute/names.h"

#include <algorithm>
#include <cctype>

namespace tattle {

void NameBook::add(const Address& address, std::string_view name, PacketId where, NameSource source) {
  while (!name.empty() && name.back() == '.') name.remove_suffix(1);
  // Longer than any DNS name (RFC 1035 section 2.3.4) in presentation form with every byte escaped: not a name.
  if (name.empty() || name.size() > 1024 || address.is_unspecified()) return;
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  auto found = names_.find(address);
  if (found != names_.end()) {
    if (found->second.name != lower) found->second.several = true;
    if (source == NameSource::dns) found->second.source = source;
    return;
  }
  if (names_.size() >= limit_) {
    anomalies_->note("attribute.names-full", where);
    return;
  }
  names_.emplace(address, Entry{std::move(lower), source, false});
}

std::string_view NameBook::find(const Address& address) const {
  auto found = names_.find(address);
  if (found == names_.end() || found->second.several) return {};
  return found->second.name;
}

NameSource NameBook::source_of(const Address& address) const {
  auto found = names_.find(address);
  return found == names_.end() ? NameSource::dns : found->second.source;
}

}  // namespace tattle
