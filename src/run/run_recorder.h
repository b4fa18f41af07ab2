#pragma once

#include <string>
#include <vector>

#include "evidence/run_record.h"
#include "pipeline/pipeline.h"

namespace tattle {

/// Begins the record of an audit: the options, and the hashes of the small files while they are what is read.
/// @param arguments      The command line without the program's name.
/// @param subject_paths  In the order of `options.subjects`.
/// @throws UserError  A file cannot be read.
RunRecord begin_record(const PipelineOptions& options, std::vector<std::string> arguments,
                       const std::vector<std::string>& subject_paths);

/// The subjects' phones, once they are settled.
void record_devices(RunRecord& record, const std::vector<Subject>& subjects);

/// Completes it: what the captures were, and the time.
/// @param captures  As named on the command line.
void end_record(RunRecord& record, const std::vector<std::string>& captures, const PipelineResult& result);

}  // namespace tattle
