#include "capture/capture.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/result.h"
#include "capture/byte_source.h"
#include "capture/capture_origin.h"
#include "capture/import/format.h"
#include "capture/packets/format.h"
#include "capture/pcap_format.h"
#include "capture/pcapng_format.h"

namespace tattle {
namespace {

constexpr std::uint8_t kGzipMagic[] = {0x1f, 0x8b};
constexpr std::uint8_t kZstdMagic[] = {0x28, 0xb5, 0x2f, 0xfd};

bool starts_with(Bytes bytes, Bytes magic) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

constexpr std::string_view kKnownFormats =
    "tattle reads pcap, pcapng, snoop, NetMon, Sniffer, ERF, HAR and mitmproxy flows, plain or compressed by gzip or "
    "zstd";
constexpr std::size_t kFront = 64;

/// One file: its source, maybe a decompressor, and its format.
class CaptureFile : public CaptureReader {
 public:
  CaptureFile(const std::string& name, std::unique_ptr<FileSource> file, std::uint32_t capture, const Limits& limits,
              Anomalies& anomalies)
      : name_(name),
        file_(std::move(file)),
        limits_(limits),
        decoder_(make_decoder()),
        window_(decoder_ ? *decoder_ : static_cast<ByteSource&>(*file_)),
        context_{window_, capture, limits_, anomalies} {
    const Bytes magic = window_.peek(4);
    if (magic.empty()) refuse_empty();
    if (PcapFormat::matches(magic)) {
      if (!pcap_.emplace().start(context_)) refuse("ends within its file header; capture again or copy it anew");
      return;
    }
    if (PcapngFormat::matches(magic)) {
      if (!pcapng_.emplace().start(context_)) {
        refuse("ends within its first section header, or that is damaged; capture again or copy it anew");
      }
      return;
    }
    packets_ = make_packet_format(window_.peek(kFront), !decoder_ && file_->has_places() ? file_.get() : nullptr);
    if (!packets_) import_ = make_import_format(window_.peek(kFront));
    if (!packets_ && !import_) packets_ = guess_packet_format([this](std::size_t size) { return window_.peek(size); });
    if (!packets_ && !import_) {
      refuse(fmt::format("is not a capture: {}; convert it with `editcap -F pcapng IN OUT` if Wireshark opens it",
                         kKnownFormats));
    }
    const std::string why = packets_ ? packets_->start(context_) : import_->start(context_);
    if (!why.empty()) refuse(why);
  }

  CaptureEvent next() override {
    if (!ended_) {
      if (pcap_ || packets_) {
        if (auto packet = pcap_ ? pcap_->next(context_) : packets_->next(context_)) return std::move(*packet);
      } else if (auto event = pcapng_ ? pcapng_->next(context_) : import_->next(context_)) {
        return std::move(*event);
      }
      end();
    }
    return CaptureEnd{context_.cut};
  }

  std::uint64_t bytes_read() const override { return file_->bytes_read(); }
  std::uint64_t size() const override { return file_->size(); }
  std::array<std::uint8_t, 32> sha256() const override { return file_->sha256(); }
  std::string format() const override {
    const std::string plain = pcap_      ? pcap_->name()
                              : pcapng_  ? "pcapng"
                              : packets_ ? packets_->name()
                                         : import_->name();
    return plain + compression_;
  }
  std::optional<std::uint64_t> entries() const override {
    return import_ ? std::optional(context_.packets) : std::nullopt;
  }
  CaptureOrigin origin() const { return pcapng_ ? pcapng_->origin() : CaptureOrigin{}; }

 private:
  std::unique_ptr<ByteSource> make_decoder() {
    if (starts_with(file_->magic(), kGzipMagic)) {
      compression_ = " (gzip)";
      return make_gzip_source(*file_);
    }
    if (starts_with(file_->magic(), kZstdMagic)) {
      compression_ = " (zstd)";
      return make_zstd_source(*file_);
    }
    return nullptr;
  }

  [[noreturn]] void refuse(const std::string& why) const { throw UserError(fmt::format("{}: {}", name_, why)); }
  [[noreturn]] void refuse_empty() const {
    if (decoder_ && decoder_->trouble() != SourceTrouble::none) {
      refuse("its compressed data is cut or damaged from the start; copy it anew");
    }
    if (file_->trouble() == SourceTrouble::unreadable) refuse("cannot be read; check the disk or copy it anew");
    refuse("is empty; nothing was captured, or the capture was not saved yet");
  }

  // Everything was delivered: says what stopped the bytes before their time, and completes the hash.
  void end() {
    ended_ = true;
    switch (decoder_ ? decoder_->trouble() : file_->trouble()) {
      case SourceTrouble::none:
        break;
      case SourceTrouble::cut:
        context_.end_cut();
        break;
      case SourceTrouble::damaged:
        context_.note("capture.damaged-compression");
        context_.end_cut();
        break;
      case SourceTrouble::unreadable:
        context_.note("capture.unreadable");
        context_.end_cut();
        break;
      case SourceTrouble::limit:
        context_.note("archive.limit-bytes");
        context_.end_cut();
        break;
      case SourceTrouble::trailing:
        context_.note("capture.trailing-bytes");
        break;
    }
    file_->drain();
  }

  std::string name_;
  std::string compression_;
  std::unique_ptr<FileSource> file_;
  Limits limits_;
  std::unique_ptr<ByteSource> decoder_;
  BlockWindow window_;
  CaptureContext context_;
  std::optional<PcapFormat> pcap_;
  std::optional<PcapngFormat> pcapng_;
  std::unique_ptr<PacketFormat> packets_;
  std::unique_ptr<ImportFormat> import_;
  bool ended_ = false;
};

}  // namespace

CaptureOrigin origin_of(const CaptureReader& reader) {
  const auto* file = dynamic_cast<const CaptureFile*>(&reader);
  return file == nullptr ? CaptureOrigin{} : file->origin();
}

std::unique_ptr<CaptureReader> CaptureReader::open(const std::string& path, std::uint32_t capture, const Limits& limits,
                                                   Anomalies& anomalies, bool hash) {
  return std::make_unique<CaptureFile>(path == "-" ? "standard input" : path, std::make_unique<FileSource>(path, hash),
                                       capture, limits, anomalies);
}

std::unique_ptr<CaptureReader> CaptureReader::open(std::unique_ptr<ByteSource> bytes, const std::string& name,
                                                   std::uint32_t capture, const Limits& limits, Anomalies& anomalies,
                                                   bool hash) {
  return std::make_unique<CaptureFile>(name, std::make_unique<FileSource>(std::move(bytes), hash), capture, limits,
                                       anomalies);
}

}  // namespace tattle
