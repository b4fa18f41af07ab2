#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "assess/document.h"
#include "assess/masker.h"
#include "attribute/facts/jurisdictions.h"
#include "attribute/organisations.h"
#include "attribute/places.h"
#include "attribute/where/gateway.h"
#include "detect/subject/subject.h"

namespace tattle {

/// What a run knows of recipients. Borrowed; null: nothing is known of it.
struct RecipientFacts {
  const Places& places;
  const Organisations* organisations = nullptr;
  const Jurisdictions* jurisdictions = nullptr;
  const RoundTrips* round_trips = nullptr;
  const Gateway* gateway = nullptr;
};

/// Says who a recipient is, as of the days on which it was met.
class RecipientBuilder {
 public:
  struct Met {
    const std::string& host;
    HostGround ground;
    const std::set<Address>& addresses;
    Time first, last;
    std::optional<std::uint32_t> subject;  // whose phone it was; absent: any of them
    std::string_view package;              // of the app that spoke; empty: not known
    bool nearby = false;                   // everybody on the link: whose the address would be says nothing
  };

  RecipientBuilder(const std::vector<Subject>& subjects, const RecipientFacts& facts);
  RecipientReport build(const Met& met) const;

 private:
  void place(const Met& met, RecipientReport& report) const;
  /// Which of the countries that the registry names the round trip rules out.
  void rule_out(RecipientReport& report) const;
  void organise(const Met& met, RecipientReport& report) const;
  RelationFact relation(const Met& met, const HostFact& host, Day day) const;

  const std::vector<Subject>& subjects_;
  const RecipientFacts facts_;
  Masker masker_, host_masker_;
};

}  // namespace tattle
