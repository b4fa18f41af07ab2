#pragma once

#include <string>
#include <vector>

#include "attribute/facts/fact_file.h"
#include "attribute/organisations.h"

namespace tattle {

/// Reads files like organisations.yaml into one table, in the order of their authority, the last word last.
class OrganisationReader {
 public:
  explicit OrganisationReader(Organisations& table) : table_(table) {}
  /// @throws UserError  The file is damaged: line and field.
  void read(const std::string& path);
  /// Ghostery's tracker database: names of organisations, countries and domains. Its licence (CC BY-NC-SA 4.0) is for
  /// whoever installs it to accept; none of it comes with this program. What it says otherwise than expected is left
  /// out.
  /// @throws UserError  It cannot be read, or is no such database.
  void read_trackerdb(const std::string& path);

 private:
  void read_organisation(const FactFile& file, FactNode node);
  void read_owners(const FactFile& file, FactNode node, Organisation& organisation);
  void read_seats(const FactFile& file, FactNode node, Organisation& organisation);
  void read_domains(const FactFile& file, FactNode node, const Organisation& organisation, const Source& around);
  void read_networks(const FactFile& file, FactNode node, const Organisation& organisation, const Source& around);
  Organisation& organisation(const std::string& id);
  void add_name(const FactFile& file, FactNode where, const std::string& name, Organisations::Entry entry);
  /// As add_name, for a database whose mistakes are not the user's: what is no host name is left out.
  void add_installed(const std::string& name, Organisations::Entry entry);
  void check_owners(const FactFile& file) const;

  Organisations& table_;
  int file_ = 0;
};

}  // namespace tattle
