#pragma once

#include <set>
#include <vector>

#include "assess/document.h"
#include "base/address.h"

namespace tattle {

/// A name resolver in the phone's own network (IPv4: the /24, as home routers deal them out; IPv6: the /64) is the
/// router at home, whatever is registered for its addresses: it is `local`, and no company's.
/// @param met  The phones' addresses as they were seen, by subject.
void mark_own_network(const std::vector<std::set<Address>>& met, AuditDocument& document);

}  // namespace tattle
