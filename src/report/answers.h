#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "assess/document.h"
#include "report/say/messages.h"

namespace tattle {

/// How far an audit answers a question.
enum class Answered : std::uint8_t {
  yes,
  in_part,
  not_tested,  // another recording or another file could tell
  unknowable,  // no recording can show it
};
std::string_view to_string(Answered answered);

/// What people ask about a phone, and what this audit has to say to it.
struct Answer {
  std::string question;  // its word in the catalogues: `answers.QUESTION.question`
  Answered answered = Answered::yes;
  std::vector<std::string> sentences;
};

/// The questions that were asked of such phones in public, each answered from the audit or said to be open. Made of
/// verified values sent, never of inferred ones.
/// @param json  The same document as JSON: members that only some audits have are used where present.
std::vector<Answer> answers_of(const AuditDocument& document, const nlohmann::ordered_json& json, bool reveal,
                               const Messages& messages);

}  // namespace tattle
