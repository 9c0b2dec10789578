// A program outside this repository: it sees the installed headers and libraries, nothing else.
#include <cstdio>

int main() {
  std::puts("the consumer runs");
  return 0;
}
