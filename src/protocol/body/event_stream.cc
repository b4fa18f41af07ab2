// Server-sent events: lines `field: value`, an empty line behind each event.
#include <algorithm>
#include <string>

#include "protocol/body/splitter.h"
#include "protocol/http2/head.h"

namespace tattle {
namespace {

constexpr std::size_t kLongestName = 16;         // no field that means anything has a longer name
constexpr std::size_t kMostCommentBytes = 4096;  // kept until an event comes, which they go with

class EventSplitter : public BodySplitter {
 public:
  EventSplitter(const Message& head, ParserContext& parser)
      : BodySplitter(head, parser), fields_(parser.limits->http_head_bytes), data_(*parser.limits) {
    frame_.protocol = "sse";
    frame_.layers.push_back({"event-stream", ""});
  }

  void on_data(const Chunk& chunk, Bytes data) override {
    while (!data.empty()) {
      // CR, LF or both end a line; a LF right behind a CR ends none.
      if (after_return_) {
        after_return_ = false;
        if (data[0] == '\n') {
          data = data.subspan(1);
          continue;
        }
      }
      const auto end = std::find_if(data.begin(), data.end(), [](std::uint8_t c) { return c == '\n' || c == '\r'; });
      const auto size = static_cast<std::size_t>(end - data.begin());
      if (size > 0) line_bytes(chunk, data.first(size));
      if (end == data.end()) return;
      after_return_ = *end == '\r';
      line_end(chunk);
      data = data.subspan(size + 1);
    }
  }

  void on_gap(const Chunk& where, std::uint64_t) override {
    frame_.damaged = true;
    line_end(where);
    finish_event();
    // Of the line in which reading goes on, the beginning is lost: its rest is searched as data.
    frame_.damaged = true;
    part_ = Part::data;
    after_return_ = false;
  }

  void on_end(bool damaged) override {
    // An event without its empty line is not finished (section 9.2.6).
    const bool unfinished = part_ != Part::name || !name_.empty() || data_lines_ > 0;
    frame_.damaged |= damaged || unfinished;
    if (part_ == Part::name && !name_.empty()) fields_.add("field", name_, false);
    if (part_ == Part::value) fields_.add(name_, value_, false);
    name_.clear();
    if (data_lines_ > 0 || part_ == Part::data || fields_.count() > 0) finish_event();
  }

  std::uint64_t held_bytes() const override { return data_.held_bytes() + fields_.text().size() + value_.size(); }
  void relieve() override {
    data_.relieve([&] { emit_data(false); });
  }

 private:
  enum class Part : std::uint8_t { name, value, data };

  void line_bytes(const Chunk& chunk, Bytes bytes) {
    if (!seen_any_) frame_.first = chunk.seen;
    seen_any_ = true;
    frame_.last = chunk.seen;
    while (part_ == Part::name && !bytes.empty()) {
      const char c = static_cast<char>(bytes[0]);
      bytes = bytes.subspan(1);
      skip_space_ = c == ':';
      if (c != ':') name_ += c;
      if (!first_line_done_ && name_ == "\xEF\xBB\xBF") name_.clear();
      if (c == ':' || name_.size() > kLongestName) begin_value(chunk);
    }
    if (skip_space_ && !bytes.empty()) {
      skip_space_ = false;
      if (bytes[0] == ' ') bytes = bytes.subspan(1);
    }
    if (part_ == Part::data) return add_data(chunk, bytes);
    add_packets(field_packets_, chunk.packets);
    const std::uint64_t most = parser_.limits->http_head_bytes;
    value_ +=
        as_text(bytes.first(std::min<std::size_t>(bytes.size(), most - std::min<std::size_t>(most, value_.size()))));
  }

  void begin_value(const Chunk& chunk) {
    if (name_ == "data") {
      begin_data(chunk);
    } else if (name_.size() > kLongestName) {
      // Not a line of an event stream; what it is gets searched.
      begin_data(chunk);
      add_data(chunk, as_bytes(name_));
    } else {
      part_ = Part::value;
    }
  }
  void begin_data(const Chunk& chunk) {
    part_ = Part::data;
    if (data_lines_++ > 0) add_data(chunk, as_bytes("\n"));
  }
  void add_data(const Chunk& chunk, Bytes bytes) {
    data_.add(bytes, chunk.packets, chunk.seen, [&] { emit_data(false); });
  }

  void line_end(const Chunk& chunk) {
    first_line_done_ = true;
    const bool empty = part_ == Part::name && name_.empty();
    if (part_ == Part::name && !empty) {
      // A name alone is a field without a value.
      if (name_ == "data") {
        begin_data(chunk);
      } else {
        fields_.add(name_, "", false);
      }
    } else if (part_ == Part::value) {
      is_event_ |= !name_.empty();
      if (name_ == "event") frame_.method = value_;
      fields_.add(name_.empty() ? std::string_view("comment") : std::string_view(name_), value_, false);
    }
    part_ = Part::name;
    name_.clear();
    value_.clear();
    skip_space_ = false;
    if (!empty) return;
    const bool comments_only = data_lines_ == 0 && !is_event_ && !frame_.damaged;
    if (!comments_only || fields_.text().size() > kMostCommentBytes) finish_event();
  }

  void finish_event() {
    if (data_lines_ > 0 || data_.has_new() || fields_.count() > 0) emit_data(true);
    fields_.clear();
    field_packets_.clear();
    data_.clear();
    data_lines_ = 0;
    part_ = Part::name;
    is_event_ = seen_any_ = false;
    frame_.damaged = false;
    frame_.method.clear();
  }

  void emit_data(bool last) {
    if (data_.offset() == 0) {
      frame_.head = as_bytes(fields_.text());
      frame_.head_pieces.add(frame_.head.size(), field_packets_);
      fields_.fields(0, frame_.fields);
    }
    emit(data_, last);
    frame_.fields.clear();
    frame_.head = {};
    frame_.head_pieces.clear();
  }

  Part part_ = Part::name;
  std::string name_, value_;  // of the line under way
  bool after_return_ = false, skip_space_ = false, first_line_done_ = false;
  bool seen_any_ = false;  // of this event
  bool is_event_ = false;  // it has a field
  Http2Head fields_;       // all but its data
  PacketRuns field_packets_;
  std::size_t data_lines_ = 0;
  BodyAssembler data_;  // lines of `data`, joined by line feeds
};

}  // namespace

std::unique_ptr<BodySplitter> make_event_splitter(const Message& head, ParserContext& parser) {
  return std::make_unique<EventSplitter>(head, parser);
}

}  // namespace tattle
