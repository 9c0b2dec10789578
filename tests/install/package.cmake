# Makes the Debian package of the build tree BUILD below WORK, looks at what is in it, unpacks it and
# runs the program there; where dpkg may (root, or fakeroot), installs and removes it in a root of
# its own as well.
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK}/home)

# ask(OUT COMMAND…): what the command prints, without the newline at the end.
function(ask out)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE said COMMAND_ECHO STDOUT
                  COMMAND_ERROR_IS_FATAL ANY OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(${out} "${said}" PARENT_SCOPE)
endfunction()

function(expect_equal what actual expected)
  if(NOT actual STREQUAL expected)
    message(FATAL_ERROR "${what} is\n${actual}\nand should be\n${expected}")
  endif()
endfunction()

# A build for this machine alone is refused, and packed here all the same: it runs nowhere else.
set(pack ${CPACK} -G DEB -C ${CONFIG} --config ${BUILD}/CPackConfig.cmake -B ${WORK}/packed)
if(NATIVE)
  execute_process(COMMAND ${pack} RESULT_VARIABLE status ERROR_VARIABLE said OUTPUT_QUIET)
  if(status EQUAL 0 OR NOT said MATCHES "cmake --workflow --preset package")
    message(FATAL_ERROR "cpack packs a native build (${status}):\n${said}")
  endif()
endif()
ask(ignored ${pack} -D CPACK_TAPEWISE_ALLOW_NATIVE=ON)
file(GLOB packages ${WORK}/packed/*.deb)
list(LENGTH packages count)
expect_equal("The number of packages" ${count} 1)
set(package ${packages})

# --- What it says of itself
ask(architecture dpkg --print-architecture)
get_filename_component(name ${package} NAME)
expect_equal("The file's name" ${name} tapewise_${VERSION}_${architecture}.deb)
foreach(field Package=tapewise Version=${VERSION} Architecture=${architecture} Section=math)
  string(REPLACE "=" ";" field ${field})
  list(GET field 0 key)
  list(GET field 1 expected)
  ask(value dpkg-deb --field ${package} ${key})
  expect_equal(${key} "${value}" "${expected}")
endforeach()
ask(depends dpkg-deb --field ${package} Depends)
foreach(library libc6 libgomp1 libspdlog libstdc\\+\\+6)
  if(NOT depends MATCHES "(^|, )${library}")
    message(FATAL_ERROR "It does not depend on ${library}: ${depends}")
  endif()
endforeach()
ask(description dpkg-deb --field ${package} Description)
if(NOT description MATCHES "^small classifiers from CSV files[^\n]*\n [^\n]")
  message(FATAL_ERROR "It has no description of two parts: ${description}")
endif()

# --- What is in it, all of it owned by root, folders and files readable by all
ask(listing dpkg-deb --contents ${package})
string(REPLACE "\n" ";" listing "${listing}")
set(files)
foreach(line ${listing})
  if(NOT line MATCHES "^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x) root/root .* \\./([^ ]*)$")
    message(FATAL_ERROR "Wrong owner or permissions: ${line}")
  endif()
  set(path ${CMAKE_MATCH_2})
  if(line MATCHES "^-")
    list(APPEND files ${path})
  endif()
endforeach()
list(SORT files)
set(expected
    usr/bin/tapewise
    usr/share/bash-completion/completions/tapewise
    usr/share/doc/tapewise/README.md
    usr/share/doc/tapewise/copyright
    usr/share/fish/vendor_completions.d/tapewise.fish
    usr/share/man/man1/tapewise.1.gz
    usr/share/zsh/vendor-completions/_tapewise)
expect_equal("The list of files" "${files}" "${expected}")

# --- The program, unpacked
ask(ignored dpkg-deb --extract ${package} ${WORK}/root)
set(tapewise ${CMAKE_COMMAND} -E chdir ${WORK}/home ${WORK}/root/usr/bin/tapewise)
ask(version ${tapewise} --version)
expect_equal("--version" "${version}" "${VERSION}")
ask(ignored ${tapewise} train ${DATA}/hours.csv --target pass -o hours.json)
ask(predictions ${tapewise} predict hours.json ${DATA}/hours.csv)
if(NOT predictions MATCHES "^pass,probability_0,probability_1\n0,0\\.96528")
  message(FATAL_ERROR "Its predictions are ${predictions}")
endif()
ask(page gzip -dc ${WORK}/root/usr/share/man/man1/tapewise.1.gz)
ask(manual ${tapewise} manual)
expect_equal("The manual page" "${page}" "${manual}")
foreach(completion bash=bash-completion/completions/tapewise zsh=zsh/vendor-completions/_tapewise
                   fish=fish/vendor_completions.d/tapewise.fish)
  string(REPLACE "=" ";" completion ${completion})
  list(GET completion 0 shell)
  list(GET completion 1 file)
  ask(script ${tapewise} completion ${shell})
  execute_process(COMMAND ${CMAKE_COMMAND} -E cat ${WORK}/root/usr/share/${file}
                  OUTPUT_VARIABLE installed OUTPUT_STRIP_TRAILING_WHITESPACE)
  expect_equal("The completion of ${shell}" "${installed}" "${script}")
endforeach()
file(READ ${WORK}/root/usr/share/doc/tapewise/copyright copyright)
if(NOT copyright MATCHES "\nLicense: Expat\n Permission is hereby granted" OR NOT copyright MATCHES "\n \\.\n THE SOFTWARE IS")
  message(FATAL_ERROR "The copyright file is\n${copyright}")
endif()

# --- By dpkg
ask(user id -u)
find_program(FAKEROOT fakeroot)
if(user EQUAL 0)
  set(dpkg dpkg)
elseif(FAKEROOT)
  set(dpkg ${FAKEROOT} dpkg --force-not-root)
else()
  message(STATUS "dpkg cannot install as this user without fakeroot: unpacked only")
  return()
endif()
file(MAKE_DIRECTORY ${WORK}/installed/var/lib/dpkg/info ${WORK}/installed/var/lib/dpkg/updates)
file(TOUCH ${WORK}/installed/var/lib/dpkg/status)
# What it depends on is in the machine's own root.
set(dpkg ${dpkg} --root=${WORK}/installed --force-depends --force-script-chrootless
         --log=${WORK}/dpkg.log)
ask(ignored ${dpkg} --install ${package})
ask(state dpkg-query --admindir=${WORK}/installed/var/lib/dpkg --show
    --showformat=\${db:Status-Status} tapewise)
expect_equal("Its state" "${state}" installed)
ask(ignored ${dpkg} --verify tapewise)
expect_equal("What dpkg finds changed" "${ignored}" "")
ask(version ${WORK}/installed/usr/bin/tapewise --version)
expect_equal("--version, installed" "${version}" "${VERSION}")
ask(ignored ${dpkg} --purge tapewise)
file(GLOB_RECURSE left ${WORK}/installed/usr/*)
expect_equal("What is left of it" "${left}" "")
