#include "capture/import/dns.h"

#include <cmath>
#include <string_view>

namespace tattle {
namespace {

void put(ByteVector& out, std::uint64_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::uint32_t number(const Tnet& parent, std::string_view name) {
  const double value = parent[name].number();
  return value >= 0 && value <= 4294967295.0 ? static_cast<std::uint32_t>(value) : 0;
}

bool put_name(ByteVector& out, std::string_view name) {
  if (name.size() > 254) return false;
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    if (label.empty() || label.size() > 63) return false;
    out.push_back(static_cast<std::uint8_t>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  out.push_back(0);
  return true;
}

bool put_record(ByteVector& out, const Tnet& record, bool question) {
  if (!put_name(out, record["name"].text())) return false;
  put(out, number(record, "type"), 2);
  put(out, number(record, "class_"), 2);
  if (question) return true;
  const std::string_view data = record["data"].text();
  if (data.size() > 0xffff) return false;
  put(out, number(record, "ttl"), 4);
  put(out, data.size(), 2);
  out.insert(out.end(), data.begin(), data.end());
  return true;
}

}  // namespace

std::optional<ByteVector> write_dns(const Tnet& message) {
  if (message.type() != Tnet::Type::dictionary) return std::nullopt;
  const auto flag = [&](std::string_view name, unsigned bit) { return message[name].truth() ? 1u << bit : 0u; };
  const unsigned flags = (message["query"].truth() ? 0u : 1u << 15) | (number(message, "op_code") & 15) << 11 |
                         flag("authoritative_answer", 10) | flag("truncation", 9) | flag("recursion_desired", 8) |
                         flag("recursion_available", 7) | (number(message, "response_code") & 15);
  ByteVector sections;
  std::uint32_t counts[4] = {};
  const std::string_view names[4] = {"questions", "answers", "authorities", "additionals"};
  bool good = true;
  for (std::size_t i = 0; i < 4; ++i) {
    message[names[i]].elements(
        [&](const Tnet& record) { good = good && ++counts[i] <= 0xffff && put_record(sections, record, i == 0); });
  }
  if (!good || sections.size() > 0xffff) return std::nullopt;
  ByteVector out;
  put(out, number(message, "id"), 2);
  put(out, flags, 2);
  for (std::uint32_t count : counts) put(out, count, 2);
  out.insert(out.end(), sections.begin(), sections.end());
  return out;
}

}  // namespace tattle
