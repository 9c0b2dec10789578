// "Did you mean": the name somebody probably had in mind.
//
// Rule for callers: suggest only to a person, never act on a suggestion.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace autograd {

// The number of insertions, deletions, substitutions and swaps of neighbours that turn one text
// into the other, no part being edited twice (the optimal string alignment, or restricted
// Damerau-Levenshtein distance). Counts bytes. Time is the product of the lengths.
std::size_t edit_distance(std::string_view left, std::string_view right);

// The name nearest to `wanted`: one that differs in upper and lower case only, otherwise the one at
// the smallest edit distance (case ignored) if that is at most a third of the longer name, rounded
// to the nearest. Among equals the first. Nothing when no name is near enough.
std::optional<std::string> suggestion(std::string_view wanted, std::span<const std::string> names);

// `did you mean "diagnosis"?`, or nothing.
std::string did_you_mean(std::string_view wanted, std::span<const std::string> names);

}  // namespace autograd
