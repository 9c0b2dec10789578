#include "models/export/c_functions.h"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <vector>

namespace models {
namespace {

struct CFunction {
  std::string_view name;
  std::vector<std::string_view> calls;
  std::string_view source;
};

constexpr std::string_view bits = R"(/* The bits of a double, and back. */
static uint64_t @bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}
static double @from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}
)";

constexpr std::string_view polynomial =
    R"(/* c[0] + c[1] x + c[2] x^2 + ... of at most 12 terms, pairs of terms first. */
static double @polynomial(double x, const double *c, int terms) {
  double p[12];
  int i;
  for (i = 0; i < terms; ++i) p[i] = c[i];
  for (; terms > 1; terms = (terms + 1) / 2) {
    for (i = 0; i < terms / 2; ++i) p[i] = fma(p[2 * i + 1], x, p[2 * i]);
    if (terms % 2 == 1) p[terms / 2] = p[terms - 1];
    x *= x;
  }
  return p[0];
}
)";

// What exp, expm1 and tanh begin with.
constexpr std::string_view reduced =
    R"(/* Adding it rounds to a whole number. */
static const double @rounder = 6755399441055744.0;

/* x = n ln 2 + r + c with |r| <= ln 2 / 2; c is what rounding took from r. */
struct @reduced {
  double n;
  double r;
  double c;
};
static struct @reduced @reduce(double x) {
  struct @reduced to;
  double high, low;
  to.n = fma(x, 1.4426950408889634, @rounder) - @rounder;
  high = fma(-to.n, 0.6931471803691238, x);
  low = to.n * 1.9082149292705877e-10;
  to.r = high - low;
  to.c = (high - to.r) - low;
  return to;
}

/* 2^n for whole n from -1022 to 1023. */
static double @power_of_two(double n) {
  return @from_bits((@bits(n + @rounder) + 1023U) << 52);
}

/* (e^r - 1 - r) + c of a reduced x. */
static double @exp_tail(double r, double c) {
  static const double taylor[12] = {
      1.0 / 2,     1.0 / 6,      1.0 / 24,      1.0 / 120,      1.0 / 720,       1.0 / 5040,
      1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800.0};
  return fma(r * r, @polynomial(r, taylor, 12), c);
}
)";

constexpr std::string_view exp = R"(/* e^x, to 1 in the last place. */
static double @exp(double x) {
  double half;
  struct @reduced at;
  if (x > 710.0) x = 710.0;
  if (x < -746.0) x = -746.0;
  at = @reduce(x);
  half = fma(at.n, 0.5, @rounder) - @rounder;
  return ((@exp_tail(at.r, at.c) + at.r) + 1.0) * @power_of_two(half) * @power_of_two(at.n - half);
}
)";

constexpr std::string_view expm1 = R"(/* e^x - 1 for x up to 0, without losing digits near 0. */
static double @expm1(double x) {
  struct @reduced at;
  double tail, e, e_lost, t, whole, sum, sum_lost;
  if (x < -60.0) x = -60.0;
  at = @reduce(x);
  tail = @exp_tail(at.r, at.c);
  e = at.r + tail;
  e_lost = (at.r - e) + tail;
  if (at.n == 0.0) return e + e_lost;
  t = @power_of_two(at.n - 1.0);
  whole = t - 0.5;
  sum = fma(t, e, whole);
  sum_lost = fma(t, e, whole - sum);
  e_lost *= t;
  sum_lost += e_lost;
  sum_lost *= 2.0;
  return 2.0 * sum + sum_lost;
}
)";

constexpr std::string_view log1p = R"(/* ln(1 + x) for x from 0 to 1. */
static double @log1p(double x) {
  static const double artanh[11] = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11, 2.0 / 13,
                                    2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23};
  const uint64_t bias = (uint64_t)1024 << 52;
  const double u = 1.0 + x;
  const double back = u - 1.0;
  const double c = ((1.0 - (u - back)) + (x - back)) / u;
  uint64_t shifted;
  double f, k, s, z, half_square, small;
  if (x < 5.551115123125783e-17) return x;
  shifted = (@bits(u) - 4604544271217802189ULL + bias) >> 52;
  f = @from_bits(@bits(u) - ((shifted << 52) - bias)) - 1.0;
  k = @from_bits(shifted | 4841369599423283200ULL) - 4503599627371520.0;
  s = f / (2.0 + f);
  z = s * s;
  half_square = 0.5 * f;
  half_square *= f;
  small = fma(s, fma(@polynomial(z, artanh, 11), z, half_square), fma(k, 1.9082149292705877e-10, c));
  return fma(k, 0.6931471803691238, f - (half_square - small));
}
)";

constexpr std::string_view tanh =
    R"(/* tanh x, from t = e^(-2|x|) - 1 = -2 tanh|x| / (1 + tanh|x|). */
static double @tanh(double x) {
  const double size = fabs(x);
  const struct @reduced at = @reduce(-2.0 * (size > 30.0 ? 30.0 : size));
  const double tail = @exp_tail(at.r, at.c);
  const double e = at.r + tail;
  const double e_lost = (at.r - e) + tail;
  const double scale = @power_of_two(at.n);
  const double whole = scale - 1.0;
  const double t = fma(scale, e, whole);
  const double scaled_lost = scale * e_lost;
  const double t_lost = fma(scale, e, whole - t) + scaled_lost;
  const double d = 2.0 + t;
  const double d_lost = (t - (d - 2.0)) + t_lost;
  const double q = -t / d;
  return copysign(fma(-fma(q, d_lost, t_lost), fma(0.5, q, 0.5), q), x);
}
)";

constexpr std::string_view sigmoid =
    R"(/* 1 / (1 + e^-x), right to the last digits on either side. */
static double @sigmoid(double x) {
  const double e = @exp(-fabs(x));
  const double d = 1.0 + e;
  const double lost = e - (d - 1.0);
  const double q = (x >= 0.0 ? 1.0 : e) / d;
  return fma(-(q * lost), x >= 0.0 ? q : 1.0 - q, q);
}
)";

constexpr std::string_view softplus = R"(/* ln(1 + e^x) */
static double @softplus(double x) {
  return (x > 0.0 ? x : 0.0) + @log1p(@exp(-fabs(x)));
}
)";

constexpr std::string_view generalized_logistic =
    R"(/* sigmoid(x) to the power alpha */
static double @generalized_logistic(double x, double alpha) {
  const double m = x < 0.0 ? -x : 0.0;
  const double large = alpha * m;
  const double lost = isfinite(large) ? fma(alpha, m, -large) : 0.0;
  double small = @log1p(@exp(x < 0.0 ? x : -x));
  small *= alpha;
  small += lost;
  return @exp(-large) * @exp(-small);
}
)";

constexpr std::string_view affine =
    R"(/* b + w[0] x[0] + w[1] x[1] + ... as if with twice the digits: what rounding takes from products
 * and sums is added up beside them (Ogita, Rump and Oishi, "Accurate sum and dot product", 2005).
 */
static double @affine(double b, const double *w, const double *x, int count) {
  double sum = b;
  double lost = 0.0;
  int k;
  for (k = 0; k < count; ++k) {
    const double product = x[k] * w[k];
    const double next = sum + product;
    const double added = next - sum;
    lost += ((sum - (next - added)) + (product - added)) + fma(x[k], w[k], -product);
    sum = next;
  }
  return sum + lost;
}
)";

constexpr std::string_view level =
    R"(/* Which of the levels a text is, or -1. */
static int @level(const char *text, const char *const *levels, int count) {
  int i;
  for (i = 0; i < count; ++i) {
    if (strcmp(text, levels[i]) == 0) return i;
  }
  return -1;
}
)";

// By its decimal digits: no double is rounded, and no locale plays a part, as with strtod().
constexpr std::string_view number_level =
    R"(/* The digits of a number from the first to the last that is not 0, and the power of ten of the
 * last: of -1.50e3 the digits 1.5 and 2. Of 0 there are none. */
struct @decimal {
  const char *first;
  const char *last;
  long power;
  int negative;
};
/* 0 where the text is no number. */
static int @read_decimal(const char *text, struct @decimal *number) {
  long places = 0;
  long exponent = 0;
  int digits = 0;
  int behind = 0;
  while (*text == ' ' || *text == '\t') ++text;
  number->first = NULL;
  number->last = NULL;
  number->power = 0;
  number->negative = *text == '-';
  if (*text == '-' || *text == '+') ++text;
  for (; (*text >= '0' && *text <= '9') || (*text == '~' && !behind); ++text) {
    if (*text == '~') {
      behind = 1;
      continue;
    }
    ++digits;
    places += behind;
    if (*text == '0') {
      number->power += !behind;
      continue;
    }
    if (number->first == NULL) number->first = text;
    number->last = text;
    number->power = -places;
  }
  if (digits == 0) return 0;
  if (*text == 'e' || *text == 'E') {
    const int down = text[1] == '-';
    text += text[1] == '-' || text[1] == '+' ? 2 : 1;
    if (*text < '0' || *text > '9') return 0;
    for (; *text >= '0' && *text <= '9'; ++text) {
      if (exponent < 1000000) exponent = 10 * exponent + (*text - '0');
    }
    number->power += down ? -exponent : exponent;
  }
  while (*text == ' ' || *text == '\t') ++text;
  if (number->first == NULL) {
    number->power = 0;
    number->negative = 0;
  }
  return *text == '\0';
}
static int @same_number(const struct @decimal *a, const struct @decimal *b) {
  const char *left = a->first;
  const char *right = b->first;
  if (a->negative != b->negative || a->power != b->power) return 0;
  if (left == NULL || right == NULL) return left == right;
  for (;;) {
    if (*left == '~') ++left;
    if (*right == '~') ++right;
    if (*left != *right) return 0;
    if (left == a->last || right == b->last) return left == a->last && right == b->last;
    ++left;
    ++right;
  }
}

/* Which of the levels a text is: by its spelling, or by its value where one level has it: 1.0 is 1.
 * -1 if none. */
static int @number_level(const char *text, const char *const *levels, int count) {
  struct @decimal number, other;
  int found = @level(text, levels, count);
  int i;
  if (found >= 0 || !@read_decimal(text, &number)) return found;
  for (i = 0; i < count; ++i) {
    if (!@read_decimal(levels[i], &other) || !@same_number(&number, &other)) continue;
    if (found >= 0) return -1;
    found = i;
  }
  return found;
}
)";

// In an order in which each is behind those it calls.
const std::vector<CFunction>& functions() {
  static const std::vector<CFunction> all{
      {"affine", {}, affine},
      {"bits", {}, bits},
      {"polynomial", {}, polynomial},
      {"reduced", {"bits", "polynomial"}, reduced},
      {"exp", {"reduced"}, exp},
      {"expm1", {"reduced"}, expm1},
      {"log1p", {"bits", "polynomial"}, log1p},
      {"tanh", {"reduced"}, tanh},
      {"sigmoid", {"exp"}, sigmoid},
      {"softplus", {"exp", "log1p"}, softplus},
      {"generalized_logistic", {"exp", "log1p"}, generalized_logistic},
      {"level", {}, level},
      {"number_level", {"level"}, number_level},
  };
  return all;
}

}  // namespace

std::string c_functions(const std::set<std::string_view>& names) {
  std::set<std::string_view> needed = names;
  std::string source;
  // From the last to the first, so that each is seen after those that call it.
  for (std::size_t k = functions().size(); k-- > 0;) {
    const CFunction& each = functions()[k];
    if (!needed.contains(each.name)) continue;
    needed.insert(each.calls.begin(), each.calls.end());
    source.insert(0, source.empty() ? "" : "\n").insert(0, each.source);
  }
  for (const std::string_view name : names) {
    if (std::none_of(functions().begin(), functions().end(),
                     [&](const CFunction& each) { return each.name == name; })) {
      throw std::invalid_argument("there is no C function " + std::string(name));
    }
  }
  return source;
}

std::string with_prefix(std::string_view text, std::string_view prefix) {
  std::string out;
  for (const char c : text) {
    if (c == '@') {
      out += prefix;
    } else {
      out += c == literal_at ? '@' : c;
    }
  }
  return out;
}

}  // namespace models
