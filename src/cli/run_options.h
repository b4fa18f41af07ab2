#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/pipeline.h"

namespace tattle {

/// Options that every command which reads captures has.
struct RunOptions {
  std::vector<std::string> captures, keys, limits, hosts;
  SelectionOptions selection;
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());

  void add_to(CLI::App& command) {
    command
        .add_option("CAPTURE", captures,
                    "pcap, pcapng, HAR, mitmproxy flows, SAZ, or archives of them; - is standard input")
        ->option_text("...")
        ->required();
    command.add_option("--keys", keys, "TLS key log (NSS format) or a server's private key (PEM); may repeat")
        ->option_text("FILE")
        ->expected(1)
        ->take_all();
    command.add_option("--filter", selection.filter, "only packets that this capture filter takes (pcap-filter(7))")
        ->option_text("EXPRESSION");
    command
        .add_option("--since", selection.since,
                    "only packets from this time on: RFC 3339, UTC without a zone; or HH:MM")
        ->option_text("TIME");
    command.add_option("--until", selection.until, "only packets before this time")->option_text("TIME");
    command.add_option("--host", hosts, "list only this host and those under it, or this address; may repeat")
        ->option_text("NAME")
        ->expected(1)
        ->take_all();
    command.add_option("--jobs", jobs, "threads; the output is the same for any number")
        ->check(CLI::Range(1u, 256u))
        ->capture_default_str();
    command.add_option("--limit", limits, "`tattle limits` lists them; may repeat")
        ->option_text("NAME=VALUE")
        ->expected(1)
        ->take_all();
  }
  PipelineOptions pipeline() const {
    PipelineOptions options;
    options.captures = captures;
    options.key_files = keys;
    options.selection = selection;
    options.jobs = jobs;
    for (const std::string& each : limits) set_limit(options.limits, each);
    return options;
  }
};

}  // namespace tattle
