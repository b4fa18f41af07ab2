#pragma once

#include <string_view>

namespace tattle {

/// A catalogue of messages as it lies in web/messages: `en` and its JSON text.
struct Catalogue {
  std::string_view language, text;
};

/// All catalogues, sorted by language; an empty one ends the list. Made by cmake/embed_messages.cmake.
extern const Catalogue kCatalogues[];

}  // namespace tattle
