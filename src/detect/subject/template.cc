#include "detect/subject/template.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <cmath>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include "detect/jpeg_writer.h"
#include "detect/subject/datum.h"

namespace tattle {
namespace {

std::uint64_t random_number() {
  std::uint64_t number = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) != 1) {
    throw std::runtime_error("no random numbers to be had");
  }
  return number;
}

std::string random_text(std::string_view alphabet, std::size_t count) {
  std::string out;
  while (out.size() < count) out += alphabet[random_number() % alphabet.size()];
  return out;
}

std::string digits(std::size_t count) { return random_text("0123456789", count); }

// Without letters and digits that are taken for one another, so that a person can copy them.
std::string letters(std::size_t count) { return random_text("abcdefghjkmnpqrstuvwxyz", count); }

// Pronounceable, so that it can be typed.
std::string word(std::size_t syllables) {
  std::string out;
  for (std::size_t i = 0; i < syllables; ++i) out += random_text("bdfghklmnprstv", 1) + random_text("aeiou", 1);
  return out;
}

std::string capital(std::string text) {
  text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string uuid() {
  std::string hex = random_text("0123456789abcdef", 32);
  hex[12] = '4';  // RFC 4122: version 4, variant 1
  hex[16] = "89ab"[random_number() % 4];
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20));
}

// Locally administered and unicast.
std::string mac() {
  std::string out = "02";
  for (int i = 0; i < 5; ++i) out += ":" + random_text("0123456789abcdef", 2);
  return out;
}

std::string checked(std::string number) {
  number += luhn_digit(number);
  return number;
}

// Numbers that the North American plan keeps for fiction: 555-0100 to 555-0199 of any area.
std::string phone() {
  static constexpr std::string_view kAreas[] = {
      "202", "206", "212", "213", "214", "215", "303", "305", "312", "313", "314", "404", "415", "503", "504", "512",
      "602", "612", "613", "615", "617", "619", "702", "703", "704", "713", "801", "804", "808", "816", "901", "907"};
  return fmt::format("+1{}55501{}", kAreas[random_number() % std::size(kAreas)], digits(2));
}

std::string message() {
  return fmt::format("Meet {} {} at the {} pier, bring the {} box", capital(word(3)), capital(word(4)), word(3),
                     word(4));
}

struct Person {
  std::string first = capital(word(3)), last = capital(word(4)), phone = tattle::phone();
  std::string email = fmt::format("{}.{}@example.com", word(3), letters(12));
};

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string device_line(const FreshWishes& wishes) {
  const auto or_else = [](const std::string& text, const char* usual) { return quoted(text.empty() ? usual : text); };
  std::string addresses;
  for (const std::string& address : wishes.addresses) addresses += (addresses.empty() ? "" : ", ") + quoted(address);
  std::string line =
      fmt::format("device: {{maker: {}, model: {}, system: {}, system-vendor: {}",
                  or_else(wishes.maker, "unknown maker"), or_else(wishes.model, "unknown model"),
                  or_else(wishes.system, "unknown system"), or_else(wishes.system_vendor, "unknown vendor"));
  return line + (addresses.empty() ? "}\n" : fmt::format(", addresses: [{}]}}\n", addresses));
}

constexpr std::string_view kHeader =
    "# A test person and phone for `tattle audit --subject`. All values are generated and belong to nobody.\n"
    "# Plant them: import {0}.vcf into the contacts, put {0}.jpg into the photos, and follow {0}.txt.\n"
    "# A real phone has its own IMEI, IMSI, ICCID, serial number and identifiers: replace those lines with what the\n"
    "# phone shows, or delete them. Say which host the phone is: device.addresses: [MAC or IP address].\n";

}  // namespace

std::vector<FreshFile> fresh_subject(const std::string& stem, const FreshWishes& wishes) {
  const Person self, friend_one;
  Person friend_two;
  while (friend_two.phone == friend_one.phone || friend_two.phone == self.phone) friend_two.phone = phone();
  // Open sea south of the equator, when no place is wished: nobody lives there.
  const double latitude =
      wishes.has_place ? wishes.latitude : -40 - static_cast<double>(random_number() % 900000) / 1e5;
  const double longitude =
      wishes.has_place ? wishes.longitude : -110 - static_cast<double>(random_number() % 900000) / 1e5;
  const std::string serial = random_text("ABCDEFGHJKLMNPRSTUVWXYZ23456789", 14);
  const std::string first_text = message(), second_text = message(), password = letters(16);
  const std::string search = word(4) + " " + word(4) + " " + word(3), page = letters(10),
                    ssid = capital(word(4)) + "-" + letters(8);
  const std::string bssid = mac();
  std::string yaml = fmt::format(kHeader, stem) + device_line(wishes) + "data:\n";
  const auto add = [&](std::string_view datum, std::string_view fields) {
    yaml += fmt::format("  - {{datum: {}, {}}}\n", datum, fields);
  };
  const auto value = [&](std::string_view datum, std::string_view text) {
    add(datum, fmt::format("value: {}", quoted(text)));
  };
  // 00 10 17: a type allocation code that GSMA keeps for tests; 001 01: ITU's test network; 89 01: its SIM issuer.
  value("imei", checked("00101700" + digits(6)));
  value("imsi", "00101" + digits(10));
  value("iccid", checked("8988201" + digits(11)));
  value("serial-number", serial);
  value("android-id", random_text("0123456789abcdef", 16));
  value("advertising-id", uuid());
  value("device-id", uuid());
  value("mac-address", mac());
  value("bluetooth", mac());
  value("account-id", letters(16));
  value("username", word(3) + letters(8));
  value("password", password);
  value("name", self.first + " " + self.last);
  value("phone-number", self.phone);
  value("email", self.email);
  add("contact", fmt::format("name: {}, phone-number: {}, email: {}", quoted(friend_one.first + " " + friend_one.last),
                             quoted(friend_one.phone), quoted(friend_one.email)));
  add("sms", fmt::format("value: {}, from: {}", quoted(first_text), quoted(friend_one.phone)));
  add("sms", fmt::format("value: {}, to: {}", quoted(second_text), quoted(friend_two.phone)));
  add("location", fmt::format("latitude: {:.5f}, longitude: {:.5f}, radius-m: 250, name: home", latitude, longitude));
  add("wifi-network", fmt::format("ssid: {}, bssid: {}", quoted(ssid), quoted(bssid)));
  add("photo", fmt::format("file: {}", quoted(stem + ".jpg")));
  value("search", search);
  add("browsing", fmt::format("url: {}", quoted("https://www.example.com/" + page + "/")));
  value("note", message());
  const std::string card = fmt::format(
      "BEGIN:VCARD\r\nVERSION:3.0\r\nN:{1};{0};;;\r\nFN:{0} {1}\r\nTEL;TYPE=CELL:{2}\r\nEMAIL:{3}\r\nEND:VCARD\r\n",
      friend_one.first, friend_one.last, friend_one.phone, friend_one.email);
  const std::string texts = fmt::format(
      "Give the phone's owner this name:       {} {}\nthis e-mail address:                    {}\n"
      "this password:                          {}\n\nSend the phone this text from {}:\n  {}\n\n"
      "Send this text from the phone to {}:\n  {}\n\nJoin this Wi-Fi network (access point {}):\n  {}\n\n"
      "Search for:\n  {}\n\nOpen this page:\n  https://www.example.com/{}/\n\nBe at, or set the phone's position to:\n"
      "  {:.5f}, {:.5f}\n",
      self.first, self.last, self.email, password, friend_one.phone, first_text, friend_two.phone, second_text, bssid,
      ssid, search, page, latitude, longitude);
  return {{".yaml", yaml},
          {".vcf", card},
          {".txt", texts},
          {".jpg", make_photo(random_number(), latitude, longitude, serial)}};
}

}  // namespace tattle
