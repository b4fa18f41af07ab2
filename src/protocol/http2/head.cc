#include "protocol/http2/head.h"

#include <charconv>

#include "protocol/http1/head.h"

namespace tattle {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// A field that must occur once. Two that differ say nothing certain.
struct Single {
  std::string_view value;
  bool seen = false, known = false;

  void take(std::string_view met, bool& malformed) {
    if (!seen) {
      value = met;
      known = true;
    } else {
      malformed = true;
      if (value != met) known = false;
    }
    seen = true;
  }
  std::string_view get() const { return known ? value : std::string_view(); }
};

struct Pseudo {
  Single method, scheme, authority, path, status, protocol, host;
};

Single* find(Pseudo& pseudo, std::string_view name) {
  if (name == ":method") return &pseudo.method;
  if (name == ":scheme") return &pseudo.scheme;
  if (name == ":authority") return &pseudo.authority;
  if (name == ":path") return &pseudo.path;
  if (name == ":status") return &pseudo.status;
  if (name == ":protocol") return &pseudo.protocol;
  return nullptr;
}

void read_request(const Pseudo& pseudo, bool some_unknown, Http2Meaning& meaning) {
  meaning.method = pseudo.method.get();
  meaning.scheme = pseudo.scheme.get();
  meaning.protocol = pseudo.protocol.get();
  meaning.target = pseudo.path.get();
  // Section 8.3.1: `host` counts when there is no :authority; a field that is not known may be one.
  if (pseudo.authority.seen) {
    meaning.authority = pseudo.authority.get();
  } else if (!some_unknown) {
    meaning.authority = pseudo.host.get();
  }
  // User information is no part of it (section 8.3.1) and must not be taken for the host.
  std::string_view authority = meaning.authority;
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
    meaning.malformed = true;
  }
  if (!authority.empty() && !split_authority(authority, meaning.host, meaning.host_port)) {
    meaning.host.clear();
    meaning.host_port = 0;
    meaning.malformed = true;
  }
  meaning.connect = meaning.method == "CONNECT" && !pseudo.protocol.seen && !pseudo.path.seen && !some_unknown;
  if (meaning.connect) {
    meaning.target = meaning.authority;
    return;
  }
  if (meaning.host.empty() || meaning.scheme.empty() || meaning.target.empty()) return;
  meaning.url = meaning.scheme + "://" + meaning.authority;
  if (meaning.target != "*") meaning.url += meaning.target;
}

}  // namespace

void Http2Head::add(std::string_view name, std::string_view value, bool unknown, bool trailer) {
  if (cut_ || text_.size() + name.size() + value.size() + 4 > most_bytes_) {
    cut_ = true;
    return;
  }
  Range range{};
  range.name = static_cast<std::uint32_t>(text_.size());
  range.name_size = static_cast<std::uint32_t>(name.size());
  text_.append(name);
  if (!name.empty()) text_.append(": ");
  range.value = static_cast<std::uint32_t>(text_.size());
  range.value_size = static_cast<std::uint32_t>(value.size());
  text_.append(value);
  text_.append("\r\n");
  range.unknown = unknown;
  range.trailer = trailer;
  fields_.push_back(range);
}

void Http2Head::add_trailers(const Http2Head& trailers) {
  const std::string_view text(trailers.text_);
  for (const Range& each : trailers.fields_) {
    add(text.substr(each.name, each.name_size), text.substr(each.value, each.value_size), each.unknown, true);
  }
  cut_ |= trailers.cut_;
}

void Http2Head::clear() {
  text_.clear();
  fields_.clear();
  cut_ = false;
}

void Http2Head::fields(std::size_t begin, std::vector<Field>& out) const {
  const std::string_view text(text_);
  out.reserve(out.size() + fields_.size() - begin);
  for (std::size_t i = begin; i < fields_.size(); ++i) {
    const Range& range = fields_[i];
    out.push_back({text.substr(range.name, range.name_size), trim(text.substr(range.value, range.value_size)),
                   range.unknown, range.trailer});
  }
}

Http2Meaning read_http2_head(const Http2Head& head, std::size_t begin) {
  Http2Meaning meaning;
  Pseudo pseudo;
  bool regular_seen = false;
  bool some_unknown = head.cut();
  std::vector<Field> fields;
  head.fields(begin, fields);
  for (const Field& field : fields) {
    some_unknown |= field.unknown;
    if (field.name.empty()) continue;
    if (field.name.front() != ':') {
      regular_seen = true;
      if (field.name == "host") pseudo.host.take(field.value, meaning.malformed);
      continue;
    }
    meaning.pseudo = true;
    meaning.malformed |= regular_seen;
    if (Single* single = find(pseudo, field.name)) {
      single->take(field.value, meaning.malformed);
    } else {
      meaning.malformed = true;
    }
  }
  meaning.request = pseudo.method.seen && !pseudo.status.seen;
  meaning.response = pseudo.status.seen && !pseudo.method.seen;
  meaning.malformed |= pseudo.method.seen && pseudo.status.seen;
  if (!meaning.response) read_request(pseudo, some_unknown, meaning);
  if (const std::string_view text = pseudo.status.get(); text.size() == 3) {
    int status = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + 3, status);
    if (error == std::errc{} && end == text.data() + 3) meaning.status = status;
  }
  meaning.malformed |= pseudo.status.seen && !meaning.status;
  return meaning;
}

}  // namespace tattle
