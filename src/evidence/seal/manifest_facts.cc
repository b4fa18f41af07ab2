#include "evidence/seal/manifest_facts.h"

#include <fmt/format.h>
#include <sys/timex.h>

#include <filesystem>
#include <string_view>

namespace tattle {

extern const std::string_view kBuildCommit;  // written by the build

namespace {

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#elif defined(__GNUC__)
  return "g++ " __VERSION__;
#else
  return "unknown";
#endif
}

}  // namespace

BuildFacts build_facts(std::string version) {
  return {std::move(version), std::string(kBuildCommit), compiler(), record_file("/proc/self/exe").sha256};
}

ClockFacts clock_facts() {
  ClockFacts facts;
  struct timex state {};  // no mode is set: it only asks
  const int answer = ::adjtimex(&state);
  if (answer >= 0) {
    facts.synchronised = answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
    if (state.maxerror >= 0) facts.max_error_us = static_cast<std::uint64_t>(state.maxerror);
  }
  struct Service {
    const char *name, *file;
  };
  for (const Service& each : {Service{"systemd-timesyncd", "/etc/systemd/timesyncd.conf"},
                              {"chrony", "/etc/chrony/chrony.conf"},
                              {"chrony", "/etc/chrony.conf"},
                              {"ntpsec", "/etc/ntpsec/ntp.conf"},
                              {"ntp", "/etc/ntp.conf"},
                              {"openntpd", "/etc/openntpd/ntpd.conf"}}) {
    std::error_code error;
    if (std::filesystem::exists(each.file, error)) facts.services.emplace_back(each.name);
  }
  return facts;
}

}  // namespace tattle
