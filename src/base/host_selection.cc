#include "base/host_selection.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/result.h"

namespace tattle {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

bool is_host_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == ':';
}

/// Of `host:443` and `[2001:db8::1]:443`, what stands before the port.
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  const std::size_t colon = host.find(':');
  return colon == std::string_view::npos || host.find(':', colon + 1) != std::string_view::npos ? host
                                                                                                : host.substr(0, colon);
}

}  // namespace

HostSelection::HostSelection(const std::vector<std::string>& names) {
  for (const std::string& given : names) {
    std::string name = lower(given);
    if (name.starts_with("*.")) name.erase(0, 1);
    if (name.starts_with(".")) name.erase(0, 1);
    if (name.ends_with(".")) name.pop_back();
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_host_letter)) {
      throw UserError(fmt::format(
          "--host {}: not a host's name; write it as in example.com, other letters in their xn-- form", given));
    }
    if (const auto address = Address::parse(name)) addresses_.push_back(*address);
    names_.push_back(std::move(name));
  }
}

bool HostSelection::selects(std::string_view host) const {
  if (names_.empty()) return true;
  host = without_port(host);
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::string wanted = lower(host);
  return std::any_of(names_.begin(), names_.end(), [&](const std::string& name) {
    if (!wanted.ends_with(name)) return false;
    return wanted.size() == name.size() || wanted[wanted.size() - name.size() - 1] == '.';
  });
}

bool HostSelection::selects(const Address& address) const {
  return names_.empty() || std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end();
}

}  // namespace tattle
