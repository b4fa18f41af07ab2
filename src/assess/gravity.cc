#include "assess/gravity.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace tattle {

int gravity_rank(std::string_view kind) {
  // Confidential messages first (the ePrivacy Directive's own subject), then what opens accounts, then where the
  // person is; identifiers that follow a phone from place to place before what merely describes it.
  constexpr std::array<std::string_view, 12> kOrder{"communication", "credential", "location", "content",
                                                    "contact-data",  "browsing",   "identity", "account",
                                                    "identifier",    "network",    "custom",   "device"};
  return static_cast<int>(std::find(kOrder.begin(), kOrder.end(), kind) - kOrder.begin());
}

bool graver(const DisclosureReport& a, const DisclosureReport& b) {
  const auto rank = [](const DisclosureReport& d) {
    const bool hashed = d.form != "plain" && d.form != "host-name";
    return std::tuple(d.certainty, d.direction, gravity_rank(d.kind), hashed, d.transport != Protection::clear,
                      ~d.count, d.first, std::string_view(d.key));
  };
  return rank(a) < rank(b);
}

}  // namespace tattle
