#include "capture/import/tnetstring.h"

#include <charconv>
#include <cmath>
#include <string>

namespace tattle {
namespace {

constexpr std::size_t kMostDigits = 12;

}  // namespace

TnetSize tnet_size(Bytes front) {
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < front.size() && i <= kMostDigits; ++i) {
    const std::uint8_t c = front[i];
    if (c == ':' && i > 0) return {TnetSize::State::known, size + i + 2, i + 1};
    if (c < '0' || c > '9' || i == kMostDigits) return {};
    size = size * 10 + (c - '0');
  }
  return {TnetSize::State::incomplete, 0, 0};
}

std::optional<Tnet> Tnet::take(Bytes& bytes) {
  const TnetSize size = tnet_size(bytes);
  if (size.state != TnetSize::State::known || size.whole > bytes.size()) return std::nullopt;
  Tnet value;
  const auto type = static_cast<char>(bytes[static_cast<std::size_t>(size.whole) - 1]);
  if (std::string_view(",;#^!~]}").find(type) == std::string_view::npos) return std::nullopt;
  value.type_ = static_cast<Type>(type);
  value.data_ = bytes.subspan(size.head, static_cast<std::size_t>(size.whole) - size.head - 1);
  bytes = bytes.subspan(static_cast<std::size_t>(size.whole));
  return value;
}

double Tnet::number() const {
  const std::string_view said = as_text(data_);
  if (type_ == Type::boolean) return said == "true" ? 1 : 0;
  if (type_ != Type::integer && type_ != Type::real) return std::nan("");
  double value = 0;
  const auto [end, error] = std::from_chars(said.data(), said.data() + said.size(), value);
  return error == std::errc{} && end == said.data() + said.size() ? value : std::nan("");
}

std::optional<Tnet> Tnet::find(std::string_view name) const {
  if (type_ != Type::dictionary) return std::nullopt;
  for (Bytes left = data_; !left.empty();) {
    const auto key = take(left);
    const auto value = key ? take(left) : std::nullopt;
    if (!value) return std::nullopt;
    if (key->text() == name) return value;
  }
  return std::nullopt;
}

Tnet Tnet::operator[](std::string_view name) const { return find(name).value_or(Tnet{}); }
bool Tnet::has(std::string_view name) const { return find(name).has_value(); }

Tnet Tnet::at(std::size_t index) const {
  Tnet found;
  elements([&](const Tnet& element) {
    if (index-- == 0) found = element;
  });
  return found;
}

}  // namespace tattle
