#include <fmt/format.h>

#include <algorithm>

#include "report/page/html_parts.h"
#include "report/page/html_text.h"

namespace tattle {
namespace {

// Where Wireshark shows a value, and the last step by hand where it shows only what the value is wrapped in. Tried with
// Wireshark 4.0 on the sample; web/src/see.js says the same.

bool among(std::string_view step, std::initializer_list<std::string_view> steps) {
  return std::find(steps.begin(), steps.end(), step) != steps.end();
}

using Steps = std::vector<PathReport>;

// The steps inside the message: behind the last that is a protocol's.
std::size_t first_inside(const Steps& path) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i].step.starts_with("http/") || path[i].step == "dns") first = i + 1;
  }
  return first;
}

class Seen {
 public:
  explicit Seen(const Page& page) : page_(page) {}
  void say(const char* key, const std::string& value = {}) {
    sentences_.push_back(page_.messages.text(std::string("see.") + key, {{"what", value}}));
  }
  std::string html() const {
    std::string items;
    for (const std::string& each : sentences_) items += element("li", "", each);
    return items.empty() ? items : "<ul class=\"plain see\">" + items + "</ul>";
  }
  std::string detail(const PathReport& step) const { return step.detail.text(page_.reveal); }

 private:
  const Page& page_;
  std::vector<std::string> sentences_;
};

// Where it stands when nothing further hides it.
void say_place(Seen& seen, const Steps& path, std::size_t at) {
  if (at == path.size()) return seen.say("body");
  const PathReport& step = path[at];
  if (step.step == "question" || step.step == "answer") return seen.say("dns");
  if (among(step.step, {"target", "url"})) return seen.say("target");
  if (step.step == "header") return seen.say("header", seen.detail(step));
  if (step.step == "multipart") return seen.say("multipart", seen.detail(step));
  if (step.step == "form") return seen.say("form", seen.detail(step));
  if (step.step == "zstd") return seen.say("zstd");
  // What is JSON or a form behind these Wireshark goes on to read.
  if (among(step.step, {"gzip", "deflate", "br"})) {
    const bool read_on = at + 1 < path.size() && among(path[at + 1].step, {"json", "form"});
    return read_on ? say_place(seen, path, at + 1) : seen.say("uncompressed");
  }
  if (step.step == "json") return seen.say("json", seen.detail(step));
}

void say_by_hand(Seen& seen, const Steps& path, std::size_t first) {
  std::string holder;  // the member that a further wrapping stands in
  for (std::size_t i = first; i < path.size(); ++i) {
    const std::string& step = path[i].step;
    if (step == "exif") return seen.say("exif");
    if (step == "utf-16" || step == "utf-32") return seen.say("utf-16");
    if (step == "percent" && i > first && path[i - 1].step != "form") return seen.say("percent");
    const bool wrapped = among(step, {"base64", "base64url", "hex", "quoted-printable"}) ||
                         (!holder.empty() && among(step, {"json", "gzip", "deflate", "zstd", "br"}));
    if (wrapped) return seen.say("decode", holder.empty() ? step : holder);
    if (among(step, {"json", "form", "query", "header", "cookie"})) holder = seen.detail(path[i]);
  }
}

}  // namespace

std::string see_html(const DisclosureReport& each, const Page& page) {
  Seen seen(page);
  const std::size_t first = first_inside(each.path);
  if (first == 0) return {};
  say_place(seen, each.path, first);
  say_by_hand(seen, each.path, first);
  if (among(each.form, {"md5", "sha1", "sha256", "sha512"})) seen.say("hash", each.form + "sum");
  return seen.html();
}

}  // namespace tattle
