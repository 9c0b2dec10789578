# What find_package(Tapewise) reads in an installed copy: Tapewise::autograd and Tapewise::models.
include(CMakeFindDependencyMacro)
find_dependency(Eigen3 3.4)
find_dependency(OpenMP COMPONENTS CXX)
include("${CMAKE_CURRENT_LIST_DIR}/TapewiseTargets.cmake")
