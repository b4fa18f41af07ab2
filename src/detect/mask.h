#pragma once

#include <string>
#include <string_view>

namespace tattle {

/// Hides a private value: a few of its first and last characters stay, never more than a quarter of them, and its
/// length does not show. Of an e-mail address the first character and the top-level domain stay, if they are within the
/// quarter. Works on whole UTF-8 characters; bytes that are not UTF-8 are hidden.
std::string mask_value(std::string_view text);

/// A place: whole degrees at most.
std::string mask_place(double latitude, double longitude);

/// Hides what may tell of somebody whom no subject file names, in text that the traffic chose, such as a JSON key or a
/// parameter's name: mail addresses, numbers of seven digits and more, and tokens that look random. What is left of a
/// name that a programmer chose is the name.
std::string mask_strangers(std::string_view text);

}  // namespace tattle
