#pragma once

#include <zlib.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace tattle {

/// What permessage-deflate means for each side. Source: RFC 7692 section 7.1.
struct DeflateAgreement {
  struct Side {
    bool takeover = true;  // the window is kept from one message to the next
    int window_bits = 15;
  };
  Side client, server;  // by sender
};

/// Reads the answer's Sec-WebSocket-Extensions; nothing when the extension is not in it, or not understood.
std::optional<DeflateAgreement> read_deflate_agreement(std::string_view extensions);

/// Inflates the messages of one side. Memory (zlib's 7 KiB and the window) is taken with the first compressed message
/// and, without takeover, given back after each.
class MessageInflater {
 public:
  enum class State : std::uint8_t { good, damaged, limited };

  MessageInflater(DeflateAgreement::Side side, std::uint64_t most_ratio) : side_(side), most_ratio_(most_ratio) {}
  ~MessageInflater();
  MessageInflater(const MessageInflater&) = delete;
  MessageInflater& operator=(const MessageInflater&) = delete;

  /// Calls use(Bytes) for what comes out, which lives for that call.
  template <class Use>
  State run(Bytes data, Use&& use) {
    if (!begin()) return State::damaged;
    std::uint8_t out[16384];
    stream_.next_in = const_cast<Bytef*>(data.data());
    stream_.avail_in = static_cast<uInt>(data.size());
    for (;;) {
      stream_.next_out = out;
      stream_.avail_out = sizeof out;
      const int status = inflate(&stream_, Z_NO_FLUSH);
      const std::size_t got = sizeof out - stream_.avail_out;
      if (got > 0) use(Bytes(out, got));
      output_ += got;
      if (status == Z_STREAM_END) {
        // A final block may be followed by others (RFC 7692 section 7.2.3.4); the window stays.
        inflateResetKeep(&stream_);
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        return State::damaged;
      }
      if (output_ > kFreeOutput && output_ / most_ratio_ > input_ + data.size()) return State::limited;
      if (stream_.avail_in == 0 && stream_.avail_out != 0) break;
    }
    input_ += data.size();
    return State::good;
  }

  /// The message is over: what was left off its end (RFC 7692 section 7.2.1) is put back.
  template <class Use>
  State end_message(Use&& use) {
    static constexpr std::uint8_t kTail[] = {0, 0, 0xff, 0xff};
    const State state = run(kTail, use);
    forget_message();
    return state;
  }
  /// Forgets a message that was damaged.
  void forget_message();

 private:
  static constexpr std::uint64_t kFreeOutput = 1 << 20;  // of a message, before the ratio counts
  bool begin();

  DeflateAgreement::Side side_;
  std::uint64_t most_ratio_;
  z_stream stream_{};
  bool ready_ = false;
  std::uint64_t input_ = 0, output_ = 0;  // of the message
};

}  // namespace tattle
