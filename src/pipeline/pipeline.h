#pragma once

#include <string>
#include <vector>

#include "base/anomalies.h"
#include "base/limits.h"
#include "decrypt/tls/tls.h"
#include "detect/record.h"
#include "detect/subject/subject.h"
#include "packet/selection.h"
#include "pipeline/input.h"

namespace tattle {

/// Receives everything that the run finds out, in capture order. One thread.
class AuditSink : public RecordSink {
 public:
  /// Before anything else: the subjects with their phones' addresses settled, and on what ground each.
  virtual void on_start(const std::vector<Subject>& subjects, const std::vector<std::string>& grounds) = 0;
  virtual void on_unread(Unread why, PacketId packet, std::uint64_t bytes) = 0;
  /// A name that a capture file itself gives an address.
  virtual void on_name(const Address& address, const std::string& name) = 0;
};

/// Looks on while a run reads: its flows and their packets in the reader's thread, the secrets in those of the workers.
class RunObserver : public SecretUseObserver, public ContentObserver {
 public:
  void on_secret(std::uint64_t, FlowId, std::string_view, Bytes, Bytes) override {}
  void on_content(const Message&, const MessageRecord&) override {}
  virtual void on_flow(const FlowInfo&) {}
  virtual void on_segment(const Segment&) {}
};

struct PipelineOptions {
  std::vector<std::string> captures;   // paths; `-` is standard input
  std::vector<std::string> key_files;  // NSS key logs and PEM private keys
  std::vector<Subject> subjects;       // may be empty: messages are listed, nothing is searched
  SelectionOptions selection;          // of packets; what it leaves out is counted as such
  bool need_device = false;            // infer a subject's phone where its addresses are not given
  unsigned jobs = 1;
  Limits limits;
  Progress progress;
  RunObserver* observer = nullptr;  // may be null
  bool keep_http = false;           // head and body of the phones' HTTP messages go with their records
};

struct PipelineResult {
  std::vector<CaptureFacts> captures;
  std::vector<std::string> warnings;  // one line each, for stderr
  Anomalies anomalies;
};

/// Reads the captures and gives the results to the sink.
/// @throws UserError  A capture or key file that cannot be read, a device that cannot be told.
PipelineResult run_pipeline(PipelineOptions options, AuditSink& sink);

}  // namespace tattle
