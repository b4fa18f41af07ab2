#pragma once

#include <string>
#include <string_view>

#include "decode/body/stage.h"

namespace tattle {

constexpr std::size_t kLongestPartHead = 65536;  // fields of one part, or of a mail

/// What the fields of a part, or of a mail, say of its content; folded ones are unfolded. RFC 2045, 2183, 7578.
struct PartHead {
  std::string name;  // of Content-Disposition, else Content-ID
  BodyDeclared declared;
};
PartHead read_part_head(std::string_view text);

/// Behind the empty line that ends a part's fields; npos while it has not come.
std::size_t part_head_end(std::string_view text);

/// Takes the transfer encoding off a part's content and opens it as what it is declared. `depth`: of what holds the
/// part.
BodyStagePtr open_part_stage(BodyRun& run, const BodyPath& path, const BodyDeclared& declared, unsigned depth);

}  // namespace tattle
