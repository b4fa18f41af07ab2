// What searching a body costs, beside what nothing can go below: Vectorscan, the cipher and the hash on the same bytes.
// `--benchmark_filter=` picks one. The argument is the number of known values.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <memory>
#include <random>
#include <string>

#include "detect/search/scanner.h"
#include "detect/subject/subject.h"
#include "protocol/message.h"

namespace tattle {
namespace {

// One upload of the bench captures: events as generate.py writes them.
std::string telemetry() {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::mt19937_64 random(20121105);
  std::string text = R"({"device": "bench", "batch": 1, "events": [)";
  for (int i = 0; text.size() < 33000; ++i) {
    std::string token;
    for (int digit = 0; digit < 44; ++digit) token += kDigits[random() % kDigits.size()];
    text += fmt::format(
        R"({}{{"seq": {}, "name": "screen.view", "ts": {}, "session": "{:016x}{:016x}", "props": {{"screen": "settings", )"
        R"("duration_ms": {}, "battery": 0.{:03}, "carrier": "Operator A", "free_memory": {}, "x": {:.5f}, "y": {:.5f}, )"
        R"("message": "item push loaded active update backup wifi changed from phone radio idle", "token": "{}"}}}})",
        i ? ", " : "", i, 1352138601000 + i * 137, random(), random(), random() % 90000, random() % 1000,
        random() % 2000000000, static_cast<double>(random() % 16000000) / 1e5 - 80,
        static_cast<double>(random() % 34000000) / 1e5 - 170, token);
  }
  return text + "]}";
}

std::vector<Subject> subjects(std::int64_t values) {
  std::string yaml =
      "device: {model: Bench}\ndata:\n  - {datum: imei, value: \"356938035643809\"}\n"
      "  - {datum: email, value: aino.virtanen@example.com}\n  - {datum: phone-number, value: +358 40 123 4567}\n"
      "  - {datum: location, latitude: 60.16952, longitude: 24.93545}\n";
  for (std::int64_t i = 4; i < values; ++i) {
    yaml += fmt::format("  - {{datum: custom, value: planted-{:05}-{:05}}}\n", i, i * 7919 % 99991);
  }
  return {parse_subject(yaml, ".", "bench.yaml")};
}

void count_bytes(benchmark::State& state, const std::string& text) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

void BM_Sha256(benchmark::State& state) {
  const std::string text = telemetry();
  std::uint8_t digest[EVP_MAX_MD_SIZE];
  for (auto _ : state) EVP_Digest(text.data(), text.size(), digest, nullptr, EVP_sha256(), nullptr);
  count_bytes(state, text);
}
BENCHMARK(BM_Sha256);

void BM_Aes256Gcm(benchmark::State& state) {
  const std::string text = telemetry();
  std::string out(text.size() + 16, '\0');
  const std::string key(32, 'k'), iv(12, 'i');
  const auto* const key_bytes = reinterpret_cast<const unsigned char*>(key.data());
  const auto* const iv_bytes = reinterpret_cast<const unsigned char*>(iv.data());
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_bytes, iv_bytes);
  for (auto _ : state) {
    int size = 0;
    EVP_DecryptInit_ex(context.get(), nullptr, nullptr, nullptr, iv_bytes);
    EVP_DecryptUpdate(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  }
  count_bytes(state, text);
}
BENCHMARK(BM_Aes256Gcm);

// The literals that Vectorscan is given, and nothing else.
void BM_VectorscanAlone(benchmark::State& state) {
  const std::string text = telemetry();
  const Database database(subjects(state.range(0)));
  hs_scratch_t* scratch = nullptr;
  hs_alloc_scratch(database.literals, &scratch);
  const auto go_on = [](unsigned, unsigned long long, unsigned long long, unsigned, void*) { return 0; };
  for (auto _ : state) {
    hs_scan(database.literals, text.data(), static_cast<unsigned>(text.size()), 0, scratch, go_on, nullptr);
  }
  hs_free_scratch(scratch);
  count_bytes(state, text);
}
BENCHMARK(BM_VectorscanAlone)->Arg(10)->Arg(10000);

// All searching of one run of bytes: literals, digests, binary tokens, keys.
void BM_Scan(benchmark::State& state) {
  const std::string text = telemetry();
  Scanner scanner(std::make_shared<Database>(subjects(state.range(0))), 1 << 20);
  std::vector<Candidate> found;
  for (auto _ : state) {
    found.clear();
    scanner.scan(as_bytes(text), 0, true, found);
  }
  count_bytes(state, text);
}
BENCHMARK(BM_Scan)->Arg(10)->Arg(10000);

// Decoding and searching, as a worker does it with a message.
void BM_Inspect(benchmark::State& state) {
  const std::string text = telemetry();
  const std::vector<Subject> owners = subjects(state.range(0));
  const Limits limits;
  Anomalies anomalies;
  Inspector inspector(MatcherDatabase::compile(owners), limits, anomalies);
  FlowInfo flow;
  flow.device = DeviceSide::client;
  Message message;
  message.flow = &flow;
  message.kind = MessageKind::request;
  message.fields.push_back({"content-type", "application/json"});
  message.body = as_bytes(text);
  const PacketRun run{0, 1, 1};
  message.body_pieces.add(text.size(), {&run, 1});
  std::vector<Hit> hits;
  for (auto _ : state) {
    hits.clear();
    inspector.inspect(message, hits);
  }
  count_bytes(state, text);
}
BENCHMARK(BM_Inspect)->Arg(10)->Arg(10000);

// Once a run: from the subject file's text to a table that can search.
void BM_Compile(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(MatcherDatabase::compile(subjects(state.range(0))));
}
BENCHMARK(BM_Compile)->Arg(10)->Arg(10000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tattle

BENCHMARK_MAIN();
