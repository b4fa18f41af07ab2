#pragma once

#include <map>
#include <string>
#include <vector>

#include "assess/document.h"
#include "assess/masker.h"
#include "assess/recipient_builder.h"
#include "assess/table/contact_table.h"
#include "assess/table/disclosure_table.h"
#include "attribute/actions/action_log.h"
#include "attribute/facts/data_terms.h"
#include "detect/subject/subject.h"

namespace tattle {

/// Turns what was counted into the document. One use, at the end of a run.
class DocumentBuilder {
 public:
  /// @param terms    Null: no kind of data has a term.
  /// @param actions  Null: there is no log of what the tester did.
  DocumentBuilder(const std::vector<Subject>& subjects, const RecipientFacts& facts, const DataTerms* terms,
                  const ActionLog* actions, std::uint64_t most_addresses);

  /// The tester's log.
  std::vector<ActionReport> actions() const;

  std::vector<SubjectReport> subjects(const std::vector<std::string>& grounds,
                                      const std::vector<std::set<Address>>& met) const;
  /// Gravest first, with ids and keys. Aggregates that turn out to be one disclosure are merged.
  std::vector<DisclosureReport> disclosures(const std::vector<Aggregate>& aggregates, std::uint64_t searched) const;
  /// Most disclosures first, then most bytes.
  std::vector<ContactReport> contacts(const std::vector<Contact>& contacts,
                                      const std::vector<DisclosureReport>& disclosures) const;
  /// Hides planted values in what a capture file says of itself.
  void hide_values(CaptureOrigin& origin) const;

 private:
  const Entry* entry_of(const Aggregate& aggregate) const;
  std::string without_planted_agent(const Aggregate& aggregate) const;
  DisclosureReport disclosure(const Aggregate& aggregate, Certainty certainty, double chance) const;
  /// Period, and what the log has beside it. Needs the rest of the report; its key stays what the traffic alone says.
  void tell_times(const Aggregate& aggregate, DisclosureReport& report) const;
  std::string key_of(const DisclosureReport& report, std::uint64_t same_before) const;

  const std::vector<Subject>& subjects_;
  const DataTerms* terms_;
  const ActionLog* actions_;
  std::uint64_t most_addresses_;
  Masker masker_;
  RecipientBuilder recipients_;
};

}  // namespace tattle
