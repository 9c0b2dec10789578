// Input files, read whole.
#pragma once

#include <string>
#include <string_view>

namespace models {

// Everything up to the end of a file, or of anything that can be read to its end, such as a pipe.
// Throws DataError with the system's reason, and the hint, where it cannot be read; where it
// changes meanwhile; and where it does not fit into memory.
std::string file_contents(const std::string& path, std::string_view hint = {});

}  // namespace models
