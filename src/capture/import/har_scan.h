#pragma once

#include <string>

#include "base/bytes.h"
#include "base/limits.h"
#include "capture/block_window.h"

namespace tattle {

/// Goes through a HAR file and cuts it into its entries, one at a time, so that memory holds one of them only. What is
/// inside an entry is simdjson's business; here only brackets and strings are told apart.
/// Source: RFC 8259; HAR 1.2 (members `log`, `version`, `entries`).
class HarScanner {
 public:
  HarScanner(BlockWindow& window, const Limits& limits) : window_(window), limits_(limits) {}

  enum class Start : std::uint8_t { ok, not_har, cut };
  /// Goes to the first entry.
  Start start();

  enum class Step : std::uint8_t {
    entry,      // one object
    too_large,  // an object over limits.import_entry_bytes; it was passed over
    no_object,  // something else stood in the list
    end,        // of the list, and the file holds together to its end
    cut,        // the file ends before that
  };
  /// @param entry  Lives until the next call.
  Step next(Bytes& entry);

  const std::string& version() const { return version_; }
  /// Where, in the file, what next() came to last began.
  std::uint64_t begin() const { return begin_; }

 private:
  int peek_token();
  bool take(char wanted);
  bool take_string(std::string& text);
  bool skip_value();
  bool skip_members();
  bool cut_out(bool keep, std::size_t& size, bool& too_large);

  BlockWindow& window_;
  const Limits& limits_;
  std::string version_;
  std::uint64_t begin_ = 0;
  std::size_t used_ = 0;  // bytes of the entry given out last
  bool first_ = true, ended_ = false, cut_ = false;
};

}  // namespace tattle
