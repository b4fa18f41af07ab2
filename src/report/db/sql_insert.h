#pragma once

#include <soci/soci.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tattle {

/// A prepared INSERT into one table. Values are given in the columns' order, then the row is written:
/// `insert << 1 << "text" << null; insert.run();`
class SqlInsert {
 public:
  enum class Type : std::uint8_t { integer, real, text };
  struct Column {
    const char* name;
    Type type;
  };

  /// @param conflict  What follows the values, such as `on conflict …`; may be empty.
  SqlInsert(soci::session& session, const std::string& table, const std::vector<Column>& columns,
            const std::string& conflict = {});

  struct Null {};
  SqlInsert& operator<<(Null);
  SqlInsert& operator<<(std::string_view text);
  SqlInsert& operator<<(const char* text) { return *this << std::string_view(text); }
  SqlInsert& operator<<(const std::string& text) { return *this << std::string_view(text); }
  SqlInsert& operator<<(double real);
  template <std::integral Number>
  SqlInsert& operator<<(Number number) {
    return put_integer(static_cast<long long>(number));
  }
  /// NULL when empty.
  SqlInsert& known(std::string_view text);
  /// Writes the row; every column must have been given.
  void run();

 private:
  struct Cell {
    Type type = Type::integer;
    long long integer = 0;
    double real = 0;
    std::string text;
    soci::indicator indicator = soci::i_null;
  };
  SqlInsert& put_integer(long long number);
  Cell& next(Type type);

  std::vector<std::unique_ptr<Cell>> cells_;  // the statement points at them
  std::size_t at_ = 0;
  soci::statement statement_;
};

}  // namespace tattle
