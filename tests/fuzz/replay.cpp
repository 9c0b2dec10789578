// Runs a fuzzer on each file of a folder, with any compiler. The name of a file is printed before
// it is run: the last one is that of the find.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "tests/fuzz/property.h"

namespace {

std::vector<std::uint8_t> contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file),
                                  std::istreambuf_iterator<char>()};
  bytes.shrink_to_fit();  // The sanitizers see what is read behind the end.
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << *argv << " FOLDER\n";
    return 2;
  }
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::filesystem::path& path : paths) {
    std::cout << path.string() << std::endl;
    const std::vector<std::uint8_t> bytes = contents(path);
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  std::cout << paths.size() << " inputs hold\n";
  return paths.empty() ? 1 : 0;
}
