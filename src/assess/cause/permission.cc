#include "assess/cause/permission.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace tattle {
namespace {

using Row = OccurrenceTimes::Row;

double seconds_between(Time from, Time to) { return static_cast<double>(to.ns - from.ns) / 1e9; }
Time moved(Time time, double seconds) { return {time.ns + std::llround(seconds * 1e9)}; }

bool holds(const std::vector<std::string>& data, std::string_view datum) {
  return std::find(data.begin(), data.end(), datum) != data.end();
}

struct Answer {
  std::size_t action = 0;
  Time time, earliest, latest;  // as written; by its uncertainty
  bool granted = false;
};

std::vector<Answer> answers_of(const ActionLog& log, std::string_view datum, const Concerned& concerned) {
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < log.actions.size(); ++i) {
    const Action& action = log.actions[i];
    const bool granted = holds(action.granted, datum);
    if ((!granted && !holds(action.refused, datum)) || !concerned.by(action)) continue;
    answers.push_back(
        {i, action.time, moved(action.time, -action.uncertainty_s), moved(action.time, action.uncertainty_s), granted});
  }
  return answers;
}

// The first prompt for the datum, whosever it was: where it was asked, or else answered.
std::optional<Answer> first_prompt(const ActionLog& log, std::string_view datum) {
  for (std::size_t i = 0; i < log.actions.size(); ++i) {
    const Action& action = log.actions[i];
    if (!holds(action.asked, datum) && !holds(action.granted, datum) && !holds(action.refused, datum)) continue;
    return Answer{i, action.time, moved(action.time, -action.uncertainty_s), moved(action.time, action.uncertainty_s)};
  }
  return std::nullopt;
}

bool same_text(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

bool under_domain(std::string_view host, std::string_view domain) {
  if (host.size() <= domain.size()) return same_text(host, domain);
  const std::size_t at = host.size() - domain.size();
  return host[at - 1] == '.' && domain.find('.') != domain.npos && same_text(host.substr(at), domain);
}

struct Found {
  PermissionState state = PermissionState::unknown;
  const Answer* answer = nullptr;
};

// Of one message, where only somebody else's prompt is known.
Found beside_prompt(const Row& row, const Answer& prompt) {
  if (prompt.earliest > row.last) return {PermissionState::before_first_prompt, &prompt};
  return {prompt.latest < row.time ? PermissionState::after_first_prompt : PermissionState::too_close, &prompt};
}

/// One message among the answers, which are by time. Theirs may overlap by their uncertainty.
Found state_of(const Row& row, const std::vector<Answer>& answers) {
  const Answer *before = nullptr, *close = nullptr, *grant = nullptr, *refusal = nullptr;
  for (const Answer& each : answers) {
    if (each.latest < row.time) {
      before = &each;
    } else if (each.earliest > row.last) {
      const Answer*& next = each.granted ? grant : refusal;
      if (next == nullptr) next = &each;
    } else if (before == nullptr || before->granted != each.granted) {
      if (close == nullptr) close = &each;
    }
  }
  if (close != nullptr) return {PermissionState::too_close, close};
  if (before != nullptr) {
    return {before->granted ? PermissionState::after_granted : PermissionState::after_refused, before};
  }
  if (grant != nullptr) return {PermissionState::before_granted, grant};
  if (refusal != nullptr) return {PermissionState::before_refused, refusal};
  return {};
}

}  // namespace

bool Concerned::by(const Action& action) const {
  if (!action.app.empty() && same_text(action.app, sender)) return true;
  return std::any_of(action.recipients.begin(), action.recipients.end(), [&](const std::string& named) {
    if (same_text(named, "everyone") || (!host.empty() && under_domain(host, named))) return true;
    return std::any_of(organisations.begin(), organisations.end(),
                       [&](const std::string& each) { return same_text(each, named); });
  });
}

PermissionReport permission_of(const std::vector<Row>& rows, const ActionLog& log, std::string_view datum,
                               const Concerned& concerned) {
  const std::vector<Answer> answers = answers_of(log, datum, concerned);
  const std::optional<Answer> prompt = answers.empty() ? first_prompt(log, datum) : std::nullopt;
  PermissionReport report;
  if (answers.empty() && !prompt) {
    for (const Row& row : rows) report.count += row.count;
    return report;
  }
  for (const Row& row : rows) {
    const Found found = prompt ? beside_prompt(row, *prompt) : state_of(row, answers);
    if (report.count > 0 && found.state > report.state) continue;  // the gravest come first
    if (report.count == 0 || found.state < report.state) {
      // Between the answer and the nearer end of the message: what is surely so.
      const bool later = found.answer->time >= row.last;
      const double gap = later ? seconds_between(row.last, found.answer->time)
                               : std::max(0.0, seconds_between(found.answer->time, row.time));
      report = {found.state, 0, found.answer->action, gap};
    }
    report.count += row.count;
  }
  return report;
}

ToldReport told_of(const std::vector<Row>& rows, const ActionLog& log, std::string_view datum,
                   const Concerned& concerned) {
  struct First {
    Told told;
    std::optional<std::size_t> action;
  };
  First screen{Told::at_a_screen, {}}, elsewhere{Told::elsewhere, {}}, mentioned{Told::mentioned, {}};
  First asked{Told::asked, {}}, aside{Told::mentioned_elsewhere, {}};
  const auto earliest = [&](std::size_t i) { return moved(log.actions[i].time, -log.actions[i].uncertainty_s); };
  const auto keep = [&](First& first, std::size_t i) {
    if (!first.action || earliest(i) < earliest(*first.action)) first.action = i;
  };
  for (std::size_t i = 0; i < log.actions.size(); ++i) {
    const Action& action = log.actions[i];
    const bool about = concerned.by(action);
    if (holds(action.told, datum)) keep(about ? screen : mentioned, i);
    if (holds(action.asked, datum)) keep(asked, i);
    if (holds(action.told_elsewhere, datum)) keep(about ? elsewhere : aside, i);
  }
  for (const First* each : {&screen, &elsewhere, &mentioned, &asked, &aside}) {
    if (!each->action) continue;
    ToldReport report{each->told, 0, each->action};
    if (each == &elsewhere || each == &aside) return report;
    std::uint64_t in_time = 0;
    for (const Row& row : rows) (earliest(*each->action) <= row.last ? in_time : report.late) += row.count;
    if (in_time > 0) return report;
  }
  return {};
}

}  // namespace tattle
