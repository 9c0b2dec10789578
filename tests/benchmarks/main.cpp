// Runs the benchmarks of this program, and says on what: Google Benchmark's own context names
// neither the processor nor the compiler.
#include <benchmark/benchmark.h>

#include <fstream>
#include <string>

namespace {

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

// The file of the library of matrix products that this program has loaded; libtorch's speed depends
// on which it is.
std::string blas() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const std::string file = line.substr(line.rfind('/') + 1);
    if (file.find("blas") != std::string::npos) return file;
  }
  return "";
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("processor", processor());
#if defined(__clang__)
  benchmark::AddCustomContext("compiler", __VERSION__);
#else
  benchmark::AddCustomContext("compiler", "GCC " __VERSION__);
#endif
  if (const std::string file = blas(); !file.empty()) benchmark::AddCustomContext("blas", file);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
