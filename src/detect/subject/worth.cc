#include "detect/subject/worth.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>

#include "detect/form/spelling.h"
#include "detect/form/text_forms.h"

namespace tattle {
namespace {

// Enough for under one accident in a million over 1 MB; a larger capture needs more, which its own number shows.
constexpr double kLeastBits = 40;

// Words and names that traffic holds anyway. Not a dictionary: the best known of each sort.
constexpr std::array<std::string_view, 64> kCommon{
    "admin",    "android", "anna",      "apple",    "asus",     "belkin",    "camera",    "chrome",
    "computer", "default", "desktop",   "device",   "dlink",    "email",     "eduroam",   "example",
    "facebook", "firefox", "fritz!box", "galaxy",   "google",   "guest",     "hello",     "hello world",
    "helsinki", "home",    "hotel",     "huawei",   "internet", "iphone",    "ipad",      "john",
    "john doe", "linksys", "london",    "love",     "maria",    "message",   "microsoft", "mobile",
    "netgear",  "network", "nokia",     "office",   "paris",    "password",  "phone",     "private",
    "qwerty",   "root",    "router",    "samsung",  "secret",   "starbucks", "test",      "test user",
    "tp-link",  "unknown", "user",      "username", "welcome",  "wifi",      "windows",   "xfinitywifi"};

double entropy_bits(std::string_view text) {
  std::array<int, 256> counts{};
  for (char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (int count : counts) {
    if (count == 0) continue;
    const double share = count / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits * static_cast<double>(text.size());
}

}  // namespace

std::string doubt_of(Shape shape, std::string_view text) {
  if (shape == Shape::file) return {};
  const std::string lower = to_lower(text);
  if (std::find(kCommon.begin(), kCommon.end(), lower) != kCommon.end()) {
    return "is common, so that meeting it proves nothing; plant a rarer value";
  }
  std::bitset<256> distinct;
  for (char c : lower) distinct.set(static_cast<unsigned char>(c));
  if (distinct.count() < 4 && text.size() > 3) {
    return "repeats few characters, as placeholders do; plant a more varied value";
  }
  double strongest = 0;
  for (const Spelling& spelling : plain_spellings(shape, text)) {
    if (!spelling.host_name) strongest = std::min(strongest, log2_probability(spelling));
  }
  if (-strongest < kLeastBits) {
    return fmt::format(
        "is too short to prove anything alone (about 1 place in {:.0e} matches by accident); "
        "it counts only beside other signs, or plant a longer value",
        std::exp2(-strongest));
  }
  if (text.size() <= 24 && entropy_bits(lower) < kLeastBits / 2) {
    return "has little variety and may be met by accident; plant a more varied value";
  }
  return {};
}

}  // namespace tattle
