# The Debian package that `cpack -G DEB` makes: the program, its manual page and completions, and its
# documentation; not the libraries and headers, which `cmake --install` puts in place.
set(package_docs ${CMAKE_INSTALL_DATAROOTDIR}/doc/tapewise)

# Debian's machine-readable copyright file, with the licence as it stands in LICENSE.
file(READ ${PROJECT_SOURCE_DIR}/LICENSE licence)
string(REGEX MATCH "Copyright [^\n]*" copyright "${licence}")
string(REGEX REPLACE "^.*Copyright [^\n]*\n\n" "" licence "${licence}")
string(STRIP "${licence}" licence)
string(REGEX REPLACE "\n\n" "\n.\n" licence "${licence}")
string(REGEX REPLACE "\n" "\n " licence "${licence}")
string(REPLACE "Copyright (c) " "" copyright "${copyright}")
file(
  CONFIGURE
  OUTPUT ${PROJECT_BINARY_DIR}/copyright
  CONTENT
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Tapewise

Files: *
Copyright: @copyright@
License: Expat

License: Expat
 @licence@
"
  @ONLY)
install(
  FILES ${PROJECT_BINARY_DIR}/copyright ${PROJECT_SOURCE_DIR}/README.md
  DESTINATION ${package_docs}
  COMPONENT program)

set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL program)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
# Whatever the umask of who makes the package.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
                                                GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_PACKAGE_NAME tapewise)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT
    "The Tapewise authors <maintainers@users.noreply.h-seed-7e63ca7c.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "small classifiers from CSV files, and the gradients behind them")
set(CPACK_PACKAGE_DESCRIPTION
    "Trains logistic and softmax regressions and small perceptrons on a CSV file, reports
coefficients with their inference and cross-validated figures, and predicts.
It also verifies gradients of expressions and models by witnesses that are
independent of them, and explains backpropagation step by step.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_NAME tapewise)
set(CPACK_DEBIAN_PACKAGE_SECTION math)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# A package is for other machines.
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/package_check.cmake)
set(CPACK_TAPEWISE_NATIVE ${TAPEWISE_NATIVE})
set(CPACK_TAPEWISE_SANITIZE ${TAPEWISE_SANITIZE})
include(CPack)
