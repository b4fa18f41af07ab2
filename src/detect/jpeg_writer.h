#pragma once

#include <cstdint>
#include <string>

namespace tattle {

/// A small grey JPEG (ITU-T T.81, baseline) of squares drawn by `seed`, with EXIF: a camera's serial number and a GPS
/// position. Its bytes are those of no other photo.
std::string make_photo(std::uint64_t seed, double latitude, double longitude, const std::string& serial);

}  // namespace tattle
