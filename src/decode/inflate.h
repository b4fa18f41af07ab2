#pragma once

#include <zlib.h>

#include "decode/unpack.h"

namespace tattle {

/// zlib's inflate with its window kept from one message to the next.
class Inflater {
 public:
  Inflater() = default;
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Unpacks one stream. @param window_bits  As zlib's inflateInit2: 31 gzip, 15 zlib, -15 raw deflate.
  /// @param used  Bytes of the input that belonged to the stream.
  Unpacked run(Bytes input, int window_bits, UnpackOutput& output, std::size_t& used);

 private:
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace tattle
