#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attribute/facts/jurisdictions.h"
#include "attribute/organisations.h"

namespace tattle {

/// What the law says of one recipient on one day: facts beside each other, from which nothing is concluded.
/// Empty texts and absent members are not known.
struct LawFacts {
  struct Entity {
    std::string name, seat, head_office;  // countries, ISO 3166-1 alpha-2; head office empty: the same
    std::string source, date;
  };
  struct Adequacy {
    std::string decision, name, country;  // `2000/520/EC`, `Safe Harbor`, `US`
    std::string from, until;              // days; `until` empty: open
    std::string covers;                   // `country`, `listed-organisation`, `unknown`: only those that `scope` names
    std::string scope;
    std::optional<bool> listed;              // whether this organisation stood on the list; absent: not known
    std::string listed_entity;               // as it stands there
    std::string listed_from, listed_until;   // first and last day on which it is known to be listed
    std::string listed_source, listed_date;  // of the listing, which the decision's own source says nothing of
    std::string source, date;
  };
  std::string registered;  // country of the address's registration
  std::string registered_source, registered_date;
  std::string day;                   // for which all of this is said
  std::string last_day;              // and for which too; empty: the same. What differs between them is left out
  bool changed = false;              // something was
  std::optional<Entity> entity;      // who contracts with users in the European Economic Area
  std::optional<Entity> parent;      // the company as a whole, or its owner
  std::optional<bool> eea;           // of `registered`
  std::string eea_source, eea_date;  // of `eea` and `arrangement`
  std::string arrangement;           // under which a country that is no member was treated as one
  std::vector<Adequacy> adequacy;    // in force on the day: on `registered`, then on the seats' countries

  bool empty() const { return registered.empty() && !entity && !parent; }
};

/// @param country       Of the address's registration; empty: not known, or several.
/// @param organisation  The recipient; null: not known, which it also is where only whose machines they are is known.
LawFacts law_of(std::string_view country, const Organisation* organisation, const Organisations& organisations,
                const Jurisdictions& jurisdictions, Day day);

/// What is so on the first and on the last day alike, so that nothing is said of the wrong one. What was not so in
/// between is not looked for: facts are periods, and the same fact on both days held throughout.
LawFacts law_of_both(LawFacts first, const LawFacts& last);

}  // namespace tattle
