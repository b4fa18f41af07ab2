#include "attribute/network/country_database.h"

#include <fmt/format.h>
#include <maxminddb.h>
#include <netinet/in.h>

#include <chrono>
#include <cstring>

#include "attribute/facts/day.h"
#include "base/result.h"

namespace tattle {

struct CountryDatabase::State {
  MMDB_s database{};
  bool opened = false;
};

CountryDatabase::CountryDatabase() : state_(std::make_unique<State>()) {}

CountryDatabase::~CountryDatabase() {
  if (state_->opened) MMDB_close(&state_->database);
}

std::unique_ptr<CountryDatabase> CountryDatabase::open(const std::string& path) {
  std::unique_ptr<CountryDatabase> result(new CountryDatabase);
  const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &result->state_->database);
  if (status != MMDB_SUCCESS) {
    throw UserError(fmt::format("{}: {}; `tattle data build` makes it again", path, MMDB_strerror(status)));
  }
  result->state_->opened = true;
  return result;
}

std::string CountryDatabase::built() const {
  const std::uint64_t epoch = state_->database.metadata.build_epoch;
  constexpr std::uint64_t kMost = 253402300799;  // the end of the year 9999
  if (epoch == 0 || epoch > kMost) return {};
  return to_string(std::chrono::floor<std::chrono::days>(
      std::chrono::sys_seconds(std::chrono::seconds(static_cast<std::int64_t>(epoch)))));
}

std::string CountryDatabase::find(const Address& address) const {
  const MMDB_s* database = &state_->database;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  const sockaddr* wanted = nullptr;
  if (address.is_v4()) {
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, address.bytes.data() + 12, 4);
    wanted = reinterpret_cast<const sockaddr*>(&v4);
  } else {
    if (database->metadata.ip_version == 4) return {};
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, address.bytes.data(), 16);
    wanted = reinterpret_cast<const sockaddr*>(&v6);
  }
  int status = MMDB_SUCCESS;
  MMDB_lookup_result_s found = MMDB_lookup_sockaddr(database, wanted, &status);
  if (status != MMDB_SUCCESS || !found.found_entry) return {};
  MMDB_entry_data_s data{};
  if (MMDB_get_value(&found.entry, &data, "country_code", nullptr) != MMDB_SUCCESS || !data.has_data) {
    if (MMDB_get_value(&found.entry, &data, "country", "iso_code", nullptr) != MMDB_SUCCESS) return {};
  }
  if (!data.has_data || data.type != MMDB_DATA_TYPE_UTF8_STRING || data.data_size != 2) return {};
  return std::string(data.utf8_string, data.data_size);
}

}  // namespace tattle
