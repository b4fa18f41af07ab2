# cmake -DIN=file -DOUT=file.cc -DNAME=kName -P embed.cmake: a text file as a constant of namespace tattle.
file(READ "${IN}" text)
file(WRITE "${OUT}" "#include <string_view>\nnamespace tattle {\nextern const std::string_view ${NAME};\n"
  "const std::string_view ${NAME} = R\"embedded(${text})embedded\";\n}\n")
