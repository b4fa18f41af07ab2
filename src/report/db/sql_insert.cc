#include "report/db/sql_insert.h"

#include <stdexcept>

#include "report/utf8.h"

namespace tattle {

SqlInsert::SqlInsert(soci::session& session, const std::string& table, const std::vector<Column>& columns,
                     const std::string& conflict)
    : statement_(session) {
  std::string names, places;
  for (const Column& column : columns) {
    const std::string separator = names.empty() ? "" : ", ";
    names += separator + column.name;
    places += separator + ":" + column.name;
    Cell& cell = *cells_.emplace_back(std::make_unique<Cell>());
    cell.type = column.type;
    switch (column.type) {
      case Type::integer:
        statement_.exchange(soci::use(cell.integer, cell.indicator, column.name));
        break;
      case Type::real:
        statement_.exchange(soci::use(cell.real, cell.indicator, column.name));
        break;
      case Type::text:
        statement_.exchange(soci::use(cell.text, cell.indicator, column.name));
        break;
    }
  }
  statement_.alloc();
  statement_.prepare("insert into " + table + " (" + names + ") values (" + places + ") " + conflict);
  statement_.define_and_bind();
}

SqlInsert::Cell& SqlInsert::next(Type type) {
  if (at_ >= cells_.size() || cells_[at_]->type != type) throw std::logic_error("a value in the wrong column");
  Cell& cell = *cells_[at_++];
  cell.indicator = soci::i_ok;
  return cell;
}

SqlInsert& SqlInsert::operator<<(Null) {
  if (at_ >= cells_.size()) throw std::logic_error("more values than columns");
  cells_[at_++]->indicator = soci::i_null;
  return *this;
}

SqlInsert& SqlInsert::operator<<(std::string_view text) {
  bool lossy = false;
  next(Type::text).text = to_utf8(text, lossy);
  return *this;
}

SqlInsert& SqlInsert::operator<<(double real) {
  next(Type::real).real = real;
  return *this;
}

SqlInsert& SqlInsert::put_integer(long long number) {
  next(Type::integer).integer = number;
  return *this;
}

SqlInsert& SqlInsert::known(std::string_view text) { return text.empty() ? *this << Null{} : *this << text; }

void SqlInsert::run() {
  if (at_ != cells_.size()) throw std::logic_error("fewer values than columns");
  at_ = 0;
  statement_.execute(true);
}

}  // namespace tattle
