#include "decrypt/keys/key_log.h"

namespace tattle {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool from_hex(std::string_view text, ByteVector& bytes) {
  if (text.size() % 2 != 0) return false;
  bytes.resize(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

// The next word; takes it off the line.
std::string_view word(std::string_view& line) {
  const std::size_t start = line.find_first_not_of(" \t\r");
  if (start == std::string_view::npos) return line = {};
  const std::size_t end = std::min(line.find_first_of(" \t\r", start), line.size());
  const std::string_view found = line.substr(start, end - start);
  line.remove_prefix(end);
  return found;
}

bool is_traffic_label(std::string_view label) {
  for (std::string_view side : {"CLIENT_", "SERVER_"}) {
    if (!label.starts_with(side)) continue;
    label.remove_prefix(side.size());
    if (label == "HANDSHAKE_TRAFFIC_SECRET") return true;
    if (label == "EARLY_TRAFFIC_SECRET") return side == "CLIENT_";
    constexpr std::string_view kNumbered = "TRAFFIC_SECRET_";
    if (!label.starts_with(kNumbered)) return false;
    label.remove_prefix(kNumbered.size());
    return !label.empty() && label.size() <= 9 && label.find_first_not_of("0123456789") == std::string_view::npos;
  }
  return false;
}

constexpr std::size_t kMaster = 48;

KeyLogLine::Kind check(const KeyLogLine& line) {
  using Kind = KeyLogLine::Kind;
  const std::size_t id = line.id.size(), value = line.value.size();
  if (line.label == "RSA") return id == 8 && value == kMaster ? Kind::premaster : Kind::unknown;
  if (id != 32) return Kind::unknown;
  if (line.label == "CLIENT_RANDOM") return value == kMaster ? Kind::secret : Kind::unknown;
  // With DHE or ECDHE a premaster secret has the size of the group.
  if (line.label == "PMS_CLIENT_RANDOM") return value > 0 && value <= 1024 ? Kind::secret : Kind::unknown;
  if (value != 32 && value != 48) return Kind::unknown;
  if (is_traffic_label(line.label)) return Kind::secret;
  if (line.label == "EXPORTER_SECRET" || line.label == "EARLY_EXPORTER_SECRET" ||
      line.label == "EARLY_EXPORTER_MASTER_SECRET" || line.label == "ECH_SECRET" ||
      // What OpenSSL writes at each key update; those secrets follow from the first ones.
      line.label == "CLIENT_TRAFFIC_SECRET_N" || line.label == "SERVER_TRAFFIC_SECRET_N") {
    return Kind::exporter;
  }
  return Kind::unknown;
}

}  // namespace

KeyLogLine parse_key_log_line(std::string_view line) {
  KeyLogLine parsed;
  parsed.label = word(line);
  // What early writers of QUIC's secrets put before labels that are otherwise the same.
  if (parsed.label.starts_with("QUIC_")) parsed.label.remove_prefix(5);
  if (parsed.label.empty() || parsed.label.starts_with('#')) {
    parsed.kind = KeyLogLine::Kind::empty;
    return parsed;
  }
  std::string_view id = word(line), value = word(line);
  if (!word(line).empty()) return parsed;
  constexpr std::string_view kSession = "Session-ID:", kKey = "Master-Key:";
  if (parsed.label == "RSA" && id.starts_with(kSession) && value.starts_with(kKey)) {
    const bool good = from_hex(id.substr(kSession.size()), parsed.id) &&
                      from_hex(value.substr(kKey.size()), parsed.value) && !parsed.id.empty() &&
                      parsed.value.size() == kMaster;
    if (good) parsed.kind = KeyLogLine::Kind::session;
    return parsed;
  }
  if (from_hex(id, parsed.id) && from_hex(value, parsed.value)) parsed.kind = check(parsed);
  return parsed;
}

}  // namespace tattle
