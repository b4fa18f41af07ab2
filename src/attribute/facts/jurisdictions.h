#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "attribute/facts/day.h"
#include "attribute/facts/source.h"

namespace tattle {

class FactFile;
class FactNode;

/// How a country stood to the European Economic Area on a day.
enum class Membership : std::uint8_t {
  unknown,      // no country's code, or none was given
  none,         // no member, and no arrangement is known
  arrangement,  // no member, but Union law or an agreement applied as to one: `what` says which
  member,
};
std::string_view to_string(Membership membership);

struct AreaStatus {
  Membership membership = Membership::unknown;
  std::string_view country;        // the member, where the code asked for is a territory of it
  std::string_view what;           // of an arrangement
  const Source* source = nullptr;  // null for `none` and `unknown`: nobody states what is not so
};

/// What is known of one organisation on a decision's list.
struct Listing {
  std::string organisation;  // id in organisations.yaml
  std::string entity;        // as it stands on the list
  Period known;              // from the first to the last day on which it is known to be listed
  Source source;
};

enum class Coverage : std::uint8_t { whole_country, recipients_in_scope, listed_organisations };
std::string_view to_string(Coverage coverage);

/// A decision of the European Commission that finds protection of personal data adequate.
struct AdequacyDecision {
  std::string number;   // `2000/520/EC`
  std::string name;     // `Safe Harbor`; empty: none
  std::string country;  // ISO 3166-1 alpha-2
  Day adopted;
  Period in_force;
  std::string ended_how, ended_by;  // `annulled`, `C-362/14`; empty: not ended
  Coverage coverage = Coverage::whole_country;
  std::string scope;    // whom and what it covers
  std::string journal;  // Official Journal
  std::vector<Listing> listed;
  Source source;

  /// Null: not known to be listed on that day. That is not "not listed".
  const Listing* listing(std::string_view organisation, Day day) const;
};

/// Facts of law by country and day. They say what was in force, never what follows from it.
class Jurisdictions {
 public:
  /// Reads `jurisdictions.yaml`; an empty path gives an empty table, in which everything is unknown.
  /// @throws UserError  The file is damaged: line and field.
  static std::shared_ptr<const Jurisdictions> load(const std::string& path);

  /// @param country  ISO 3166-1 alpha-2, as registries give it.
  AreaStatus eea(std::string_view country, Day day) const;
  /// The decisions on that country in force that day. Lives as long as the table.
  std::vector<const AdequacyDecision*> in_force(std::string_view country, Day day) const;
  /// The date of the file's newest source; empty when it names none.
  const std::string& newest() const { return newest_; }
  /// All decisions, in the order of the file.
  const std::vector<AdequacyDecision>& decisions() const { return decisions_; }

 private:
  struct Fact {
    Period period;
    std::string text;  // of an arrangement: what; of a territory: the member it is part of
    Source source;
  };
  using Facts = std::unordered_map<std::string, std::vector<Fact>>;

  void read_area(const FactFile& file, FactNode node);
  void read_decision(const FactFile& file, FactNode node);
  static const Fact* on(const Facts& facts, const std::string& code, Day day);

  Facts members_, arrangements_, territories_;
  std::vector<AdequacyDecision> decisions_;
  std::string newest_;
};

}  // namespace tattle
