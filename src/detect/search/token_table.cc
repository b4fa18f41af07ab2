#include "detect/search/token_table.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

namespace tattle {
namespace {

// Below this a digest says as little as the text: everybody's "1234" has the same.
constexpr double kLeastTextBits = 20;

}  // namespace

Digester::Digester() {
  constexpr std::array kNames{"MD5", "SHA1", "SHA256", "SHA512"};
  for (std::size_t i = 0; i < kNames.size(); ++i) algorithms_[i] = EVP_MD_fetch(nullptr, kNames[i], nullptr);
}

Digester::~Digester() {
  for (EVP_MD* algorithm : algorithms_) EVP_MD_free(algorithm);
}

std::size_t Digester::digest(std::size_t algorithm, std::string_view text, Digest& out) const {
  static_assert(kMostBytes == EVP_MAX_MD_SIZE);
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  unsigned size = 0;
  const bool done = algorithms_[algorithm] && context &&
                    EVP_DigestInit_ex2(context.get(), algorithms_[algorithm], nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), text.data(), text.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), out.data(), &size) == 1;
  return done ? size : 0;
}

void TokenTable::add_slot(std::uint64_t key, std::uint32_t text, std::uint32_t algorithm) {
  waiting_.push_back({key, text, algorithm});
}

void TokenTable::add_digests(Text text) {
  Digester::Digest bytes{};
  const auto number = static_cast<std::uint32_t>(texts_.size());
  for (std::uint32_t algorithm = 0; algorithm < Digester::kForms.size(); ++algorithm) {
    if (digester_.digest(algorithm, text.text, bytes) >= 8) add_slot(load(bytes.data()), number, algorithm);
  }
  texts_.push_back(std::move(text));
}

void TokenTable::add_token(Text text) {
  if (text.text.size() < 8) return;
  add_slot(load(as_bytes(text.text).data()), static_cast<std::uint32_t>(texts_.size()), kToken);
  texts_.push_back(std::move(text));
}

void TokenTable::build() {
  if (waiting_.empty()) return;
  const std::size_t slots = std::bit_ceil(waiting_.size() * 2);
  slots_.assign(slots, {0, 0, kEmpty});
  filter_.reset(waiting_.size());
  slot_shift_ = 64 - std::countr_zero(slots);
  for (const Slot& slot : waiting_) {
    filter_.add(mix(slot.key));
    std::size_t at = mix(slot.key) >> slot_shift_;
    while (slots_[at].algorithm != kEmpty) at = (at + 1) & (slots - 1);
    slots_[at] = slot;
  }
  waiting_.clear();
  waiting_.shrink_to_fit();
}

// A function of its own, with four places to a branch: nothing else is done for so many of the bytes of binary values.
std::size_t TokenTable::next_possible(const std::uint8_t* bytes, std::size_t at, std::size_t end) const {
  return filter_.with_test([=](auto may_hold) mutable {
    const auto allows = [&](std::size_t place) { return may_hold(mix(load(bytes + place))); };
    for (; at + 4 <= end; at += 4) {
      if (allows(at) | allows(at + 1) | allows(at + 2) | allows(at + 3)) break;
    }
    while (at < end && !allows(at)) ++at;
    return at;
  });
}

void TokenTable::lookup(std::uint64_t key, Bytes rest, std::vector<Match>& out) const {
  Digester::Digest bytes{};
  for (std::size_t at = mix(key) >> slot_shift_; slots_[at].algorithm != kEmpty; at = (at + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[at];
    if (slot.key != key) continue;
    const Text& text = texts_[slot.text];
    if (slot.algorithm == kToken) {
      if (as_text(rest).starts_with(text.text)) {
        out.push_back({&text, text.form, text.text.size(), -8.0 * static_cast<double>(text.text.size())});
      }
      continue;
    }
    const std::size_t size = digester_.digest(slot.algorithm, text.text, bytes);
    if (rest.size() < size || !std::equal(bytes.begin(), bytes.begin() + size, rest.begin())) continue;
    const double own = -8.0 * static_cast<double>(size);
    const double probability = -text.log2_probability < kLeastTextBits ? std::max(own, text.log2_probability) : own;
    out.push_back({&text, Digester::kForms[slot.algorithm], size, probability});
  }
}

}  // namespace tattle
