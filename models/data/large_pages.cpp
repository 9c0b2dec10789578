#include "models/data/large_pages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace models {

void prefer_large_pages([[maybe_unused]] const void* begin, [[maybe_unused]] std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  constexpr std::size_t worth_it = std::size_t{1} << 20U;
  if (bytes < worth_it) return;
  // Neighbours become one range of large pages, so that the first and the last page count as well.
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  const std::uintptr_t first = address / page * page;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the system wants the page, not the object.
  ::madvise(reinterpret_cast<void*>(first), address + bytes - first, MADV_HUGEPAGE);
#endif
}

}  // namespace models
