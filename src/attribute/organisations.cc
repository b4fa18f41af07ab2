#include "attribute/organisations.h"

#include <fmt/format.h>
#include <libpsl.h>
#include <yaml-cpp/yaml.h>

#include "base/address.h"
#include "base/result.h"

namespace tattle {
namespace {

[[noreturn]] void complain(const std::string& path, const YAML::Mark& mark, std::string_view what) {
  throw UserError(fmt::format("{}:{}: {}", path, mark.line + 1, what));
}

std::string text_of(const std::string& path, const YAML::Node& entry, const char* field) {
  const YAML::Node node = entry[field];
  if (!node || !node.IsScalar() || node.Scalar().empty())
    complain(path, entry.Mark(), fmt::format("{}: missing", field));
  return node.Scalar();
}

}  // namespace

std::shared_ptr<const Organisations> Organisations::load(const std::string& path) {
  auto result = std::make_shared<Organisations>();
  if (path.empty()) return result;
  YAML::Node root;
  try {
    root = YAML::LoadFile(path);
  } catch (const YAML::ParserException& error) {
    complain(path, error.mark, error.msg);
  } catch (const YAML::BadFile&) {
    throw UserError(fmt::format("{}: cannot be read", path));
  }
  const YAML::Node list = root["organisations"];
  if (!list || !list.IsSequence()) complain(path, root.Mark(), "organisations: a list is expected");
  for (const YAML::Node& entry : list) {
    if (!entry.IsMap()) complain(path, entry.Mark(), "an organisation is expected: name, domains, source, date");
    const std::string name = text_of(path, entry, "name");
    text_of(path, entry, "source");
    text_of(path, entry, "date");
    if (!entry["domains"] || !entry["domains"].IsSequence()) complain(path, entry.Mark(), "domains: missing");
    for (const YAML::Node& domain : entry["domains"]) {
      if (!domain.IsScalar() || registrable_domain(domain.Scalar()) != domain.Scalar()) {
        complain(path, domain.Mark(), "domains: a registrable domain in lower case is expected");
      }
      result->by_domain_[domain.Scalar()] = name;
    }
  }
  return result;
}

std::string_view Organisations::of_host(std::string_view host) const {
  if (by_domain_.empty() || host.empty()) return {};
  auto found = by_domain_.find(registrable_domain(host));
  return found == by_domain_.end() ? std::string_view{} : std::string_view(found->second);
}

std::string registrable_domain(std::string_view host) {
  while (!host.empty() && host.back() == '.') host.remove_suffix(1);
  // An address has labels too, but no owner in the list.
  if (host.empty() || host.front() == '[' || Address::parse(host)) return {};
  const std::string copy(host);
  const char* domain = psl_registrable_domain(psl_builtin(), copy.c_str());
  return domain == nullptr ? std::string() : std::string(domain);
}

}  // namespace tattle
