// Memory in large pages.
#pragma once

#include <cstddef>

namespace models {

// Advises the system to serve this memory, which is about to be filled, in pages of megabytes: a
// column of numbers is then not stopped at every 4 KiB of it for the next page, which takes a tenth
// of the time of reading a file. It may not be listened to, and nothing but time depends on it.
void prefer_large_pages(const void* begin, std::size_t bytes);

}  // namespace models
