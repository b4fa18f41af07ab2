#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "attribute/facts/day.h"
#include "attribute/facts/source.h"

namespace tattle {

enum class OrganisationKind : std::uint8_t {
  maker,
  system_vendor,
  network_operator,
  app_publisher,
  tracker,
  cloud_host
};
/// `maker`, `system-vendor`, ….
std::string_view to_string(OrganisationKind kind);
std::optional<OrganisationKind> parse_organisation_kind(std::string_view text);

/// A former name, or a brand of phones, with the days for which it held.
struct DatedName {
  std::string name;
  Period period;
  Source source;
};

struct Owner {
  std::string organisation;  // id in the table; empty: not there
  std::string name;
  Period period;
  Source source;
};

enum class SeatRole : std::uint8_t { parent, eea_contract };

struct Seat {
  SeatRole role = SeatRole::parent;
  std::string entity;
  std::string country;      // of the register it stands in, ISO 3166-1 alpha-2
  std::string head_office;  // empty: the same
  Period period;
  Source source;
};

struct Organisation {
  std::string id, name;
  std::vector<DatedName> former, brands;
  std::vector<OrganisationKind> kinds;
  std::vector<Owner> owners;
  std::vector<Seat> seats;
  Source source;

  /// Null: none is known for that day, which is not "independent".
  const Owner* owner_on(Day day) const;
  /// Null: not known.
  const Seat* seat_on(SeatRole role, Day day) const;
};

/// What the table says of an autonomous system: whose it is, and what that says of where its machines stand.
struct NetworkFact {
  const Organisation* organisation = nullptr;
  bool anycast = false;  // its addresses are announced from many places at once
  bool cloud = false;    // its machines are rented out, or keep copies, in several countries
  const Source* source = nullptr;
};

/// What the table says of a host. All of it lives as long as the table.
struct HostFact {
  const Organisation* organisation = nullptr;
  std::string_view name;                                 // the listed name that the host bears
  const std::vector<OrganisationKind>* kinds = nullptr;  // of what stands under that name
  std::string_view note;                                 // must be said beside it; mostly empty
  const Source* source = nullptr;

  /// Whether customers' machines stand there, so that the organisation is the host, not who operates the service.
  bool hosts_others() const;
};

/// Whose name a host bears, by the longest listed name that it ends with.
class Organisations {
 public:
  /// Reads a file like `organisations.yaml`; an empty path gives an empty table.
  /// @throws UserError  The file is damaged: line and field.
  static std::shared_ptr<const Organisations> load(const std::string& path);
  /// Reads several; empty paths are passed over, and a path that ends in `.json` is read as dist/trackerdb.json of the
  /// npm package @ghostery/trackerdb. Where two speak of the same name, or give the same member of the same
  /// organisation, the later file's word stands.
  static std::shared_ptr<const Organisations> load_all(const std::vector<std::string>& paths);

  /// The organisation's name, for a host whose organisation never changed; empty when not listed, and where customers'
  /// machines stand, because then whose service it is is not known. Lives as long as the table.
  std::string_view of_host(std::string_view host) const;
  /// What was so on that day; absent when nothing is known.
  std::optional<HostFact> of_host(std::string_view host, Day day) const;
  /// Absent: not in the table.
  std::optional<NetworkFact> of_network(std::uint32_t as_number) const;
  /// Null: not in the table.
  const Organisation* find(std::string_view id) const;
  /// Who made phones of that brand on that day (ASCII case does not matter); null when not known, or when several did.
  const Organisation* maker_of(std::string_view brand, Day day) const;
  /// The organisation of that name, former name or id (ASCII case does not matter); null when there is none, or
  /// several.
  const Organisation* named(std::string_view name) const;
  std::size_t size() const { return organisations_.size(); }

 private:
  friend class OrganisationReader;
  struct Entry {
    const Organisation* organisation;
    Period period;
    std::vector<OrganisationKind> kinds;
    std::string note;
    Source source;
    int file;                // number of the file that said so
    bool installed = false;  // by the user's tracker database, which speaks only where no file of facts does
  };
  using Names = std::unordered_map<std::string, std::vector<Entry>>;

  const Names::value_type* longest(std::string_view host, std::optional<Day> day) const;
  const Names::value_type* longest(std::string_view name, std::optional<Day> day, bool installed) const;

  struct Network {
    const Organisation* organisation;
    bool anycast;
    Source source;
    int file;  // number of the file that said so
  };

  std::deque<Organisation> organisations_;
  std::unordered_map<std::string, Organisation*> by_id_;
  Names by_name_;
  std::unordered_map<std::uint32_t, Network> by_network_;
};

/// `a.b.example.co.uk` -> `example.co.uk`; empty for an address, a single label or a public suffix.
std::string registrable_domain(std::string_view host);

}  // namespace tattle
