#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "assess/document.h"
#include "report/say/messages.h"

namespace tattle {

/// What the longer answers are made of: sentences of the catalogues under `answers.`.
struct AnswerSource {
  const AuditDocument& document;
  bool reveal;
  const Messages& say;

  std::string text(std::string_view key, Messages::Values values = {}) const {
    return say.text("answers." + std::string(key), values);
  }
  std::string times(std::uint64_t count) const { return say.counted("count.times", count); }
  /// The first few, and how many more.
  std::string listed(const std::vector<std::string>& names, std::size_t most = 6) const;
};

/// What the phone sent, to whom and into which country while nobody touched it: one sentence for each stretch that the
/// log names as left alone; without such a line, for what lies beside no action at all.
std::vector<std::string> sent_untouched(const AnswerSource& source);

/// Who on the way got to know which pages: a proxy their whole addresses or only the names of their sites, a resolver
/// the names; and what of the planted pages was reached past the proxy.
std::vector<std::string> pages_in_between(const AnswerSource& source);

/// Texts, mails and pictures that reached somebody in readable form, and how they were protected on the way. The number
/// of a correspondent is not a text.
std::vector<std::string> contents_reached(const AnswerSource& source);

/// Countries of hosts that were talked to, while no value was seen going to that country.
std::string contacted_countries(const AnswerSource& source);

}  // namespace tattle
