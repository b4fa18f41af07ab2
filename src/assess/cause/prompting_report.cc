#include "assess/cause/prompting_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "assess/link/links.h"

namespace tattle {
namespace {

using Kind = PromptingVerdict::Kind;

std::string_view word(Kind kind) {
  switch (kind) {
    case Kind::server_message:
      return "server-message";
    case Kind::trigger:
      return "trigger";
    case Kind::unexplained:
      return "unexplained";
    case Kind::not_shown:
      return "not-shown";
    case Kind::none_seen:
      return "none-seen";
  }
  return "not-shown";
}

std::string seconds(Time time) { return fmt::format("{:g} s", time.seconds()); }

std::string percent(double share) {
  return share > 0 && share < 0.001 ? "less than 0.1 %" : fmt::format("{:.1f} %", share * 100);
}

std::string uploads(std::uint64_t count) { return fmt::format("{} upload{}", count, count == 1 ? "" : "s"); }

Shown label_of(const ServerTalk& talk, const AuditDocument& document) {
  for (const ContactReport& contact : document.recipients) {
    if (!talk.party.host.empty() && contact.recipient.host.clear == talk.party.host) return contact.recipient.host;
  }
  const std::string address = talk.party.address ? to_string(*talk.party.address) : std::string();
  return {address, address};
}

constexpr std::string_view kUnasked = "had sent a message that answers no request";

std::string held_back() {
  return fmt::format("had given an answer that it had held back for at least {} s", ServerMessages::kHeldBack);
}

// What a message is, as far as this server's were read.
std::string spoken(const ServerTalk& talk) {
  if (talk.read && talk.held) return fmt::format("{}, or {}", kUnasked, held_back());
  if (talk.held) return held_back();
  return talk.read ? std::string(kUnasked) : fmt::format("had spoken after at least {} of silence", seconds(kSilence));
}

std::string follows(const PromptingVerdict& verdict, const ServerTalk& talk, const std::string& server) {
  const Following& f = verdict.following;
  return fmt::format(
      "{} of {} came within {} after {} {}; {} of the time lies so near behind such a message. The probability of so "
      "many by chance is {:.2g}, in {} test{}.",
      f.followed, uploads(f.of), seconds(kFollowWindow), server, spoken(talk), percent(f.base_rate), f.p, verdict.tests,
      verdict.tests == 1 ? "" : "s");
}

std::string triggered(const PromptingVerdict& verdict, const std::string& server) {
  const Following& f = verdict.following;
  std::string text = fmt::format(
      "After {} of {} triggers in the log an upload came within {}; of {} stretches of time as long without a trigger "
      "{} hold one. The probability of so many by chance is {:.2g}, in {} tests.",
      f.followed, f.of, seconds(kTriggerWindow), verdict.controls, verdict.control_followed, f.p, verdict.tests);
  if (verdict.pushed > 0) {
    text += fmt::format(" In {} of them {} spoke in between.", verdict.pushed, server);
  } else {
    text += " No server was seen to speak in between.";
  }
  if (verdict.unexplained > 0) {
    text += fmt::format(" {} more came within {} after a server had spoken that no trigger explains.",
                        uploads(verdict.unexplained), seconds(kFollowWindow));
  }
  return text;
}

// Too few for any test: what was seen, and no more.
std::string few(const PromptingVerdict& verdict, const ServerTalk* talk, const std::string& server, bool log) {
  const Following& f = verdict.following;
  if (talk == nullptr || f.followed == 0 || !f.latency) {
    return fmt::format(
        "Servers spoke unasked, but fewer than {} separate uploads fall into the time in which they "
        "could be heard: too few to say.",
        kFewestFollowed);
  }
  return fmt::format("{} of {} came within {:.3g} s after {} {}.{} They are too few to tell from chance.", f.followed,
                     uploads(f.of), f.latency->max, server, spoken(*talk),
                     log ? " No trigger in the log explains these messages." : "");
}

// What was looked for and not met; and what may have been one.
std::string none_seen(std::uint64_t unclear) {
  std::string looked_for = fmt::format(
      "In this recording no server was seen to send a message that answers no request, to hold an answer "
      "back for {}, or to speak after {} of silence in a connection that stayed closed.",
      fmt::format("{} s", ServerMessages::kHeldBack), seconds(kSilence));
  if (unclear == 0) return looked_for;
  return fmt::format(
      "{} {} in a connection that stayed closed a server spoke after such silence and ended the connection: a "
      "good-bye, or an answer that it had held back.",
      looked_for, unclear == 1 ? std::string("Once") : fmt::format("{} times", unclear));
}

std::string ground(const PromptingVerdict& verdict, const ServerTalk* talk, const std::string& server,
                   std::uint64_t unclear, bool log) {
  switch (verdict.kind) {
    case Kind::server_message:
      return follows(verdict, *talk, server) + " What the server asked for, and who had asked it, is not known.";
    case Kind::unexplained:
      return follows(verdict, *talk, server) + " No trigger in the log explains these messages.";
    case Kind::trigger:
      return triggered(verdict, server);
    case Kind::none_seen:
      return none_seen(unclear);
    case Kind::not_shown:
      break;
  }
  if (verdict.talk < 0) return few(verdict, talk, server, log);
  const std::string told = follows(verdict, *talk, server);
  if (verdict.same_rhythm) return told + " But as many follow when the clock is shifted: both keep the same rhythm.";
  if (2 * verdict.following.followed <= verdict.following.of) return told + " But most uploads followed none.";
  return told + " That may be chance.";
}

std::vector<Interval> captured(const AuditDocument& document) {
  std::vector<Interval> spans;
  for (const CaptureReport& capture : document.captures) {
    if (!capture.entries && capture.packets > 0) spans.push_back({capture.first, {capture.last.ns + 1}});
  }
  return merge_intervals(std::move(spans));
}

bool imported(const AuditDocument& document, const DisclosureReport& report) {
  return std::any_of(report.evidence.begin(), report.evidence.end(), [&](const Evidence& each) {
    return each.capture < document.captures.size() && document.captures[each.capture].entries;
  });
}

UploadSeries series_of(const DisclosureReport& report, const std::vector<Aggregate>& aggregates,
                       const std::vector<Interval>& spans) {
  OccurrenceTimes times;
  for (std::uint64_t number : report.numbers) {
    if (number >= 1 && number <= aggregates.size()) times.merge(aggregates[number - 1].times);
  }
  UploadSeries series{report.subject, {}, spans};
  for (const OccurrenceTimes::Row& row : times.rows()) series.times.push_back(row.time);
  std::sort(series.times.begin(), series.times.end());
  // From the first that is not listed on, nothing is known.
  if (const auto end = times.end())
    series.observed =
        common_intervals(spans, std::vector<Interval>{{{std::numeric_limits<std::int64_t>::min()}, *end}});
  return series;
}

}  // namespace

void report_prompting(AuditDocument& document, const std::vector<Aggregate>& aggregates,
                      const std::vector<ServerTalk>& talks, const TriggerLog& log,
                      const std::function<std::uint64_t(std::uint32_t)>& unclear) {
  const std::vector<Interval> spans = captured(document);
  std::vector<std::size_t> asked;
  std::vector<UploadSeries> uploads;
  for (std::size_t i = 0; i < document.disclosures.size() && asked.size() < kMostSeries; ++i) {
    const DisclosureReport& report = document.disclosures[i];
    if (report.direction != Travel::sent) continue;
    if (imported(document, report)) {
      // Of an entry its request's time is known, of what a server says unasked mostly none: silence would be no
      // finding.
      PromptingReport& untested = document.disclosures[i].prompting.emplace();
      untested.kind = "not-tested";
      untested.ground.clear = untested.ground.masked =
          "An import does not hold when servers spoke unasked, so this was not tested.";
      continue;
    }
    asked.push_back(i);
    uploads.push_back(series_of(report, aggregates, spans));
  }
  const std::vector<PromptingVerdict> verdicts = judge_prompting(uploads, talks, log);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const PromptingVerdict& verdict = verdicts[i];
    const std::int64_t spoke = verdict.talk < 0 && verdict.kind == Kind::not_shown ? verdict.few : verdict.talk;
    const ServerTalk* const talk = spoke < 0 ? nullptr : &talks[static_cast<std::size_t>(spoke)];
    PromptingReport& report = document.disclosures[asked[i]].prompting.emplace();
    report.kind = word(verdict.kind);
    report.following = verdict.following;
    report.tests = verdict.kind == Kind::trigger || verdict.talk >= 0 ? verdict.tests : 0;
    if (talk != nullptr) report.server = label_of(*talk, document);
    report.push = verdict.push;
    report.pushed = verdict.pushed;
    report.controls = verdict.controls;
    report.control_followed = verdict.control_followed;
    report.unexplained = verdict.unexplained;
    const std::uint64_t perhaps = unclear(uploads[i].subject);
    report.ground.clear = ground(verdict, talk, report.server.clear, perhaps, log.kept);
    report.ground.masked = ground(verdict, talk, report.server.masked, perhaps, log.kept);
  }
}

}  // namespace tattle
