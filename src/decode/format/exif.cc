#include <fmt/format.h>
#include <libexif/exif-data.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>

#include "decode/decoders.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

// The payload of the APP1 segment that holds Exif, `Exif\0\0` included. Exif 2.32 section 4.5.4.
Bytes find_exif(Bytes jpeg) {
  std::size_t at = 2;
  while (at + 4 <= jpeg.size() && jpeg[at] == 0xff) {
    const std::uint8_t marker = jpeg[at + 1];
    if (marker == 0xff) {
      ++at;
      continue;
    }
    if (marker == 0xda || marker == 0xd9) break;  // the picture itself
    const std::size_t length = static_cast<std::size_t>(jpeg[at + 2] << 8 | jpeg[at + 3]);
    if (length < 2) break;
    const Bytes payload = jpeg.subspan(at + 4, std::min(length - 2, jpeg.size() - at - 4));
    if (marker == 0xe1 && as_text(payload).starts_with(std::string_view("Exif\0\0", 6))) return payload;
    at += 2 + length;
  }
  return {};
}

std::string_view ascii(const ExifEntry& entry) {
  std::string_view text(reinterpret_cast<const char*>(entry.data), entry.size);
  if (const auto end = text.find('\0'); end != std::string_view::npos) text = text.substr(0, end);
  return trim(text);
}

// Degrees, minutes and seconds as three rationals.
std::optional<double> degrees(const ExifContent* gps, unsigned tag, unsigned reference_tag, char negative,
                              ExifByteOrder order) {
  auto* content = const_cast<ExifContent*>(gps);
  const ExifEntry* entry = exif_content_get_entry(content, static_cast<ExifTag>(tag));
  const ExifEntry* reference = exif_content_get_entry(content, static_cast<ExifTag>(reference_tag));
  if (!entry || entry->format != EXIF_FORMAT_RATIONAL || entry->components < 3 || entry->size < 24) return std::nullopt;
  double value = 0, unit = 1;
  for (unsigned i = 0; i < 3; ++i, unit *= 60) {
    const ExifRational part = exif_get_rational(entry->data + 8 * i, order);
    if (part.denominator != 0) {
      value += part.numerator / static_cast<double>(part.denominator) / unit;
    } else if (i == 0) {
      return std::nullopt;
    }
  }
  if (reference && reference->size > 0 && (reference->data[0] & 0xdf) == negative) value = -value;
  return std::isfinite(value) && std::abs(value) <= 180 ? std::optional(value) : std::nullopt;
}

struct Photo {
  Walker& walker;
  const Value& value;
  Bytes range;

  void show(std::string_view name, std::string_view text) const {
    if (text.empty()) return;
    const TextDetail detail(name);
    walker.made(value, "exif", &detail, range, as_bytes(text), kNothingInside);
  }
};

void show_content(ExifContent* content, void* photo) {
  exif_content_foreach_entry(
      content,
      [](ExifEntry* entry, void* to) {
        if (!entry->data || entry->size == 0) return;
        const char* name = exif_tag_get_name_in_ifd(entry->tag, exif_entry_get_ifd(entry));
        const Photo& shown = *static_cast<Photo*>(to);
        if (entry->format == EXIF_FORMAT_ASCII) shown.show(name ? name : "tag", ascii(*entry));
        // A comment names its character set in its first 8 bytes; Exif 2.32 section 4.6.5.
        if (entry->tag == EXIF_TAG_USER_COMMENT && entry->size > 8 && entry->format == EXIF_FORMAT_UNDEFINED) {
          std::string_view text(reinterpret_cast<const char*>(entry->data) + 8, entry->size - 8);
          shown.show("UserComment", text.substr(0, text.find_last_not_of(std::string_view("\0 ", 2)) + 1));
        }
      },
      photo);
}

}  // namespace

bool declared_jpeg(const MediaType& type) { return type.essence == "image/jpeg" || type.essence == "image/jpg"; }

bool sniff_jpeg(Bytes bytes) { return bytes.size() >= 4 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff; }

bool open_exif(Walker& walker, const Value& value, const MediaType&) {
  if (!sniff_jpeg(value.bytes)) return false;
  const Bytes range = find_exif(value.bytes);
  if (range.empty()) return false;
  std::unique_ptr<ExifData, decltype(&exif_data_unref)> data(
      exif_data_new_from_data(range.data(), static_cast<unsigned>(range.size())), exif_data_unref);
  if (!data) return false;
  Photo photo{walker, value, range};
  const ExifContent* gps = data->ifd[EXIF_IFD_GPS];
  const ExifByteOrder order = exif_data_get_byte_order(data.get());
  const auto latitude = degrees(gps, EXIF_TAG_GPS_LATITUDE, EXIF_TAG_GPS_LATITUDE_REF, 'S', order);
  const auto longitude = degrees(gps, EXIF_TAG_GPS_LONGITUDE, EXIF_TAG_GPS_LONGITUDE_REF, 'W', order);
  if (latitude && longitude && std::abs(*latitude) <= 90) {
    photo.show("GPS position", fmt::format("{:.6f},{:.6f}", *latitude, *longitude));
  }
  exif_data_foreach_content(data.get(), show_content, &photo);
  return true;
}

}  // namespace tattle
