// Reading a CSV file of numbers, two threads.
//
// The files are made when they are first asked for, in the folder for temporary files (TMPDIR), and
// stay there for those that read them in turns with this program.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "autograd/random.h"
#include "models/data/csv.h"

namespace benchmarks {
namespace {

constexpr int features = 32;
constexpr unsigned threads = 2;

// A number between −1 and 1 with six digits that count, such as -0.0417022.
void append_number(std::string& text, autograd::Random& random) {
  text += random.below(2) == 0 ? "0." : "-0.";
  while (random.below(10) == 0) text += '0';
  text += std::to_string(100'000 + random.below(900'000));
}

// A header and so many rows of numbers and a label, 0 or 1.
void write_file(const std::filesystem::path& path, std::size_t rows) {
  std::ofstream file(path, std::ios::binary);
  autograd::Random random(1);
  std::string line;
  for (int k = 1; k <= features; ++k) line.append("x").append(std::to_string(k)).append(",");
  file << line << "label\n";
  for (std::size_t row = 0; row < rows; ++row) {
    line.clear();
    for (int k = 0; k < features; ++k) {
      append_number(line, random);
      line += ',';
    }
    file << line << random.below(2) << '\n';
  }
  file.close();
  if (!file) throw std::runtime_error(path.string() + " cannot be written");
}

std::filesystem::path file_of(std::size_t rows) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path();
  std::filesystem::path path = folder / ("tapewise_" + std::to_string(rows) + ".csv");
  if (!std::filesystem::exists(path)) {
    const std::filesystem::path part = path.string() + ".part";
    write_file(part, rows);
    std::filesystem::rename(part, path);
  }
  return path;
}

// The sum of the squares of all numbers: the same for all who read the same.
double sum_of_squares(const models::Table& table) {
  double total = 0.0;
  for (const models::Column& column : table.columns) {
    double sum = 0.0;
    for (const double number : column.numbers) sum += number * number;
    total += sum;
  }
  return total;
}

void read(benchmark::State& state) {
  const std::filesystem::path path = file_of(static_cast<std::size_t>(state.range(0)));
  models::CsvOptions options;
  options.threads = threads;
  models::Table table;
  for (auto _ : state) table = models::read_csv(path, options);
  state.counters["result"] = sum_of_squares(table);
  state.counters["MiB"] =
      static_cast<double>(std::filesystem::file_size(path)) / static_cast<double>(1U << 20U);
}
BENCHMARK(read)->Name("csv/read")->Arg(100'000)->Iterations(1)->Repetitions(9);
BENCHMARK(read)->Name("csv/read")->Arg(500'000)->Iterations(1)->Repetitions(7);
BENCHMARK(read)->Name("csv/read")->Arg(1'000'000)->Iterations(1)->Repetitions(3);
BENCHMARK(read)->Name("csv/read")->Arg(4'000'000)->Iterations(1)->Repetitions(2);

}  // namespace
}  // namespace benchmarks
