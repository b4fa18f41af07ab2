#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "packet/dissector.h"

namespace tattle {

/// One planted datum of a subject file.
struct Entry {
  std::string datum;    // the word used in the file: `imei`, `location`, `contact`, …
  std::string kind;     // group for the report: `identifier`, `location`, `communication`, `contact-data`, …
  std::string name;     // `name` in the file, else `datum#n` counting that datum from 1 in the file's order
  std::string display;  // the value as a person writes it, for --reveal
  std::string masked;   // the same with its middle hidden
  int line = 0;         // in the file, from 1

  /// One text or byte string to look for, in one of its parts (`value`, `from`, `ssid`, …).
  struct Part {
    std::string role;        // name of the field in the file
    std::string text;        // UTF-8
    std::uint64_t size = 0;  // of a photo's file
    ByteVector sha256;       // of a photo's file; empty otherwise
    struct Digest {
      std::string_view form;  // `md5`, `sha1`, `sha256`, `sha512`
      ByteVector bytes;
    };
    std::vector<Digest> digests;  // of a photo's file, every kind; empty otherwise
  };
  std::vector<Part> parts;

  struct Place {
    double latitude = 0, longitude = 0;  // degrees, WGS 84
    double radius_m = 0;
  };
  std::optional<Place> place;
};

struct Subject {
  std::string name;  // printed name of the test person and phone
  std::string maker, model, system, system_vendor;
  DeviceAddresses addresses;
  std::vector<Entry> entries;
  std::vector<std::string> warnings;  // values too short or too common to prove anything: one line each
};

/// Reads a subject file. Photos are read from beside it.
/// @throws UserError  `FILE:LINE: FIELD: what is wrong; what to do`.
Subject load_subject(const std::string& path);

/// The same from text; `base` is the folder for photos, `shown` the name in errors.
Subject parse_subject(const std::string& yaml, const std::string& base, const std::string& shown);

/// `--device`: a MAC address, an IP address or a prefix. Throws UserError.
void add_device_address(DeviceAddresses& addresses, const std::string& text, const std::string& shown);

}  // namespace tattle
