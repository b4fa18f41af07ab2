#include "attribute/facts/fact_file.h"

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/result.h"

namespace tattle {
namespace {

[[noreturn]] void complain_at(const std::string& path, std::uint32_t line, std::string_view what) {
  throw UserError(fmt::format("{}:{}: {}", path, line, what));
}

bool is_date(std::string_view text) {
  if (text.size() == 4) return parse_day(std::string(text) + "-01-01").has_value();
  if (text.size() == 7) return parse_day(std::string(text) + "-01").has_value();
  return parse_day(text).has_value();
}

}  // namespace

const BuiltFacts* find_built_facts(std::string_view text) {
  const auto all = built_facts();
  const auto found = std::find_if(all.begin(), all.end(), [&](const BuiltFacts& facts) { return facts.text == text; });
  return found == all.end() ? nullptr : &*found;
}

FactText::FactText(const std::string& path) {
  if (path.starts_with(kBuiltIn)) {
    const std::string_view name = std::string_view(path).substr(kBuiltIn.size());
    for (const BuiltFacts& each : built_facts()) {
      if (each.name == name) built_ = &each;
    }
    if (built_ == nullptr) throw UserError(fmt::format("{}: nothing of that name is built in", path));
    return;
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) throw UserError(fmt::format("{}: cannot be read", path));
  read_.assign(std::istreambuf_iterator<char>(in), {});
  built_ = find_built_facts(read_);
}

FactFile::FactFile(const std::string& path) : path_(path) {
  const FactText facts(path);
  if (facts.built() != nullptr) {
    root_ = facts.built()->root();
  } else {
    try {
      tree_ = FactTree::parse(std::string(facts.text()));
    } catch (const YAML::ParserException& error) {
      complain_at(path, static_cast<std::uint32_t>(error.mark.line + 1), error.msg);
    }
    root_ = tree_.root();
  }
  if (!root_.is_map()) complain_at(path, root_.line(), "a map is expected");
  read_sources();
}

void FactFile::complain(FactNode where, std::string_view what) const { complain_at(path_, where.line(), what); }

void FactFile::read_sources() {
  const FactNode sources = root_["sources"];
  if (!sources) return;
  if (!sources.is_map()) complain(sources, "sources: a map of ids is expected");
  const std::vector<FactNode> children = sources.children();
  for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
    const FactNode id = children[i], source = children[i + 1];
    if (!source.is_map()) complain(id, "sources: what and date are expected");
    sources_[std::string(id.text())] = {text(source, "what"), text_or_none(source, "url"), date(source)};
  }
}

std::string FactFile::newest() const {
  std::string newest;
  for (const auto& [id, source] : sources_) newest = std::max(newest, source.date);
  return newest;
}

std::vector<FactNode> FactFile::list(FactNode node, const char* field, bool required) const {
  const FactNode found = node[field];
  if (!found && !required) return {};
  if (!found || !found.is_list()) complain(found ? found : node, fmt::format("{}: a list is expected", field));
  std::vector<FactNode> result = found.children();
  for (FactNode each : result) {
    if (!each.is_map()) complain(each, fmt::format("{}: a map is expected", field));
  }
  return result;
}

std::string FactFile::text(FactNode node, const char* field) const {
  std::string result = text_or_none(node, field);
  if (result.empty()) complain(node, fmt::format("{}: missing", field));
  return result;
}

std::string FactFile::text_or_none(FactNode node, const char* field) const {
  const FactNode found = node[field];
  if (!found) return {};
  if (!found.is_text()) complain(found, fmt::format("{}: a text is expected", field));
  return std::string(found.text());
}

std::vector<std::string> FactFile::texts(FactNode node, const char* field) const {
  const FactNode found = node[field];
  if (!found) return {};
  if (found.is_text()) return {std::string(found.text())};
  if (!found.is_list()) complain(found, fmt::format("{}: a list is expected", field));
  std::vector<std::string> result;
  for (FactNode each : found.children()) {
    if (!each.is_text() || each.text().empty()) complain(each, fmt::format("{}: a text is expected", field));
    result.emplace_back(each.text());
  }
  return result;
}

std::optional<Day> FactFile::day(FactNode node, const char* field) const {
  const std::string found = text_or_none(node, field);
  if (found.empty()) return std::nullopt;
  const std::optional<Day> result = parse_day(found);
  if (!result) complain(node[field], fmt::format("{}: a day like 2014-04-25 is expected", field));
  return result;
}

Period FactFile::period(FactNode node) const {
  const Period result{day(node, "from"), day(node, "until")};
  if (result.from && result.until && *result.until < *result.from) complain(node, "until: before from");
  return result;
}

std::string FactFile::country(FactNode node, const char* field) const {
  std::string found = text(node, field);
  const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (found.size() != 2 || !std::all_of(found.begin(), found.end(), letter)) {
    complain(node[field], fmt::format("{}: a country of two letters (ISO 3166-1) is expected", field));
  }
  return found;
}

std::string FactFile::date(FactNode node) const {
  std::string found = text(node, "date");
  if (!is_date(found)) complain(node["date"], "date: YYYY, YYYY-MM or YYYY-MM-DD is expected");
  return found;
}

Source FactFile::source(FactNode node, const Source* around) const {
  const std::string found = text_or_none(node, "source");
  if (found.empty() && around != nullptr) return *around;
  if (found.empty()) complain(node, "source: missing");
  if (const auto known = sources_.find(found); known != sources_.end()) return known->second;
  return {found, {}, date(node)};
}

}  // namespace tattle
