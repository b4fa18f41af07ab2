#pragma once

#include <libdeflate.h>
#include <zlib.h>

#include "decode/coding/unpack.h"

namespace tattle {

/// Undoes deflate in its three wrappings. What is whole and fits the room at hand is libdeflate's, which is several
/// times as fast; zlib takes the rest, since it tells how far a cut or damaged stream was good.
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
  bool run_whole(Bytes input, int window_bits, UnpackOutput& output, std::size_t& used);

  libdeflate_decompressor* whole_ = nullptr;
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace tattle
