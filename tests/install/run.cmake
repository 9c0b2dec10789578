# Installs the build tree BUILD into a fresh prefix below WORK, then configures, builds and runs the
# project CONSUMER against that prefix alone. Then does the same with the project that README shows.
file(REMOVE_RECURSE ${WORK})

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --config ${CONFIG} --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -S ${CONSUMER} -B ${WORK}/build -G ${GENERATOR} -D CMAKE_CXX_COMPILER=${CXX}
    -D CMAKE_BUILD_TYPE=${CONFIG} -D CMAKE_PREFIX_PATH=${WORK}/prefix)
run(${CMAKE_COMMAND} --build ${WORK}/build --config ${CONFIG})
run(${WORK}/build/consumer)
run(${WORK}/prefix/bin/tapewise --version)

# between(TEXT BEGIN END OUT REST): what stands between BEGIN and the next END, and what follows.
function(between text begin end out rest)
  string(FIND "${text}" "${begin}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "README.md has no block that begins with ${begin}")
  endif()
  string(LENGTH "${begin}" length)
  math(EXPR at "${at} + ${length}")
  string(SUBSTRING "${text}" ${at} -1 text)
  string(FIND "${text}" "${end}" at)
  string(SUBSTRING "${text}" 0 ${at} found)
  string(SUBSTRING "${text}" ${at} -1 text)
  set(${out} "${found}" PARENT_SCOPE)
  set(${rest} "${text}" PARENT_SCOPE)
endfunction()

# Each C++ block is a main.cpp for the CMakeLists.txt block; the block behind it is what it prints.
file(READ ${README} readme)
between("${readme}" "```cmake\n" "```\n" project readme)
file(WRITE ${WORK}/readme/CMakeLists.txt "${project}")
set(examples 0)
string(FIND "${readme}" "```cpp\n" next)
while(NOT next EQUAL -1)
  math(EXPR examples "${examples} + 1")
  between("${readme}" "```cpp\n" "```\n" source readme)
  between("${readme}" "\n```\n" "```\n" expected readme)
  file(WRITE ${WORK}/readme/main.cpp "${source}")
  if(examples EQUAL 1)
    run(${CMAKE_COMMAND} -S ${WORK}/readme -B ${WORK}/readme/build -G ${GENERATOR}
        -D CMAKE_CXX_COMPILER=${CXX} -D CMAKE_BUILD_TYPE=${CONFIG}
        -D CMAKE_PREFIX_PATH=${WORK}/prefix)
  endif()
  run(${CMAKE_COMMAND} --build ${WORK}/readme/build --config ${CONFIG})
  execute_process(COMMAND ${WORK}/readme/build/mine OUTPUT_VARIABLE printed
                  COMMAND_ERROR_IS_FATAL ANY)
  if(NOT printed STREQUAL expected)
    message(FATAL_ERROR "README.md shows\n${expected}where its program prints\n${printed}")
  endif()
  string(FIND "${readme}" "```cpp\n" next)
endwhile()
if(examples LESS 4)
  message(FATAL_ERROR "README.md has ${examples} programs, fewer than it had")
endif()
