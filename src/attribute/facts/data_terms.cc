#include "attribute/facts/data_terms.h"

#include <fmt/format.h>

#include "attribute/facts/fact_file.h"

namespace tattle {

std::shared_ptr<const DataTerms> DataTerms::load(const std::string& path) {
  auto result = std::make_shared<DataTerms>();
  if (path.empty()) return result;
  const FactFile file(path);
  result->vocabulary_ = file.text(file.root(), "vocabulary");
  result->version_ = file.text(file.root(), "version");
  file.source(file.root());
  const std::string space = file.text(file.root(), "namespace");
  for (FactNode each : file.list(file.root(), "terms", true)) {
    const std::string datum = file.text(each, "datum");
    if (!each["term"]) file.complain(each, "term: missing");
    const std::string term = each["term"].is_nothing() ? std::string() : file.text(each, "term");
    const DataTerm entry{term.empty() ? std::string() : space + term, file.text_or_none(each, "note")};
    if (!result->terms_.emplace(datum, entry).second) file.complain(each, fmt::format("datum: {} stands twice", datum));
  }
  return result;
}

const DataTerm* DataTerms::find(std::string_view datum) const {
  const auto found = terms_.find(datum);
  return found == terms_.end() ? nullptr : &found->second;
}

}  // namespace tattle
