// Writes the files of facts as C++: their text and, of YAML, the tree that it makes, so that a run need not read it,
// and a program that was copied elsewhere still knows them. usage: compile_facts OUT.cc FILE...
#include <yaml-cpp/yaml.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "attribute/facts/fact_tree.h"

namespace {

// Octal escapes end after three digits, whatever follows.
void write_text(std::ofstream& out, std::string_view text) {
  constexpr std::size_t kLine = 100;
  out << "\"";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool plain = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\' && byte != '?';
    char escape[5];
    std::snprintf(escape, sizeof escape, "\\%03o", byte);
    plain ? out << text[at] : out << escape;
    if (at % kLine == kLine - 1) out << "\"\n\"";
  }
  out << "\"sv";
}

}  // namespace

int main(int argc, char** argv) {
  std::ofstream out(argc > 1 ? argv[1] : "");
  out << "// Made by tools/compile_facts.cc.\n#include \"attribute/facts/fact_tree.h\"\n\nnamespace tattle {\n"
         "namespace {\nusing namespace std::literals;\n";
  std::string list;
  for (int i = 2; i < argc; ++i) {
    std::ifstream in(argv[i], std::ios::binary);
    const std::string yaml{std::istreambuf_iterator<char>(in), {}};
    const std::string path = argv[i], name = path.substr(path.rfind('/') + 1);
    try {
      const bool is_yaml = name.ends_with(".yaml");
      const tattle::FactTree tree = is_yaml ? tattle::FactTree::parse(yaml) : tattle::FactTree{{{}}, {}};
      out << "constexpr FactRow kRows" << i << "[] = {\n";
      for (const tattle::FactRow& row : tree.rows) {
        out << "{FactKind{" << int(row.kind) << "}," << row.line << "," << row.text << "," << row.size << ","
            << row.first << "," << row.next << "},\n";
      }
      out << "};\nconstexpr auto kTexts" << i << " =\n";
      write_text(out, {tree.texts.data(), tree.texts.size()});
      out << ";\nconstexpr auto kYaml" << i << " =\n";
      write_text(out, yaml);
      out << ";\n";
    } catch (const YAML::Exception& error) {
      std::fprintf(stderr, "%s:%d: %s\n", argv[i], error.mark.line + 1, error.msg.c_str());
      return 1;
    }
    const std::string number = std::to_string(i);
    list += "{\"" + name + "\", kYaml" + number + ", kRows" + number + ", kTexts" + number + "},\n";
  }
  out << "constexpr BuiltFacts kAll[] = {\n"
      << list << "};\n}  // namespace\n\n"
      << "std::span<const BuiltFacts> built_facts() { return kAll; }\n\n}  // namespace tattle\n";
  return out.flush() ? 0 : 1;
}
