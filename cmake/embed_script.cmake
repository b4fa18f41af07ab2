# cmake -DIN=report.js -DOUT=file.cc -P embed_script.cmake: the report's script by the assembler, which is fast with large
# files; an empty one where IN was not built (no npm), and the report is then written without script.
if(EXISTS "${IN}")
  file(WRITE "${OUT}" "#include <string_view>\n"
    "__asm__(\".section .rodata\\n\"\n"
    "        \".global tattle_report_script\\n.global tattle_report_script_end\\n\"\n"
    "        \"tattle_report_script:\\n.incbin \\\"${IN}\\\"\\ntattle_report_script_end:\\n.byte 0\\n\"\n"
    "        \".text\\n\");\n"
    "extern \"C\" {\nextern const char tattle_report_script[];\nextern const char tattle_report_script_end[];\n}\n"
    "namespace tattle {\nstd::string_view report_script() {\n"
    "  return {tattle_report_script, static_cast<std::size_t>(tattle_report_script_end - tattle_report_script)};\n}\n}\n")
else()
  file(WRITE "${OUT}" "#include <string_view>\nnamespace tattle {\nstd::string_view report_script() { return {}; }\n}\n")
endif()
