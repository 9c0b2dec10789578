# Run by cpack before it makes a package: a program for the building machine's own processor would
# end with an illegal instruction on another.
if(CPACK_TAPEWISE_SANITIZE)
  message(FATAL_ERROR "This build is sanitized; a package is made by: cmake --workflow --preset package")
endif()
if(CPACK_TAPEWISE_NATIVE AND NOT CPACK_TAPEWISE_ALLOW_NATIVE)
  message(FATAL_ERROR "This build is for this machine's processor alone (TAPEWISE_NATIVE). "
                      "A package is made by: cmake --workflow --preset package")
endif()
