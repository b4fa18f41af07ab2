#include "detect/jpeg_writer.h"

#include <libexif/exif-data.h>

#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <string_view>

namespace tattle {
namespace {

constexpr int kBlocksWide = 24, kBlocksHigh = 18;
// ITU-T T.81 table K.3: how many codes of each length from 1, and the categories in their order.
constexpr std::array<std::uint8_t, 16> kDcCounts{0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0};
constexpr std::array<std::uint8_t, 12> kDcValues{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

class BitWriter {
 public:
  void put(unsigned bits, int count) {
    for (int i = count - 1; i >= 0; --i) {
      byte_ = byte_ << 1 | (bits >> i & 1);
      if (++filled_ == 8) flush();
    }
  }
  std::string finish() {
    while (filled_ != 0) put(1, 1);
    return std::move(out_);
  }

 private:
  void flush() {
    out_ += static_cast<char>(byte_);
    if (byte_ == 0xff) out_ += '\0';  // byte stuffing, section B.1.1.5
    byte_ = 0;
    filled_ = 0;
  }
  std::string out_;
  unsigned byte_ = 0;
  int filled_ = 0;
};

void put_dc(BitWriter& out, int difference) {
  int category = 0;
  while (std::abs(difference) >> category != 0) ++category;
  // Codes of table K.3, in order of length.
  unsigned code = 0;
  int at = 0;
  for (int length = 1; length <= 16; ++length, code <<= 1) {
    for (int i = 0; i < kDcCounts[static_cast<std::size_t>(length - 1)]; ++i, ++at, ++code) {
      if (kDcValues[static_cast<std::size_t>(at)] == category) out.put(code, length);
    }
  }
  if (difference < 0) difference += (1 << category) - 1;
  out.put(static_cast<unsigned>(difference), category);
}

void segment(std::string& out, std::uint8_t marker, std::string_view content) {
  const std::size_t size = content.size() + 2;
  out += {static_cast<char>(0xff), static_cast<char>(marker), static_cast<char>(size >> 8), static_cast<char>(size)};
  out += content;
}

std::string scan(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  BitWriter out;
  int previous = 0;
  for (int block = 0; block < kBlocksWide * kBlocksHigh; ++block) {
    // With a quantiser of 8 a DC of one is a step of one in brightness, from -128.
    const int level = static_cast<int>(random() % 256) - 128;
    put_dc(out, level - previous);
    out.put(0, 1);  // end of block: the only code of the AC table below
    previous = level;
  }
  return out.finish();
}

void set_entry(ExifData* data, ExifIfd ifd, int tag, ExifFormat format, unsigned long components, const void* bytes,
               unsigned size) {
  ExifEntry* entry = exif_entry_new();
  entry->tag = static_cast<ExifTag>(tag);
  entry->format = format;
  entry->components = components;
  entry->size = size;
  ExifMem* memory = exif_mem_new_default();
  entry->data = static_cast<unsigned char*>(exif_mem_alloc(memory, size));
  std::memcpy(entry->data, bytes, size);
  exif_content_add_entry(data->ifd[ifd], entry);
  exif_mem_unref(memory);
  exif_entry_unref(entry);
}

void set_text(ExifData* data, ExifIfd ifd, int tag, const std::string& text) {
  set_entry(data, ifd, tag, EXIF_FORMAT_ASCII, text.size() + 1, text.c_str(), static_cast<unsigned>(text.size() + 1));
}

// Degrees, minutes, and seconds in ten-thousandths.
void set_degrees(ExifData* data, int tag, double degrees) {
  const auto total = static_cast<std::uint64_t>(std::llround(std::abs(degrees) * 3600 * 10000));
  const std::array<ExifRational, 3> parts{{{static_cast<ExifLong>(total / 36000000), 1},
                                           {static_cast<ExifLong>(total / 600000 % 60), 1},
                                           {static_cast<ExifLong>(total % 600000), 10000}}};
  std::array<unsigned char, 24> bytes{};
  for (std::size_t i = 0; i < 3; ++i) exif_set_rational(bytes.data() + 8 * i, EXIF_BYTE_ORDER_INTEL, parts[i]);
  set_entry(data, EXIF_IFD_GPS, tag, EXIF_FORMAT_RATIONAL, 3, bytes.data(), 24);
}

std::string exif(double latitude, double longitude, const std::string& serial) {
  constexpr int kBodySerialNumber = 0xa431;  // EXIF 2.3
  const std::unique_ptr<ExifData, decltype(&exif_data_unref)> data(exif_data_new(), exif_data_unref);
  exif_data_set_byte_order(data.get(), EXIF_BYTE_ORDER_INTEL);
  set_text(data.get(), EXIF_IFD_EXIF, kBodySerialNumber, serial);
  set_text(data.get(), EXIF_IFD_GPS, EXIF_TAG_GPS_LATITUDE_REF, latitude < 0 ? "S" : "N");
  set_degrees(data.get(), EXIF_TAG_GPS_LATITUDE, latitude);
  set_text(data.get(), EXIF_IFD_GPS, EXIF_TAG_GPS_LONGITUDE_REF, longitude < 0 ? "W" : "E");
  set_degrees(data.get(), EXIF_TAG_GPS_LONGITUDE, longitude);
  unsigned char* bytes = nullptr;
  unsigned size = 0;
  exif_data_save_data(data.get(), &bytes, &size);
  std::string out(reinterpret_cast<char*>(bytes), size);
  ExifMem* memory = exif_mem_new_default();
  exif_mem_free(memory, bytes);
  exif_mem_unref(memory);
  return out;
}

}  // namespace

std::string make_photo(std::uint64_t seed, double latitude, double longitude, const std::string& serial) {
  constexpr int kWidth = kBlocksWide * 8, kHeight = kBlocksHigh * 8;
  std::string out("\xff\xd8", 2);
  segment(out, 0xe1, exif(latitude, longitude, serial));
  segment(out, 0xdb, std::string(1, '\0') + std::string(64, '\x08'));
  const char frame[] = {8,
                        static_cast<char>(kHeight >> 8),
                        static_cast<char>(kHeight),
                        static_cast<char>(kWidth >> 8),
                        static_cast<char>(kWidth),
                        1,
                        1,
                        0x11,
                        0};
  segment(out, 0xc0, {frame, sizeof frame});
  std::string dc(1, '\0');
  dc.append(kDcCounts.begin(), kDcCounts.end());
  dc.append(kDcValues.begin(), kDcValues.end());
  segment(out, 0xc4, dc);
  std::string ac(1, '\x10');
  ac += '\x01';  // one code of one bit: end of block
  ac.append(15, '\0');
  ac += '\0';
  segment(out, 0xc4, ac);
  const char start[] = {1, 1, 0, 0, 63, 0};
  segment(out, 0xda, {start, sizeof start});
  out += scan(seed);
  out.append("\xff\xd9", 2);
  return out;
}

}  // namespace tattle
