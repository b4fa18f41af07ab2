#include <algorithm>
#include <charconv>

#include "protocol/http1/head.h"

namespace tattle {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return lower(c); });
  return result;
}

// reg-name with its percent escapes, and UTF-8 as careless senders write it (RFC 3986 section 3.2.2). No white space,
// no delimiters.
bool is_name_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         std::string_view("-._~%!$&'()*+,;=").find(c) != std::string_view::npos;
}

bool is_address_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.' ||
         c == '%' || c == 'v' || c == 'V' || c == 'z' || c == 'Z';
}

// The authority of `scheme://authority/…` without user information; nothing when it has no such shape.
bool absolute_authority(std::string_view target, std::string_view& authority) {
  const std::size_t mark = target.find("://");
  if (mark == std::string_view::npos || mark == 0 || mark > 16) return false;
  const std::string_view scheme = target.substr(0, mark);
  if (!std::all_of(scheme.begin(), scheme.end(), [](char c) {
        return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
      })) {
    return false;
  }
  authority = target.substr(mark + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) authority.remove_prefix(at + 1);
  return true;
}

// The value of the Host fields, if they agree.
bool host_field(const std::vector<Field>& fields, std::string_view& value, bool& conflict) {
  bool found = false;
  for (const Field& field : fields) {
    if (field.trailer || field.name.size() != 4 || lower(field.name) != "host") continue;
    if (found && lower(field.value) != lower(value)) conflict = true;
    value = field.value;
    found = true;
  }
  return found;
}

}  // namespace

bool split_authority(std::string_view authority, std::string& host, std::uint16_t& port) {
  host.clear();
  port = 0;
  std::string_view name = authority;
  std::string_view digits;
  const bool literal = !authority.empty() && authority.front() == '[';
  if (literal) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return false;
    name = authority.substr(1, close - 1);
    digits = authority.substr(close + 1);
    if (!digits.empty() && digits.front() != ':') return false;
    if (!digits.empty()) digits.remove_prefix(1);
  } else if (const std::size_t colon = authority.rfind(':'); colon != std::string_view::npos) {
    name = authority.substr(0, colon);
    digits = authority.substr(colon + 1);
  }
  if (name.empty() || name.size() > 1024) return false;
  if (!std::all_of(name.begin(), name.end(), literal ? is_address_char : is_name_char)) return false;
  if (!digits.empty()) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size()) return false;
  }
  host = lower(name);
  return true;
}

RequestTarget http1_request_target(std::string_view method, std::string_view target, const std::vector<Field>& fields,
                                   Anomalies& anomalies, PacketId where) {
  RequestTarget result;
  std::string_view named, authority;
  bool conflict = false;
  const bool has_host = host_field(fields, named, conflict);
  if (conflict) anomalies.note("http1.host-conflict", where);
  if (method == "CONNECT") {
    authority = target;
  } else if (absolute_authority(target, authority)) {
    result.absolute = true;
    if (has_host && lower(named) != lower(authority)) anomalies.note("http1.host-differs", where);
  } else if (!has_host || conflict || named.empty()) {
    return result;
  } else {
    authority = named;
  }
  if (!split_authority(authority, result.host, result.port)) {
    anomalies.note("http1.bad-host", where);
    return result;
  }
  result.authority = authority;
  return result;
}

}  // namespace tattle
