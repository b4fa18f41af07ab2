#include "decode/decoders.h"
#include "decode/json/index.h"
#include "decode/json/walk.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

bool is_space(std::uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::size_t skip_space(Bytes bytes, std::size_t at) {
  while (at < bytes.size() && is_space(bytes[at])) ++at;
  return at;
}

// Where the JSON text begins: behind a byte order mark, and behind what servers put in front of it so that no page
// can run it as a script.
std::size_t json_start(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  for (std::string_view guard : {")]}'", "while(1);", "for(;;);"}) {
    if (!text.substr(at).starts_with(guard)) continue;
    at += guard.size();
    if (at < text.size() && text[at] == ',') ++at;
    break;
  }
  return skip_space(bytes, at);
}

// A nested text's index must not overwrite that of the text it lies in.
class IndexLease {
 public:
  explicit IndexLease(Scratch& scratch) : scratch_(scratch), level_(scratch.json_level++) {
    if (scratch.json.size() <= level_) scratch.json.resize(level_ + 1);
    if (!scratch.json[level_]) scratch.json[level_] = std::make_unique<JsonIndex>();
    index_ = scratch.json[level_].get();
  }
  ~IndexLease() { --scratch_.json_level; }
  IndexLease(const IndexLease&) = delete;
  IndexLease& operator=(const IndexLease&) = delete;
  JsonIndex* operator->() { return index_; }
  JsonIndex& operator*() { return *index_; }

 private:
  Scratch& scratch_;
  std::size_t level_;
  JsonIndex* index_ = nullptr;
};

}  // namespace

bool declared_json(const MediaType& type) {
  const std::string_view essence = type.essence;
  return essence.ends_with("/json") || essence.ends_with("+json") || essence.ends_with("ndjson") ||
         essence.ends_with("/jsonl");
}

bool sniff_json(Bytes bytes) {
  const std::uint8_t first = bytes[0];
  // The usual string is no JSON: say so before anything else.
  if (first != '{' && first != '[' && first != ')' && first != 'w' && first != 'f' && first != 0xef &&
      !is_space(first)) {
    return false;
  }
  const std::size_t at = json_start(bytes);
  if (at + 1 >= bytes.size() || (bytes[at] != '{' && bytes[at] != '[')) return false;
  const std::size_t inside = skip_space(bytes, at + 1);
  if (inside >= bytes.size()) return false;
  const char next = static_cast<char>(bytes[inside]);
  if (bytes[at] == '{') return next == '"' || next == '}';
  return next == ']' || is_digit(next) || std::string_view("{[\"-tfn").find(next) != std::string_view::npos;
}

bool open_json(Walker& walker, const Value& value, const MediaType&) {
  const Bytes text = value.bytes.subspan(json_start(value.bytes));
  IndexLease index(walker.scratch());
  if (!index->build(text)) return false;
  return walk_json(walker, value, text, *index);
}

}  // namespace tattle
