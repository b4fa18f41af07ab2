// Transforms of a streamed body that keep at most a few bytes from one call to the next.
#include <unicode/ucnv.h>

#include <algorithm>
#include <cstring>

#include "decode/body/stage.h"
#include "decode/coding/base64.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

/// Output belongs to the packets of its input, and to those of input that was still held.
class Transform : public BodyStage {
 public:
  Transform(BodyRun& run, BodyStagePtr next) : run_(run), next_(std::move(next)) {}

  void push(Bytes bytes, PacketRunsView packets) override {
    if (bytes.empty()) return;
    run_bytes(bytes, packets, false);
  }
  void lose(std::uint64_t missing) override {
    run_bytes({}, {}, true);
    held_.clear();
    carry_.clear();
    reset(missing);
    next_->lose(0);
  }
  void finish() override {
    run_bytes({}, {}, true);
    next_->finish();
  }

 protected:
  /// Appends to `out` what `in` gives, and returns how many bytes it used; the others come again with what follows.
  virtual std::size_t transform(Bytes in, ByteVector& out, bool at_end) = 0;
  virtual bool holds_state() const { return false; }
  virtual void reset(std::uint64_t) {}

  BodyRun& run_;

 private:
  void run_bytes(Bytes bytes, PacketRunsView packets, bool at_end) {
    Bytes in = bytes;
    if (!carry_.empty()) {
      carry_.insert(carry_.end(), bytes.begin(), bytes.end());
      in = carry_;
    }
    add_packets(held_, packets);
    out_.clear();
    const std::size_t used = transform(in, out_, at_end);
    if (!out_.empty()) {
      next_->push(out_, held_);
      held_.clear();
    }
    carry_ = ByteVector(in.begin() + static_cast<std::ptrdiff_t>(used), in.end());
    if (carry_.empty() && !holds_state()) {
      held_.clear();
    } else if (held_.empty()) {
      held_.assign(packets.begin(), packets.end());
    }
  }

  BodyStagePtr next_;
  ByteVector carry_, out_;
  PacketRuns held_;
};

void append(ByteVector& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// RFC 3986 section 2.1, WHATWG URL section 5.1.
class Percent : public Transform {
 public:
  using Transform::Transform;
  std::size_t transform(Bytes in, ByteVector& out, bool at_end) override {
    out.reserve(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
      const std::uint8_t c = in[i];
      if (c == '+') {
        out.push_back(' ');
      } else if (c != '%') {
        out.push_back(c);
      } else if (i + 2 < in.size()) {
        const int high = hex_value(in[i + 1]), low = hex_value(in[i + 2]);
        const bool escape = high >= 0 && low >= 0;
        out.push_back(escape ? static_cast<std::uint8_t>(high << 4 | low) : c);
        if (escape) i += 2;
      } else if (!at_end) {
        return i;
      } else {
        out.push_back(c);
      }
    }
    return in.size();
  }
};

class QuotedPrintable : public Transform {
 public:
  using Transform::Transform;
  std::size_t transform(Bytes in, ByteVector& out, bool at_end) override {
    out.reserve(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (in[i] != '=') {
        out.push_back(in[i]);
        continue;
      }
      if (i + 2 >= in.size() && !at_end) return i;
      const Bytes rest = in.subspan(i + 1);
      if (!rest.empty() && rest[0] == '\n') {
        i += 1;
      } else if (rest.size() >= 2 && rest[0] == '\r' && rest[1] == '\n') {
        i += 2;
      } else if (rest.size() >= 2 && hex_value(rest[0]) >= 0 && hex_value(rest[1]) >= 0) {
        out.push_back(static_cast<std::uint8_t>(hex_value(rest[0]) << 4 | hex_value(rest[1])));
        i += 2;
      } else {
        out.push_back('=');
      }
    }
    return in.size();
  }
};

// Digits of one size are joined to bytes; behind a loss the next whole group is looked for.
class Digits : public Transform {
 public:
  Digits(BodyRun& run, BodyStagePtr next, bool hex) : Transform(run, std::move(next)), hex_(hex) {}

  std::size_t transform(Bytes in, ByteVector& out, bool at_end) override {
    out.reserve(in.size());
    for (const std::uint8_t c : in) {
      if (c == '\n' || c == '\r') {
        lines_ = true;
        to_line_end_ = to_line_end_ && c != '\n';
      }
      if (to_line_end_) continue;
      if (c == '=') end_group(out);
      const int value = value_of(c);
      if (value < 0) continue;
      if (skip_ > 0) {
        --skip_;
        continue;
      }
      bits_ = bits_ << (hex_ ? 4 : 6) | static_cast<std::uint32_t>(value);
      if (++count_ < (hex_ ? 2u : 4u)) continue;
      if (!hex_) {
        out.push_back(static_cast<std::uint8_t>(bits_ >> 16));
        out.push_back(static_cast<std::uint8_t>(bits_ >> 8));
      }
      out.push_back(static_cast<std::uint8_t>(bits_));
      count_ = bits_ = 0;
    }
    if (at_end) end_group(out);
    return in.size();
  }
  bool holds_state() const override { return count_ > 0; }
  void reset(std::uint64_t missing) override {
    const std::uint64_t group = hex_ ? 2 : 4;
    to_line_end_ = lines_ || missing == 0;
    skip_ = to_line_end_ ? 0 : (group - (before_loss_ + missing) % group) % group;
    count_ = bits_ = 0;
  }

 private:
  int value_of(std::uint8_t c) const {
    if (hex_) return hex_value(c);
    if (!is_base64_byte(c)) return -1;
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : 63;
  }
  void end_group(ByteVector& out) {
    before_loss_ = count_;
    if (!hex_ && count_ == 2) out.push_back(static_cast<std::uint8_t>(bits_ >> 4));
    if (!hex_ && count_ == 3) {
      out.push_back(static_cast<std::uint8_t>(bits_ >> 10));
      out.push_back(static_cast<std::uint8_t>(bits_ >> 2));
    }
    count_ = bits_ = 0;
  }

  const bool hex_;
  std::uint32_t bits_ = 0, count_ = 0;
  std::uint64_t before_loss_ = 0, skip_ = 0;
  bool lines_ = false, to_line_end_ = false;
};

void append_utf8(ByteVector& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<std::uint8_t>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      put(0xe0 | c >> 12);
    } else {
      put(0xf0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3f));
    }
    put(0x80 | (c >> 6 & 0x3f));
  }
  put(0x80 | (c & 0x3f));
}

class JsonText : public Transform {
 public:
  using Transform::Transform;
  std::size_t transform(Bytes in, ByteVector& out, bool at_end) override {
    out.reserve(in.size());
    std::size_t at = 0;
    while (at < in.size()) {
      const void* found = std::memchr(in.data() + at, '\\', in.size() - at);
      const std::size_t escape =
          found ? static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - in.data()) : in.size();
      append(out, in.subspan(at, escape - at));
      if (escape == in.size()) return escape;
      // The longest escape is a pair of surrogates.
      if (in.size() - escape < 12 && !at_end) return escape;
      at = escape + take_escape(in.subspan(escape), out);
    }
    return at;
  }

 private:
  static int unit(Bytes in) {
    if (in.size() < 6 || in[0] != '\\' || in[1] != 'u') return -1;
    int value = 0;
    for (std::size_t i = 2; i < 6; ++i) {
      const int digit = hex_value(in[i]);
      if (digit < 0) return -1;
      value = value << 4 | digit;
    }
    return value;
  }
  static std::size_t take_escape(Bytes in, ByteVector& out) {
    const int first = unit(in);
    if (first >= 0) {
      const bool high = first >= 0xd800 && first < 0xdc00;
      const int second = high ? unit(in.subspan(6)) : -1;
      if (second >= 0xdc00 && second < 0xe000) {
        append_utf8(out, 0x10000u + (static_cast<std::uint32_t>(first - 0xd800) << 10) +
                             static_cast<std::uint32_t>(second - 0xdc00));
        return 12;
      }
      append_utf8(out, first >= 0xd800 && first < 0xe000 ? 0xfffdu : static_cast<std::uint32_t>(first));
      return 6;
    }
    if (in.size() < 2) {
      out.push_back(in[0]);
      return 1;
    }
    constexpr std::string_view kNames = "bfnrt", kMeant = "\b\f\n\r\t";
    const auto named = kNames.find(static_cast<char>(in[1]));
    out.push_back(named == std::string_view::npos ? in[1] : static_cast<std::uint8_t>(kMeant[named]));
    return 2;
  }
};

using Converter = std::unique_ptr<UConverter, decltype(&ucnv_close)>;

class Charset : public Transform {
 public:
  Charset(BodyRun& run, BodyStagePtr next, Converter from, Converter to, bool wide)
      : Transform(run, std::move(next)), from_(std::move(from)), to_(std::move(to)), wide_(wide) {}

  std::size_t transform(Bytes in, ByteVector& out, bool at_end) override {
    if (drop_ && !in.empty()) {
      in = in.subspan(1);
      drop_ = false;
      return 1 + transform(in, out, at_end);
    }
    size_ += in.size();
    out.resize(in.size() * 3 + 64);
    const char* source = as_text(in).data();
    char* const begin = reinterpret_cast<char*>(out.data());
    char* target = begin;
    UErrorCode error = U_ZERO_ERROR;
    ucnv_convertEx(to_.get(), from_.get(), &target, begin + out.size(), &source, source + in.size(), pivot_,
                   &pivot_from_, &pivot_to_, pivot_ + std::size(pivot_), false, at_end, &error);
    out.resize(static_cast<std::size_t>(target - begin));
    return in.size();
  }
  void reset(std::uint64_t missing) override {
    ucnv_reset(from_.get());
    ucnv_reset(to_.get());
    pivot_from_ = pivot_to_ = pivot_;
    drop_ = wide_ && (size_ + missing) % 2 == 1;
    size_ += missing;
  }

 private:
  Converter from_, to_;
  const bool wide_;
  bool drop_ = false;
  std::uint64_t size_ = 0;
  UChar pivot_[1024];
  UChar *pivot_from_ = pivot_, *pivot_to_ = pivot_;
};

}  // namespace

BodyStagePtr percent_stage(BodyRun& run, BodyStagePtr next) { return std::make_unique<Percent>(run, std::move(next)); }
BodyStagePtr quoted_printable_stage(BodyRun& run, BodyStagePtr next) {
  return std::make_unique<QuotedPrintable>(run, std::move(next));
}
BodyStagePtr base64_stage(BodyRun& run, BodyStagePtr next) {
  return std::make_unique<Digits>(run, std::move(next), false);
}
BodyStagePtr hex_stage(BodyRun& run, BodyStagePtr next) { return std::make_unique<Digits>(run, std::move(next), true); }
BodyStagePtr json_text_stage(BodyRun& run, BodyStagePtr next) {
  return std::make_unique<JsonText>(run, std::move(next));
}

BodyStagePtr charset_stage(BodyRun& run, const std::string& name, BodyStagePtr next) {
  UErrorCode error = U_ZERO_ERROR;
  Converter from(ucnv_open(name.c_str(), &error), ucnv_close), to(ucnv_open("UTF-8", &error), ucnv_close);
  if (U_FAILURE(error)) return nullptr;
  return std::make_unique<Charset>(run, std::move(next), std::move(from), std::move(to), name.starts_with("UTF-16"));
}

}  // namespace tattle
