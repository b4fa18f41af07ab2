// How fast a message's tree is walked when nobody looks at it: `--benchmark_filter=` picks one.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <zlib.h>

#include <string>

#include "decode/value.h"

namespace tattle {
namespace {

class NobodyLooks : public ValueVisitor {
 public:
  void enter(const Value& value) override { seen_ += value.bytes.size(); }
  void leave(const Value&) override {}
  std::uint64_t seen_ = 0;
};

// Telemetry as phones send it: short strings, numbers, identifiers, now and then a token.
std::string telemetry(std::size_t size) {
  std::string text = R"({"device":{"model":"Example 920","os":"8.0.10211"},"events":[)";
  for (std::uint64_t i = 0; text.size() < size; ++i) {
    const std::uint64_t mixed = (i + 1) * 0x9e3779b97f4a7c15ULL;
    text += fmt::format(
        R"({}{{"name":"app.screen.view","time":"2012-11-05T18:{:02}:{:02}.123Z","session":"{:08x}-4f50-4a6b-9c7d-8e9fa0b1c2d3",)"
        R"("sequence":{},"screen":"Settings / About the phone","duration_ms":{},"battery":0.{:02},"charging":false,)"
        R"("network":{{"type":"wifi","signal":-{},"operator":"Example Mobile"}},"message":"The user opened the page from the start screen"}})",
        i ? "," : "", i / 60 % 60, i % 60, mixed >> 32, i, mixed % 5000, mixed % 100, 40 + mixed % 50);
  }
  return text + "]}";
}

std::string gzip(const std::string& plain) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  std::string out(compressBound(plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

void walk(benchmark::State& state, const std::string& bytes, std::size_t counted) {
  const Limits limits;
  Anomalies anomalies;
  NobodyLooks visitor;
  DecodeCounts counts;
  for (auto _ : state) {
    counts = walk_bytes(as_bytes(bytes), {"application/json", ""}, limits, anomalies, {}, visitor);
    benchmark::DoNotOptimize(visitor.seen_);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * counted));
  state.counters["nodes"] = static_cast<double>(counts.nodes);
}

void BM_Json(benchmark::State& state) {
  const std::string plain = telemetry(static_cast<std::size_t>(state.range(0)));
  walk(state, plain, plain.size());
}
BENCHMARK(BM_Json)->Arg(1 << 10)->Arg(10 << 10)->Arg(100 << 10)->Arg(1 << 20);

void BM_GzipJson(benchmark::State& state) {
  const std::string plain = telemetry(static_cast<std::size_t>(state.range(0)));
  walk(state, gzip(plain), plain.size());
}
BENCHMARK(BM_GzipJson)->Arg(10 << 10)->Arg(100 << 10);

}  // namespace
}  // namespace tattle

BENCHMARK_MAIN();
