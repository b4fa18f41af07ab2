#include "attribute/facts/fact_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/result.h"

namespace tattle {
namespace {

[[noreturn]] void complain_at(const std::string& path, const YAML::Mark& mark, std::string_view what) {
  throw UserError(fmt::format("{}:{}: {}", path, mark.line + 1, what));
}

bool is_date(std::string_view text) {
  if (text.size() == 4) return parse_day(std::string(text) + "-01-01").has_value();
  if (text.size() == 7) return parse_day(std::string(text) + "-01").has_value();
  return parse_day(text).has_value();
}

}  // namespace

FactFile::FactFile(const std::string& path) : path_(path) {
  try {
    root_ = YAML::LoadFile(path);
  } catch (const YAML::ParserException& error) {
    complain_at(path, error.mark, error.msg);
  } catch (const YAML::BadFile&) {
    throw UserError(fmt::format("{}: cannot be read", path));
  }
  if (!root_.IsMap()) complain_at(path, root_.Mark(), "a map is expected");
  read_sources();
}

void FactFile::complain(const YAML::Node& where, std::string_view what) const {
  complain_at(path_, where.Mark(), what);
}

void FactFile::read_sources() {
  const YAML::Node sources = root_["sources"];
  if (!sources) return;
  if (!sources.IsMap()) complain(sources, "sources: a map of ids is expected");
  for (const auto& each : sources) {
    if (!each.second.IsMap()) complain(each.first, "sources: what and date are expected");
    sources_[each.first.Scalar()] = {text(each.second, "what"), text_or_none(each.second, "url"), date(each.second)};
  }
}

std::vector<YAML::Node> FactFile::list(const YAML::Node& node, const char* field, bool required) const {
  const YAML::Node found = node[field];
  if (!found && !required) return {};
  if (!found || !found.IsSequence()) complain(found ? found : node, fmt::format("{}: a list is expected", field));
  std::vector<YAML::Node> result(found.begin(), found.end());
  for (const YAML::Node& each : result) {
    if (!each.IsMap()) complain(each, fmt::format("{}: a map is expected", field));
  }
  return result;
}

std::string FactFile::text(const YAML::Node& node, const char* field) const {
  std::string result = text_or_none(node, field);
  if (result.empty()) complain(node, fmt::format("{}: missing", field));
  return result;
}

std::string FactFile::text_or_none(const YAML::Node& node, const char* field) const {
  const YAML::Node found = node[field];
  if (!found) return {};
  if (!found.IsScalar()) complain(found, fmt::format("{}: a text is expected", field));
  return found.Scalar();
}

std::vector<std::string> FactFile::texts(const YAML::Node& node, const char* field) const {
  const YAML::Node found = node[field];
  if (!found) return {};
  if (found.IsScalar()) return {found.Scalar()};
  if (!found.IsSequence()) complain(found, fmt::format("{}: a list is expected", field));
  std::vector<std::string> result;
  for (const YAML::Node& each : found) {
    if (!each.IsScalar() || each.Scalar().empty()) complain(each, fmt::format("{}: a text is expected", field));
    result.push_back(each.Scalar());
  }
  return result;
}

std::optional<Day> FactFile::day(const YAML::Node& node, const char* field) const {
  const std::string found = text_or_none(node, field);
  if (found.empty()) return std::nullopt;
  const std::optional<Day> result = parse_day(found);
  if (!result) complain(node[field], fmt::format("{}: a day like 2014-04-25 is expected", field));
  return result;
}

Period FactFile::period(const YAML::Node& node) const {
  const Period result{day(node, "from"), day(node, "until")};
  if (result.from && result.until && *result.until < *result.from) complain(node, "until: before from");
  return result;
}

std::string FactFile::country(const YAML::Node& node, const char* field) const {
  std::string found = text(node, field);
  const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (found.size() != 2 || !std::all_of(found.begin(), found.end(), letter)) {
    complain(node[field], fmt::format("{}: a country of two letters (ISO 3166-1) is expected", field));
  }
  return found;
}

std::string FactFile::date(const YAML::Node& node) const {
  std::string found = text(node, "date");
  if (!is_date(found)) complain(node["date"], "date: YYYY, YYYY-MM or YYYY-MM-DD is expected");
  return found;
}

Source FactFile::source(const YAML::Node& node, const Source* around) const {
  const std::string found = text_or_none(node, "source");
  if (found.empty() && around != nullptr) return *around;
  if (found.empty()) complain(node, "source: missing");
  if (const auto known = sources_.find(found); known != sources_.end()) return known->second;
  return {found, {}, date(node)};
}

}  // namespace tattle
