#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace tattle {

/// The term of the W3C Data Privacy Vocabulary for a kind of data.
struct DataTerm {
  std::string iri;   // `https://w3id.org/dpv/pd#Location`; empty: the vocabulary has none that always fits
  std::string note;  // what the term leaves open; mostly empty
};

/// The subject file's data in the words of the Data Privacy Vocabulary.
class DataTerms {
 public:
  /// Reads `dpv.yaml`; an empty path gives an empty table.
  /// @throws UserError  The file is damaged: line and field.
  static std::shared_ptr<const DataTerms> load(const std::string& path);
  /// Null: not in the table.
  const DataTerm* find(std::string_view datum) const;
  const std::string& vocabulary() const { return vocabulary_; }
  const std::string& version() const { return version_; }
  const std::map<std::string, DataTerm, std::less<>>& all() const { return terms_; }

 private:
  std::string vocabulary_, version_;
  std::map<std::string, DataTerm, std::less<>> terms_;
};

}  // namespace tattle
