#pragma once

#include <memory>
#include <optional>
#include <string>

#include "capture/capture.h"
#include "capture/capture_context.h"

namespace tattle {

/// A capture of messages rather than packets: reads entry by entry, and hands the messages out in order of time.
class ImportFormat {
 public:
  virtual ~ImportFormat() = default;
  /// Before next(). Empty when it can be read, else why not, for the user.
  virtual std::string start(CaptureContext& context) = 0;
  /// Nothing at the end.
  virtual std::optional<CaptureEvent> next(CaptureContext& context) = 0;
  /// `HAR 1.2`, `mitmproxy flows`, `SAZ`.
  virtual std::string name() const = 0;
};

/// The format whose beginning this is; null when it is none of an import.
/// @param front  Up to 64 bytes, fewer at the end of a short file.
std::unique_ptr<ImportFormat> make_import_format(Bytes front);

}  // namespace tattle
