#include "attribute/facts/organisation_reader.h"

#include <fmt/format.h>
#include <libpsl.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace tattle {
namespace {

std::vector<OrganisationKind> kinds_of(const FactFile& file, FactNode node) {
  std::vector<OrganisationKind> kinds;
  for (const std::string& each : file.texts(node, "kinds")) {
    const auto kind = parse_organisation_kind(each);
    if (!kind) file.complain(node["kinds"], fmt::format("kinds: {} is none", each));
    kinds.push_back(*kind);
  }
  return kinds;
}

std::vector<DatedName> dated_names(const FactFile& file, FactNode node, const char* field, const Source& around) {
  std::vector<DatedName> result;
  for (FactNode each : file.list(node, field)) {
    result.push_back({file.text(each, "name"), file.period(each), file.source(each, &around)});
  }
  return result;
}

/// A name of several labels in lower case, and no suffix under which anybody registers (ICANN's part of the list).
bool is_host(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return name.find('.') != name.npos && name.front() != '.' && name.back() != '.' &&
         std::all_of(name.begin(), name.end(), allowed) &&
         psl_is_public_suffix2(psl_builtin(), name.c_str(), PSL_TYPE_ICANN) == 0;
}

bool overlap(const Period& a, const Period& b) {
  return (!a.from || !b.until || *a.from <= *b.until) && (!b.from || !a.until || *b.from <= *a.until);
}

}  // namespace

void OrganisationReader::read(const std::string& path) {
  const FactFile file(path);
  ++file_;
  for (FactNode each : file.list(file.root(), "organisations", true)) read_organisation(file, each);
  check_owners(file);
}

void OrganisationReader::read_organisation(const FactFile& file, FactNode node) {
  const std::string name = file.text(node, "name");
  const std::string given = file.text_or_none(node, "id");
  const std::string& id = given.empty() ? name : given;
  const Source source = file.source(node);
  Organisation* const known = &organisation(id);
  known->name = name;
  known->source = source;
  if (node["former"]) known->former = dated_names(file, node, "former", source);
  if (node["brands"]) known->brands = dated_names(file, node, "brands", source);
  if (node["kinds"]) known->kinds = kinds_of(file, node);
  if (node["owners"]) read_owners(file, node, *known);
  if (node["seats"]) read_seats(file, node, *known);
  if (node["domains"]) read_domains(file, node, *known, source);
  if (node["networks"]) read_networks(file, node, *known, source);
}

Organisation& OrganisationReader::organisation(const std::string& id) {
  Organisation*& known = table_.by_id_[id];
  if (known == nullptr) {
    known = &table_.organisations_.emplace_back();
    known->id = id;
  }
  return *known;
}

void OrganisationReader::read_owners(const FactFile& file, FactNode node, Organisation& organisation) {
  organisation.owners.clear();
  for (FactNode each : file.list(node, "owners")) {
    Owner owner{file.text_or_none(each, "organisation"), file.text_or_none(each, "name"), file.period(each),
                file.source(each, &organisation.source)};
    if (owner.organisation.empty() == owner.name.empty())
      file.complain(each, "owners: organisation or name is expected");
    for (const Owner& other : organisation.owners) {
      if (overlap(other.period, owner.period)) file.complain(each, "owners: two on the same day");
    }
    organisation.owners.push_back(std::move(owner));
  }
}

void OrganisationReader::read_seats(const FactFile& file, FactNode node, Organisation& organisation) {
  organisation.seats.clear();
  for (FactNode each : file.list(node, "seats")) {
    const std::string role = file.text(each, "role");
    if (role != "parent" && role != "eea-contract") file.complain(each, "role: parent or eea-contract is expected");
    Seat seat{role == "parent" ? SeatRole::parent : SeatRole::eea_contract,
              file.text(each, "entity"),
              file.country(each, "country"),
              each["head-office"] ? file.country(each, "head-office") : std::string(),
              file.period(each),
              file.source(each, &organisation.source)};
    for (const Seat& other : organisation.seats) {
      if (other.role == seat.role && overlap(other.period, seat.period))
        file.complain(each, "seats: two on the same day");
    }
    organisation.seats.push_back(std::move(seat));
  }
}

void OrganisationReader::read_domains(const FactFile& file, FactNode node, const Organisation& organisation,
                                      const Source& around) {
  const FactNode domains = node["domains"];
  if (!domains.is_list()) file.complain(domains, "domains: a list is expected");
  const auto registrable = [&](FactNode where, const std::string& name) {
    if (registrable_domain(name) != name)
      file.complain(where, "domains: a registrable domain in lower case is expected");
  };
  for (FactNode each : domains.children()) {
    if (each.is_text()) {
      const std::string name(each.text());
      registrable(each, name);
      add_name(file, each, name, {&organisation, {}, organisation.kinds, {}, around, file_});
      continue;
    }
    if (!each.is_map()) file.complain(each, "domains: a domain is expected");
    const Organisations::Entry entry{&organisation,
                                     file.period(each),
                                     each["kinds"] ? kinds_of(file, each) : organisation.kinds,
                                     file.text_or_none(each, "note"),
                                     file.source(each, &around),
                                     file_};
    std::size_t names = 0;
    for (const char* field : {"domain", "domains", "host", "hosts"}) {
      for (const std::string& name : file.texts(each, field)) {
        if (field[0] == 'd') registrable(each, name);
        if (!is_host(name)) file.complain(each, "hosts: a host name of several labels in lower case is expected");
        add_name(file, each, name, entry);
        ++names;
      }
    }
    if (names == 0) file.complain(each, "domains: domain or host is missing");
  }
}

void OrganisationReader::read_networks(const FactFile& file, FactNode node, const Organisation& organisation,
                                       const Source& around) {
  for (FactNode each : file.list(node, "networks")) {
    const std::string anycast = file.text_or_none(each, "anycast");
    if (!anycast.empty() && anycast != "true" && anycast != "false") {
      file.complain(each, "anycast: true or false is expected");
    }
    const std::vector<std::string> numbers = file.texts(each, "numbers");
    if (numbers.empty()) file.complain(each, "networks: numbers is missing");
    for (const std::string& text : numbers) {
      std::uint32_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc() || end != text.data() + text.size() || number == 0) {
        file.complain(each, fmt::format("numbers: {} is no number of an autonomous system", text));
      }
      const Organisations::Network network{&organisation, anycast == "true", file.source(each, &around), file_};
      const auto [at, fresh] = table_.by_network_.emplace(number, network);
      if (!fresh && at->second.file == file_) file.complain(each, fmt::format("numbers: {} is listed twice", number));
      at->second = network;
    }
  }
}

void OrganisationReader::add_name(const FactFile& file, FactNode where, const std::string& name,
                                  Organisations::Entry entry) {
  std::vector<Organisations::Entry>& entries = table_.by_name_[name];
  // A later file's word replaces an earlier one's; within a file nobody can own a name twice on one day.
  std::erase_if(entries, [&](const auto& other) { return other.file != file_; });
  for (const Organisations::Entry& other : entries) {
    if (overlap(other.period, entry.period)) file.complain(where, fmt::format("domains: {} is listed twice", name));
  }
  entries.push_back(std::move(entry));
}

void OrganisationReader::add_installed(const std::string& name, Organisations::Entry entry) {
  if (!is_host(name)) return;
  std::vector<Organisations::Entry>& entries = table_.by_name_[name];
  if (entries.empty() || entries.front().installed) entries = {std::move(entry)};
}

void OrganisationReader::check_owners(const FactFile& file) const {
  for (Organisation& each : table_.organisations_) {
    for (Owner& owner : each.owners) {
      if (owner.organisation.empty()) continue;
      const auto found = table_.by_id_.find(owner.organisation);
      if (found == table_.by_id_.end()) {
        file.complain(file.root(), fmt::format("owners: no organisation has the id {}", owner.organisation));
      }
      owner.name = found->second->name;
    }
  }
}

}  // namespace tattle
