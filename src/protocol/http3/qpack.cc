#include "protocol/http3/qpack.h"

#include <nghttp3/nghttp3.h>

#include <algorithm>

#include "protocol/http3/qpack_rewrite.h"

namespace tattle {
namespace {

std::string_view text_of(nghttp3_rcbuf* buffer) {
  const nghttp3_vec view = nghttp3_rcbuf_get_buf(buffer);
  return {reinterpret_cast<const char*>(view.base), view.len};
}

// What the library would answer on its own decoder stream; it refuses to go on when that is never taken.
void drop_answers(nghttp3_qpack_decoder* decoder) {
  std::size_t size = nghttp3_qpack_decoder_get_decoder_streamlen(decoder);
  if (size == 0) return;
  ByteVector room(size);
  nghttp3_buf buffer{room.data(), room.data() + room.size(), room.data(), room.data()};
  nghttp3_qpack_decoder_write_decoder(decoder, &buffer);
}

nghttp3_qpack_decoder* make_decoder(std::uint64_t table_bytes) {
  nghttp3_qpack_decoder* made = nullptr;
  constexpr std::size_t kBlockedStreams = 100;  // only counted by the library's own connections
  if (nghttp3_qpack_decoder_new(&made, table_bytes, kBlockedStreams, nghttp3_mem_default()) != 0) return nullptr;
  return made;
}

class SectionContext {
 public:
  SectionContext() {
    if (nghttp3_qpack_stream_context_new(&context_, 0, nghttp3_mem_default()) != 0) context_ = nullptr;
  }
  ~SectionContext() {
    if (context_ != nullptr) nghttp3_qpack_stream_context_del(context_);
  }
  SectionContext(const SectionContext&) = delete;
  SectionContext& operator=(const SectionContext&) = delete;
  nghttp3_qpack_stream_context* get() { return context_; }

 private:
  nghttp3_qpack_stream_context* context_ = nullptr;
};

}  // namespace

void QpackDecoder::Free::operator()(nghttp3_qpack_decoder* decoder) const { nghttp3_qpack_decoder_del(decoder); }

QpackDecoder::QpackDecoder(const Limits& limits)
    : table_limit_(limits.http2_header_table_bytes), early_limit_(limits.http_head_bytes) {}
QpackDecoder::~QpackDecoder() = default;

bool QpackDecoder::announce(std::uint64_t table_bytes) {
  if (announced_) return true;
  announced_ = true;
  if (table_bytes > table_limit_) {
    lose_table();
    return false;
  }
  table_bytes_ = table_bytes;
  const ByteVector early = std::move(early_);
  early_.clear();
  return early.empty() || read_encoder(early);
}

bool QpackDecoder::prepare() {
  if (!dynamic_) dynamic_.reset(make_decoder(table_bytes_));
  return dynamic_ != nullptr;
}

bool QpackDecoder::read_encoder(Bytes bytes) {
  if (lost_ || bytes.empty()) return true;
  if (!announced_) {
    if (early_.size() + bytes.size() > early_limit_) {
      lose_table();
      return false;
    }
    early_.insert(early_.end(), bytes.begin(), bytes.end());
    return true;
  }
  if (prepare()) {
    const nghttp3_ssize used = nghttp3_qpack_decoder_read_encoder(dynamic_.get(), bytes.data(), bytes.size());
    drop_answers(dynamic_.get());
    if (used >= 0 && static_cast<std::size_t>(used) == bytes.size()) return true;
  }
  lose_table();
  return false;
}

void QpackDecoder::acknowledge(std::uint64_t inserts) { acknowledged_ = std::max(acknowledged_, inserts); }

void QpackDecoder::lose_table() {
  lost_ = true;
  dynamic_.reset();
  early_ = {};
}

bool QpackDecoder::behind() const {
  return acknowledged_ > (dynamic_ ? nghttp3_qpack_decoder_get_icnt(dynamic_.get()) : 0);
}

bool QpackDecoder::needs_table(Bytes section) { return !section.empty() && section[0] != 0; }

QpackDecoder::Outcome QpackDecoder::decode(Bytes section, bool cut, Http2Head& head) {
  if (!needs_table(section) || lost_) return read_without_table(section, cut, head);
  if (!announced_ || behind()) return Outcome::blocked;
  if (!prepare()) return Outcome::malformed;
  const Outcome outcome = read(dynamic_.get(), section, cut, head);
  if (outcome == Outcome::malformed) lose_table();
  return outcome;
}

QpackDecoder::Outcome QpackDecoder::read_without_table(Bytes section, bool cut, Http2Head& head) {
  std::optional<ByteVector> rewritten = rewrite_without_table(section, cut);
  const bool good = rewritten.has_value();
  if (!good) rewritten = rewrite_without_table(section, true);
  if (!rewritten) return Outcome::malformed;
  if (!plain_) plain_.reset(make_decoder(0));
  if (!plain_) return Outcome::malformed;
  // The rewritten front of a cut section ends with a whole field line.
  const Outcome outcome = read(plain_.get(), *rewritten, false, head);
  if (outcome == Outcome::malformed) plain_.reset();  // the library does not go on after a fault
  return good ? outcome : Outcome::malformed;
}

QpackDecoder::Outcome QpackDecoder::read(nghttp3_qpack_decoder* decoder, Bytes section, bool cut, Http2Head& head) {
  SectionContext context;
  if (context.get() == nullptr) return Outcome::malformed;
  const std::uint8_t* at = section.data();
  std::size_t left = section.size();
  for (;;) {
    nghttp3_qpack_nv field{};
    std::uint8_t flags = 0;
    const nghttp3_ssize used =
        nghttp3_qpack_decoder_read_request(decoder, context.get(), &field, &flags, at, left, cut ? 0 : 1);
    if (used < 0) return Outcome::malformed;
    at += used;
    left -= static_cast<std::size_t>(used);
    if ((flags & NGHTTP3_QPACK_DECODE_FLAG_BLOCKED) != 0) return Outcome::blocked;
    if ((flags & NGHTTP3_QPACK_DECODE_FLAG_EMIT) != 0) {
      const std::string_view name = text_of(field.name);
      const bool unknown = name.size() == 1 && name[0] == kQpackUnknownName;
      head.add(unknown ? std::string_view() : name, text_of(field.value), unknown);
      nghttp3_rcbuf_decref(field.name);
      nghttp3_rcbuf_decref(field.value);
    }
    if ((flags & NGHTTP3_QPACK_DECODE_FLAG_FINAL) != 0) {
      drop_answers(decoder);
      return Outcome::done;
    }
    if ((flags & NGHTTP3_QPACK_DECODE_FLAG_EMIT) == 0 && (left == 0 || used == 0)) {
      return cut ? Outcome::done : Outcome::malformed;
    }
  }
}

}  // namespace tattle
