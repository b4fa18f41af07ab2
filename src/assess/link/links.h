#pragma once

#include <map>
#include <vector>

#include "assess/document.h"
#include "assess/link/ties.h"

namespace tattle {

/// Fills `links` of the document and `linked` of its disclosures: what was sent of one value to several recipients
/// (verified values only), and what was sent together with a value that identifies.
/// @param pairs  Of aggregates, by DisclosureReport::numbers.
void build_links(AuditDocument& document, const std::map<TieTable::Pair, bool>& pairs);

/// A sign-in of the log, at its earliest and latest.
struct SignIn {
  std::size_t action = 0;
  Time from, until;
};

/// What was first seen after a sign-in and before the next one, and what was last seen before it and after the one
/// before. @param sign_ins  By time.
std::vector<ChangeReport> changes_at(const std::vector<SignIn>& sign_ins, const AuditDocument& document);

/// Whether an action of the log, in the tester's words, is a sign-in.
bool is_sign_in(std::string_view action);

/// As a recipient is called in lists: its host, else its first address.
Shown label_of(const RecipientReport& recipient);

}  // namespace tattle
