#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <thread>
#include <vector>

#include "pipeline.h"

namespace tattle {

/// Options that every command which reads captures has.
struct RunOptions {
  std::vector<std::string> captures, keys, limits;
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());

  void add_to(CLI::App& command) {
    command.add_option("CAPTURE", captures, "pcap or pcapng files, plain, gzip or zstd; - is standard input")
        ->option_text("...")
        ->required();
    command.add_option("--keys", keys, "TLS key log (NSS format) or a server's private key (PEM); may repeat")
        ->option_text("FILE")
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
    options.jobs = jobs;
    for (const std::string& each : limits) set_limit(options.limits, each);
    return options;
  }
};

}  // namespace tattle
