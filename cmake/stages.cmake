# One static library for each stage: every *.cc of src/<name> and its folders but the tests, which become <name>_test.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(tattle_flags INTERFACE)
target_compile_options(tattle_flags INTERFACE -Wall -Wextra -Wconversion -Wno-sign-conversion -Werror=return-type
                       -Werror=switch
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)  # GCC bug 105651: false alarms in std::string
target_include_directories(tattle_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(tattle_flags INTERFACE fmt::fmt Threads::Threads)
if(TATTLE_SANITIZE)
  # Without vptr: Debian's SOCI keeps the type information to itself that this check asks for.
  target_compile_options(tattle_flags INTERFACE -fsanitize=address,undefined -fno-sanitize=vptr
                         -fno-sanitize-recover=undefined
                         -fno-omit-frame-pointer -O1 -g1)
  target_link_options(tattle_flags INTERFACE -fsanitize=address,undefined)
endif()
if(TATTLE_FUZZ)
  target_compile_options(tattle_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(TATTLE_TESTS)
  enable_testing()
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

set(TATTLE_PREVIOUS_STAGE "" CACHE INTERNAL "")

function(tattle_stage name)
  cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*_test.cc)
  if(tests)
    list(REMOVE_ITEM sources ${tests})
  endif()
  if(NOT sources)
    add_library(stage_${name} INTERFACE)
    set(kind INTERFACE)
  else()
    add_library(stage_${name} STATIC ${sources})
    set(kind PUBLIC)
  endif()
  target_link_libraries(stage_${name} ${kind} tattle_flags ${ARG_LIBS})
  if(TATTLE_PREVIOUS_STAGE)
    target_link_libraries(stage_${name} ${kind} stage_${TATTLE_PREVIOUS_STAGE})
  endif()
  set(TATTLE_PREVIOUS_STAGE ${name} CACHE INTERNAL "")
  if(TATTLE_TESTS AND tests)
    tattle_test(${name}_test stage_${name} ${tests})
  endif()
  if(TATTLE_BENCH)
    file(GLOB benches CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/${name}_*_bench.cc ${CMAKE_SOURCE_DIR}/bench/${name}_bench.cc)
    foreach(bench ${benches})
      get_filename_component(target ${bench} NAME_WE)
      add_executable(${target} ${bench})
      target_link_libraries(${target} stage_${name} benchmark)
    endforeach()
  endif()
  if(TATTLE_FUZZ)
    file(GLOB fuzzers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fuzz/${name}_*_fuzz.cc)
    foreach(fuzzer ${fuzzers})
      get_filename_component(target ${fuzzer} NAME_WE)
      add_executable(${target} ${fuzzer})
      target_link_libraries(${target} stage_${name})
      target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
endfunction()

# Tests find the source tree through TATTLE_SOURCE_DIR and the program through TATTLE_PROGRAM.
function(tattle_test target library)
  add_executable(${target} ${ARGN})
  target_link_libraries(${target} ${library} GTest::gtest_main GTest::gmock)
  target_compile_definitions(${target} PRIVATE TATTLE_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                             TATTLE_BUILD_DIR="${CMAKE_BINARY_DIR}")
  gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300)
endfunction()

function(tattle_program)
  file(GLOB cli CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/cli/*.cc)
  file(GLOB cli_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/cli/*_test.cc)
  if(cli_tests)
    list(REMOVE_ITEM cli ${cli_tests})
  endif()
  file(GLOB pipeline CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/pipeline/*.cc ${CMAKE_SOURCE_DIR}/src/run/*.cc)
  file(GLOB pipeline_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/pipeline/*_test.cc ${CMAKE_SOURCE_DIR}/src/run/*_test.cc
       ${CMAKE_SOURCE_DIR}/tests/*_test.cc)
  foreach(test ${pipeline_tests})
    list(REMOVE_ITEM pipeline ${test})
  endforeach()
  if(NOT cli)
    return()
  endif()
  add_library(tattle_pipeline STATIC ${pipeline})
  target_link_libraries(tattle_pipeline PUBLIC stage_${TATTLE_PREVIOUS_STAGE})
  target_compile_definitions(tattle_pipeline PUBLIC TATTLE_VERSION="${PROJECT_VERSION}")
  add_executable(tattle ${cli})
  target_link_libraries(tattle PRIVATE tattle_pipeline)
  if(TATTLE_TESTS AND (pipeline_tests OR cli_tests))
    tattle_test(pipeline_test tattle_pipeline ${pipeline_tests} ${cli_tests})
    target_compile_definitions(pipeline_test PRIVATE TATTLE_PROGRAM="$<TARGET_FILE:tattle>")
    add_dependencies(pipeline_test tattle)
  endif()
  if(TATTLE_FUZZ)
    add_executable(damaged_captures ${CMAKE_SOURCE_DIR}/fuzz/damaged_captures.cc)
    target_link_libraries(damaged_captures tattle_pipeline)
  endif()
endfunction()

# Compiles a text file of the source tree into a stage: tattle_embed(report kReportStyle web/report.css).
function(tattle_embed stage name file)
  set(out ${CMAKE_BINARY_DIR}/embedded/${name}.cc)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DIN=${CMAKE_SOURCE_DIR}/${file} -DOUT=${out} -DNAME=${name} -P
            ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${CMAKE_SOURCE_DIR}/${file} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake)
  target_sources(stage_${stage} PRIVATE ${out})
endfunction()

# Compiles the catalogues of messages and, if npm built it, the report's script into a stage. A script that appears or
# changes later is noticed by the next build.
function(tattle_embed_report stage)
  file(GLOB catalogues CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/messages/*.json)
  file(GLOB script CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/build/web/report.js)
  set(out ${CMAKE_BINARY_DIR}/embedded)
  add_custom_command(
    OUTPUT ${out}/catalogues.cc
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${CMAKE_SOURCE_DIR}/web/messages -DOUT=${out}/catalogues.cc -P
            ${CMAKE_SOURCE_DIR}/cmake/embed_messages.cmake
    DEPENDS ${catalogues} ${CMAKE_SOURCE_DIR}/cmake/embed_messages.cmake)
  add_custom_command(
    OUTPUT ${out}/report_script.cc
    COMMAND ${CMAKE_COMMAND} -DIN=${CMAKE_SOURCE_DIR}/build/web/report.js -DOUT=${out}/report_script.cc -P
            ${CMAKE_SOURCE_DIR}/cmake/embed_script.cmake
    DEPENDS ${script} ${CMAKE_SOURCE_DIR}/cmake/embed_script.cmake)
  target_sources(stage_${stage} PRIVATE ${out}/catalogues.cc ${out}/report_script.cc)
endfunction()

# Compiles the commit that the sources stand at into a stage, as kBuildCommit: empty without git or its history. Looked
# up by every build, written only when it changed.
function(tattle_commit stage)
  set(out ${CMAKE_BINARY_DIR}/embedded/commit.cc)
  add_custom_target(tattle_commit_${stage} BYPRODUCTS ${out}
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUT=${out} -P ${CMAKE_SOURCE_DIR}/cmake/commit.cmake)
  target_sources(stage_${stage} PRIVATE ${out})
  add_dependencies(stage_${stage} tattle_commit_${stage})
endfunction()

# Compiles files of facts and the trees that their YAML makes into a stage, as built_facts().
function(tattle_facts stage)
  set(files ${ARGN})
  list(TRANSFORM files PREPEND ${CMAKE_SOURCE_DIR}/)
  set(out ${CMAKE_BINARY_DIR}/embedded/facts.cc)
  add_executable(compile_facts ${CMAKE_SOURCE_DIR}/tools/compile_facts.cc
                 ${CMAKE_SOURCE_DIR}/src/attribute/facts/fact_tree.cc)
  target_link_libraries(compile_facts PRIVATE tattle_flags PkgConfig::yaml)
  add_custom_command(OUTPUT ${out} COMMAND compile_facts ${out} ${files} DEPENDS compile_facts ${files})
  target_sources(stage_${stage} PRIVATE ${out})
endfunction()
