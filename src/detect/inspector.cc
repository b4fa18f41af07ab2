#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "base/hex.h"
#include "decode/token/text.h"
#include "detect/corroboration.h"
#include "detect/form/text_forms.h"
#include "detect/inferred.h"
#include "detect/search/matcher.h"
#include "detect/search/scanner.h"

namespace tattle {
namespace {

constexpr std::size_t kShownBytes = 4096;

// A hit on its way to the root: its range is in the bytes of the frame that holds it.
struct Floating {
  Hit hit;
  std::size_t begin = 0, end = 0;
  std::uint64_t origin = 0;  // the fresh value that it came up from last; 0: this frame's own
  bool merged = false;       // the same place was already recognised in this frame
};

// The two numbers of a place, without what stands between them; the anchor is the latitude.
std::string place_text(std::string_view run, const Candidate& candidate) {
  const auto part_of_number = [&](std::size_t at) {
    return (run[at] >= '0' && run[at] <= '9') || run[at] == '.' || run[at] == ',' || run[at] == '-';
  };
  std::size_t begin = candidate.begin, end = candidate.end;
  if (candidate.anchor_begin == candidate.begin) {
    begin = end;
    while (begin > candidate.anchor_end && part_of_number(begin - 1)) --begin;
    while (begin < end && run[begin] == ',') ++begin;
  } else {
    end = begin;
    while (end < candidate.anchor_begin && part_of_number(end)) ++end;
    while (end > begin && run[end - 1] == ',') --end;
  }
  return std::string(run.substr(candidate.anchor_begin, candidate.anchor_end - candidate.anchor_begin)) + ", " +
         std::string(run.substr(begin, end - begin));
}

bool same_thing(const Hit& a, const Hit& b) {
  return a.entry == b.entry && a.datum == b.datum && a.part == b.part && a.form == b.form;
}

// Decoded bytes and what was found in them, while their subtree is walked.
struct Frame {
  const Value* value = nullptr;
  std::uint64_t origin = 0;
  std::vector<Candidate> candidates;
  std::vector<Floating> hits;

  std::size_t offset_of(const Value& inside) const {
    return static_cast<std::size_t>(inside.bytes.data() - value->bytes.data());
  }
};

}  // namespace

struct Inspector::State final : ValueVisitor {
  State(std::shared_ptr<const MatcherDatabase> database, const Limits& wanted, Anomalies& noted)
      : limits(wanted),
        anomalies(noted),
        scanner(std::static_pointer_cast<const Database>(std::move(database)), wanted.hits_per_message) {}

  void enter(const Value& value) override;
  void leave(const Value& value) override;
  std::size_t least_part() const override;
  bool passes(Bytes opaque) override;
  void infer_whole(const Value& value, std::vector<Candidate>& candidates) const;
  void claim(Frame& frame, const Value& value);
  void record(Frame& frame, Candidate& candidate, const Value& value);
  bool met_elsewhere(const Frame& frame, const Candidate& candidate) const;
  void describe(const Frame& frame, const Candidate& candidate, const Value& value, Hit& hit) const;
  void float_up(Frame& from, Frame& to, const Value& value);
  std::size_t whole_end(const Floating& floating) const;
  bool of_another_piece(const Floating& floating) const;
  void surface(Frame& frame);
  void add_names();
  Hit make_hit(const Candidate& candidate, Bytes run) const;
  void finish(std::vector<Hit>& out);
  void note_limit();

  const Limits& limits;
  Anomalies& anomalies;
  Scanner scanner;
  // Of the message being inspected.
  const Message* message = nullptr;
  std::int32_t subject = 0;
  bool infer = false;
  std::vector<Frame> frames;  // never shrinks, so that its vectors keep their room
  std::size_t depth = 0;
  std::uint64_t origins = 0;
  std::vector<Floating> surfaced;  // ranges of the head or the body
  InspectionCounts counts;
};

void Inspector::State::note_limit() {
  if (!counts.limit_hit) {
    PacketRuns packets;
    message->body_pieces.packets(0, 1, packets);
    message->head_pieces.packets(0, 1, packets);
    anomalies.note("detect.limit-hits", packets.empty() ? PacketId{} : PacketId{packets[0].capture, packets[0].first});
  }
  counts.limit_hit = true;
}

void Inspector::State::enter(const Value& value) {
  if (value.fresh) {
    if (frames.size() <= depth) frames.emplace_back();
    Frame& frame = frames[depth++];
    frame.value = &value;
    frame.origin = ++origins;
    frame.candidates.clear();
    frame.hits.clear();
    counts.searched_bytes += value.bytes.size();
    if (!scanner.scan(value.bytes, subject, infer, frame.candidates)) note_limit();
    if (infer && frame.candidates.empty()) infer_whole(value, frame.candidates);
  }
  if (scanner.database().photos.empty() || depth == 0) return;
  std::vector<Candidate> photos;
  scanner.match_photo(value.bytes, subject, photos);
  if (photos.empty()) return;
  Frame& frame = frames[depth - 1];
  const std::size_t offset = frame.offset_of(value);
  for (Candidate& photo : photos) {
    photo.begin = photo.anchor_begin = offset;
    photo.end = photo.anchor_end = offset + value.bytes.size();
    const auto same = [&](const Candidate& other) { return other.target == photo.target && other.begin == offset; };
    if (std::any_of(frame.candidates.begin(), frame.candidates.end(), same)) continue;
    const auto after = [](const Candidate& a, const Candidate& b) { return a.anchor_begin < b.anchor_begin; };
    frame.candidates.insert(std::upper_bound(frame.candidates.begin(), frame.candidates.end(), photo, after), photo);
  }
}

// A decoded string has its name in the path, not before it.
void Inspector::State::infer_whole(const Value& value, std::vector<Candidate>& candidates) const {
  const std::string_view text = as_text(value.bytes);
  const auto kind = whole_shape(text);
  if (!kind) return;
  const Value* named = &value;
  while (named && !named->detail) named = named->parent;
  if (!named) return;
  const auto found = examine_whole(text, *kind, named->detail->detail());
  if (!found) return;
  const auto& known = scanner.database().known[static_cast<std::size_t>(subject)];
  if (known.contains(normalized_value(text))) return;
  candidates.push_back({0, text.size(), 0, text.size(), Candidate::kInferred, found->datum, "plain", "",
                        found->log2_probability, found->context, false});
}

void Inspector::State::leave(const Value& value) {
  Frame& frame = frames[depth - 1];
  if (!frame.candidates.empty()) claim(frame, value);
  if (!value.fresh) return;
  --depth;
  if (frame.hits.empty()) return;
  if (depth == 0) {
    surface(frame);
  } else {
    float_up(frame, frames[depth - 1], value);
  }
}

// A part can only claim what was found around it, or be a photo.
std::size_t Inspector::State::least_part() const {
  if (depth > 0 && !frames[depth - 1].candidates.empty()) return 0;
  return scanner.database().smallest_photo;
}

// Nearly all tokens are known to nobody. What is said here must be what `enter` and `leave` would come to.
bool Inspector::State::passes(Bytes opaque) {
  if (scanner.database().photos.contains(opaque.size())) return false;
  if (!scanner.finds_nothing(opaque, infer) || (infer && whole_shape(as_text(opaque)))) return false;
  counts.searched_bytes += opaque.size();
  return true;
}

// Children leave before their parents, so the deepest value that holds a match gets it.
void Inspector::State::claim(Frame& frame, const Value& value) {
  const std::size_t begin = frame.offset_of(value), end = begin + value.bytes.size();
  auto at =
      std::lower_bound(frame.candidates.begin(), frame.candidates.end(), begin,
                       [](const Candidate& candidate, std::size_t from) { return candidate.anchor_begin < from; });
  for (; at != frame.candidates.end() && at->anchor_begin < end; ++at) {
    if (at->claimed || at->anchor_end > end) continue;
    at->claimed = true;
    record(frame, *at, value);
  }
}

// The effective URL is put together from host and target, which are searched where they stand: there only counts what
// spans both.
bool Inspector::State::met_elsewhere(const Frame& frame, const Candidate& candidate) const {
  const std::string& url = message->url;
  if (frame.value->step != "url" || !frame.value->parent || as_text(frame.value->bytes) != url) return false;
  const std::size_t seam = url.ends_with(message->target) ? url.size() - message->target.size() : url.size();
  return candidate.begin >= seam || candidate.end <= seam;
}

void Inspector::State::record(Frame& frame, Candidate& candidate, const Value& value) {
  if (met_elsewhere(frame, candidate)) return;
  Hit hit = make_hit(candidate, frame.value->bytes);
  for (Floating& other : frame.hits) {
    const bool overlap = other.begin < candidate.end && candidate.begin < other.end;
    if (!overlap || other.origin == 0) continue;
    // A decoded child knew the same bytes better.
    if (hit.entry < 0 && other.hit.entry >= 0) return;
    if (hit.form == "host-name" && hit.entry == other.hit.entry && other.hit.form == "plain") return;
    if (other.merged || !same_thing(other.hit, hit)) continue;
    other.merged = true;
    other.begin = std::max(other.begin, candidate.begin);
    other.end = std::min(other.end, candidate.end);
    // An identifier written in hex is met as text here and as its bytes in the child: the text is what was sent.
    const bool bytes_of_text = other.hit.spelling.find("bytes") != std::string::npos;
    if (bytes_of_text) describe(frame, candidate, value, hit);
    if (bytes_of_text) other.hit = std::move(hit);
    return;
  }
  if (frame.hits.size() >= limits.hits_per_message) return note_limit();
  describe(frame, candidate, value, hit);
  frame.hits.push_back({std::move(hit), candidate.begin, candidate.end, 0, false});
}

// Path and context of a hit in `value`.
void Inspector::State::describe(const Frame& frame, const Candidate& candidate, const Value& value, Hit& hit) const {
  std::vector<PathStep> steps = path_of(value);
  const bool digest = candidate.form != "plain" && candidate.form != "host-name";
  const bool whole = candidate.end - candidate.begin == frame.value->bytes.size();
  if (digest && whole && &value == frame.value && !steps.empty()) {
    // The form says what the bytes are; that they were written as hex or base64 is no step of its own then.
    if (steps.back().step == "hex" || steps.back().step.starts_with("base64")) {
      hit.spelling += steps.back().step == "hex" ? ", in hex" : ", in base64";
      steps.pop_back();
    }
  }
  if (hit.entry >= 0 && !hit.corroborated) {
    const auto& words = find_datum(hit.datum)->context;
    hit.context = supporting_context(as_text(frame.value->bytes), candidate.begin, steps, words);
    hit.corroborated = !hit.context.empty();
  }
  hit.path = message->layers;
  std::move(steps.begin(), steps.end(), std::back_inserter(hit.path));
}

Hit Inspector::State::make_hit(const Candidate& candidate, Bytes run) const {
  Hit hit;
  hit.subject = subject;
  hit.form = candidate.form;
  hit.spelling = candidate.spelling;
  hit.log2_probability = candidate.log2_probability;
  hit.context = candidate.context;
  hit.corroborated = !candidate.context.empty();
  const Bytes met = run.subspan(candidate.begin, std::min(candidate.end - candidate.begin, kShownBytes));
  if (candidate.target == Candidate::kInferred) {
    hit.datum = candidate.datum;
    hit.value = to_utf8(met);
    return hit;
  }
  const Target& target = scanner.database().targets[candidate.target];
  hit.entry = target.entry;
  hit.datum = target.planted->datum;
  hit.part = target.part;
  const bool text = candidate.form == "plain" || candidate.form == "host-name";
  if (target.planted->place) {
    hit.value = place_text(as_text(run), candidate);
  } else if (candidate.spelling == "whole file") {
    hit.value = target.planted->display;
  } else if (!text || candidate.spelling.find("bytes") != std::string_view::npos) {
    hit.value = to_hex(met);
  } else if (candidate.spelling.starts_with("UTF-16")) {
    for (const Entry::Part& part : target.planted->parts) {
      if (part.role == target.part) hit.value = part.text;
    }
  } else {
    hit.value = to_utf8(met);
  }
  return hit;
}

void Inspector::State::float_up(Frame& from, Frame& to, const Value& value) {
  const std::size_t base = value.parent ? to.offset_of(*value.parent) : 0;
  for (Floating& other : to.hits) other.merged = other.origin == 0;
  const std::size_t before = to.hits.size();
  for (Floating& up : from.hits) {
    up.begin = base + value.parent_begin;
    up.end = base + value.parent_end;
    up.origin = from.origin;
    up.merged = false;
    bool known = false;
    // Two decodings of the same bytes, such as of a whole query and of one parameter: the longer path says more.
    for (std::size_t i = 0; i < before && !known; ++i) {
      Floating& other = to.hits[i];
      if (other.merged || !same_thing(other.hit, up.hit) || other.begin >= up.end || up.begin >= other.end) continue;
      known = other.merged = true;
      up.begin = std::max(other.begin, up.begin);
      up.end = std::min(other.end, up.end);
      if (other.hit.path.size() < up.hit.path.size()) other.hit = std::move(up.hit);
      other.begin = up.begin;
      other.end = up.end;
    }
    if (known) continue;
    if (to.hits.size() >= limits.hits_per_message) return note_limit();
    to.hits.push_back(std::move(up));
  }
  for (Floating& other : to.hits) other.merged = false;
}

// Of a text that is known by its beginning, the end of all of it.
std::size_t Inspector::State::whole_end(const Floating& floating) const {
  if (floating.hit.spelling != "its beginning") return floating.end;
  const Subject& owner = scanner.database().subjects[static_cast<std::size_t>(subject)];
  for (const Entry::Part& part : owner.entries[static_cast<std::size_t>(floating.hit.entry)].parts) {
    if (part.role == floating.hit.part) return std::max(floating.end, floating.begin + part.text.size());
  }
  return floating.end;
}

// Pieces of one stream or body overlap. What ends where a piece is cut may be a part of something longer, which only
// the next piece can tell; what ended before is met in the next one again.
bool Inspector::State::of_another_piece(const Floating& floating) const {
  constexpr std::size_t kEdgeBytes = 8;
  const std::size_t overlap = message->overlap, size = message->body.size();
  if (floating.origin != 0) {
    // A token that was opened. One that ends with the piece may go on; the next piece has all of it. What a piece
    // begins with may be the rest of one.
    if (floating.end < overlap || (floating.begin == 0 && floating.end <= overlap)) return true;
    const std::size_t next = std::min<std::size_t>(limits.raw_overlap_bytes, size / 2);
    return !message->last_piece && floating.end == size && floating.begin + next > size;
  }
  const std::size_t end = whole_end(floating);
  if (end + std::min(kEdgeBytes, overlap) <= overlap) return true;
  if (message->last_piece) return false;
  const std::size_t next = std::min<std::size_t>(limits.raw_overlap_bytes, size / 2);
  return floating.begin + next >= size && end + std::min(kEdgeBytes, next) > size;
}

void Inspector::State::surface(Frame& frame) {
  const Bytes root = frame.value->bytes;
  const bool body = root.data() == message->body.data() && root.size() == message->body.size();
  for (Floating& floating : frame.hits) {
    if (body && of_another_piece(floating)) continue;
    floating.hit.in_head = !body;
    (body ? message->body_pieces : message->head_pieces).packets(floating.begin, floating.end, floating.hit.packets);
    surfaced.push_back(std::move(floating));
  }
}

// Names that stand in the message in another writing: DNS has their labels one by one, a CONNECT may come as fields.
void Inspector::State::add_names() {
  const bool question = message->kind == MessageKind::query && message->flow != nullptr;
  const bool connect = message->via == Via::proxy_connect && message->kind == MessageKind::request;
  const std::string& name = question ? message->host : message->tunnel_host;
  if ((!question && !connect) || name.empty()) return;
  std::vector<Candidate> candidates;
  scanner.scan(as_bytes(name), subject, false, candidates);
  for (const Candidate& candidate : candidates) {
    Hit hit = make_hit(candidate, as_bytes(name));
    const auto same = [&](const Floating& other) { return same_thing(other.hit, hit); };
    if (std::any_of(surfaced.begin(), surfaced.end(), same)) continue;
    hit.path = message->layers;
    hit.path.push_back({question ? "question" : "target", ""});
    hit.in_head = message->body_pieces.size() == 0 || connect;
    const PieceMap& pieces = hit.in_head ? message->head_pieces : message->body_pieces;
    pieces.packets(0, pieces.size(), hit.packets);
    surfaced.push_back({std::move(hit), 0, pieces.size(), 0, false});
  }
}

void Inspector::State::finish(std::vector<Hit>& out) {
  std::stable_sort(surfaced.begin(), surfaced.end(), [](const Floating& a, const Floating& b) {
    return std::tuple(!a.hit.in_head, a.begin, a.end, a.hit.entry) <
           std::tuple(!b.hit.in_head, b.begin, b.end, b.hit.entry);
  });
  // Two parts of one entry near each other are no accident.
  std::unordered_map<std::int32_t, std::size_t> last;
  for (std::size_t i = 0; i < surfaced.size(); ++i) {
    Hit& hit = surfaced[i].hit;
    if (hit.entry < 0) continue;
    const auto [at, added] = last.emplace(hit.entry, i);
    if (!added) {
      Floating& before = surfaced[at->second];
      const bool near = before.hit.in_head == hit.in_head && surfaced[i].begin <= before.end + kNeighbourBytes;
      if (near && before.hit.part != hit.part) {
        support(before.hit, "beside its " + hit.part);
        support(hit, "beside its " + before.hit.part);
      }
      at->second = i;
    }
  }
  const std::size_t most = limits.hits_per_message;
  if (surfaced.size() > most) {
    note_limit();
    surfaced.resize(most);
  }
  for (Floating& floating : surfaced) out.push_back(std::move(floating.hit));
}

Inspector::Inspector(std::shared_ptr<const MatcherDatabase> database, const Limits& limits, Anomalies& anomalies)
    : state_(std::make_unique<State>(std::move(database), limits, anomalies)) {}

Inspector::~Inspector() = default;

InspectionCounts Inspector::inspect(const Message& message, std::vector<Hit>& hits) {
  State& state = *state_;
  state.counts = {};
  const FlowInfo* flow = message.flow;
  if (!flow || flow->device == DeviceSide::none || flow->subject >= state.scanner.database().subjects.size()) {
    return state.counts;
  }
  state.message = &message;
  state.subject = static_cast<std::int32_t>(flow->subject);
  state.infer = (flow->device == DeviceSide::client) == (message.direction == Direction::to_server);
  state.depth = 0;
  state.origins = 0;
  state.surfaced.clear();
  const DecodeCounts decoded = walk_message(message, state.limits, state.anomalies, state);
  state.counts.content_bytes = decoded.content_bytes;
  state.counts.limit_hit |= decoded.limit_hit;
  state.counts.member = decoded.member;
  state.add_names();
  state.finish(hits);
  return state.counts;
}

}  // namespace tattle
