#include "decrypt/keys/key_store.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "decrypt/keys/crypto_library.h"
#include "decrypt/keys/key_log.h"

namespace tattle {
namespace {

// Labels that take part in no lookup of their own; the first letter keeps them apart from key log labels.
constexpr std::string_view kPremaster = "rsa", kSession = "session";

// Label and id under one key: `CLIENT_RANDOM` NUL, then 32 bytes.
std::string make_key(std::string_view label, Bytes id) {
  std::string key;
  key.reserve(label.size() + 1 + id.size());
  key.append(label).push_back('\0');
  return key.append(as_text(id));
}

// A part of a store; shared by copies once a copy was made, and then never changed again.
struct Layer {
  std::unordered_map<std::string, std::vector<ByteVector>> secrets;  // by make_key
  std::unordered_map<std::string, std::uint32_t> randoms;            // client randoms that any line is for
  std::uint64_t size = 0;

  bool add(const std::string& key, ByteVector value) {
    std::vector<ByteVector>& values = secrets[key];
    if (std::ranges::find(values, value) != values.end()) return false;
    values.push_back(std::move(value));
    ++size;
    return true;
  }
  void merge(const Layer& other) {
    for (const auto& [key, values] : other.secrets) {
      for (const ByteVector& value : values) add(key, value);
    }
    for (const auto& [random, lines] : other.randoms) randoms[random] += lines;
  }
};

}  // namespace

struct KeyStore::State {
  std::shared_ptr<const CryptoLibrary> crypto = std::make_shared<CryptoLibrary>();
  std::vector<std::shared_ptr<Layer>> layers;
  std::vector<std::shared_ptr<EVP_PKEY>> private_keys;
  bool premasters = false;

  // The layer to add to: the last one while no copy shares it. Layers grow geometrically, so that there are few and
  // each secret is copied a logarithmic number of times.
  Layer& top() {
    if (!layers.empty() && layers.back().use_count() == 1) {
      std::atomic_thread_fence(std::memory_order_acquire);
      return *layers.back();
    }
    auto fresh = std::make_shared<Layer>();
    std::size_t from = layers.size();
    std::uint64_t size = 0;
    while (from > 0 && layers[from - 1]->size <= 2 * size + 64) size += layers[--from]->size;
    for (std::size_t i = from; i < layers.size(); ++i) fresh->merge(*layers[i]);
    layers.resize(from);
    layers.push_back(std::move(fresh));
    return *layers.back();
  }

  bool has(const std::string& key, const ByteVector& value) const {
    for (const auto& layer : layers) {
      auto found = layer->secrets.find(key);
      if (found != layer->secrets.end() && std::ranges::find(found->second, value) != found->second.end()) return true;
    }
    return false;
  }

  std::vector<Bytes> find(const std::string& key) const {
    std::vector<Bytes> all;
    for (const auto& layer : layers) {
      auto found = layer->secrets.find(key);
      if (found == layer->secrets.end()) continue;
      all.insert(all.end(), found->second.begin(), found->second.end());
    }
    return all;
  }

  void add(const std::string& key, ByteVector value, Bytes client_random) {
    if (has(key, value)) return;
    Layer& layer = top();
    layer.add(key, std::move(value));
    if (!client_random.empty()) ++layer.randoms[std::string(as_text(client_random))];
  }
};

KeyStore::KeyStore() : state_(std::make_unique<State>()) {}
KeyStore::KeyStore(const KeyStore& other) : state_(std::make_unique<State>(*other.state_)) {}
KeyStore::KeyStore(KeyStore&&) noexcept = default;
KeyStore& KeyStore::operator=(KeyStore other) {
  state_.swap(other.state_);
  return *this;
}
KeyStore::~KeyStore() = default;

KeyStore::Counts KeyStore::add_key_log(Bytes text, const Limits& limits) {
  Counts counts;
  std::string_view rest = as_text(text);
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);  // some editors write a byte order mark
  std::uint64_t size = this->size();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    KeyLogLine line = parse_key_log_line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    using Kind = KeyLogLine::Kind;
    if (line.kind == Kind::empty) continue;
    if (line.kind == Kind::unknown) {
      ++counts.skipped;
      continue;
    }
    if (size >= limits.tls_secrets) {
      ++counts.over_limit;
      continue;
    }
    ++counts.added;
    if (line.kind == Kind::exporter) continue;
    state_->premasters |= line.kind == Kind::premaster;
    const bool secret = line.kind == Kind::secret;
    const std::string_view label = secret ? line.label : line.kind == Kind::premaster ? kPremaster : kSession;
    state_->add(make_key(label, line.id), std::move(line.value), secret ? Bytes(line.id) : Bytes());
    size = this->size();
  }
  return counts;
}

bool KeyStore::add_private_key(std::string_view pem) {
  PrivateKey key = state_->crypto->read_private_key(pem);
  if (!key) return false;
  // Other kinds are well-formed but cannot open anything: only RSA key exchange is passive.
  if (EVP_PKEY_is_a(key.get(), "RSA")) state_->private_keys.emplace_back(std::move(key));
  return true;
}

bool KeyStore::has_private_keys() const { return !state_->private_keys.empty(); }
bool KeyStore::opens_key_exchanges() const { return has_private_keys() || state_->premasters; }

void KeyStore::add_session(Bytes session_id_or_ticket, Bytes master_secret) {
  if (session_id_or_ticket.empty() || master_secret.empty()) return;
  state_->add(make_key(kSession, session_id_or_ticket), ByteVector(master_secret.begin(), master_secret.end()), {});
}

std::vector<Bytes> KeyStore::secrets(std::string_view label, Bytes client_random) const {
  return state_->find(make_key(label, client_random));
}

std::vector<Bytes> KeyStore::premaster_secrets(Bytes encrypted_premaster) const {
  if (encrypted_premaster.size() < 8) return {};
  return state_->find(make_key(kPremaster, encrypted_premaster.first(8)));
}

std::vector<ByteVector> KeyStore::decrypt_premaster(Bytes encrypted_premaster) const {
  std::vector<ByteVector> candidates;
  for (const auto& key : state_->private_keys) {
    ByteVector premaster = state_->crypto->rsa_decrypt(key.get(), encrypted_premaster);
    if (premaster.size() == 48) candidates.push_back(std::move(premaster));
  }
  return candidates;
}

std::vector<Bytes> KeyStore::session_secrets(Bytes session_id_or_ticket) const {
  if (session_id_or_ticket.empty()) return {};
  return state_->find(make_key(kSession, session_id_or_ticket));
}

std::uint64_t KeyStore::size() const {
  std::uint64_t size = state_->private_keys.size();
  for (const auto& layer : state_->layers) size += layer->size;
  return size;
}

bool KeyStore::knows(Bytes client_random) const {
  const std::string key(as_text(client_random));
  return std::ranges::any_of(state_->layers, [&](const auto& layer) { return layer->randoms.contains(key); });
}

const std::shared_ptr<const CryptoLibrary>& KeyStore::crypto() const { return state_->crypto; }

}  // namespace tattle
