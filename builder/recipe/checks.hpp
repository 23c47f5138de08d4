#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "builder/recipe/shape.hpp"

// What the values of a recipe's fields may be. Each returns the problem, or nothing when the value is good.
namespace reburst::recipe::checks {

std::optional<Problem> role(std::string_view text);     // [a-z][a-z0-9-]*, at most 64
std::optional<Problem> line(std::string_view text);     // one line that is not empty
std::optional<Problem> text(std::string_view text);     // any but NUL
std::optional<Problem> command(std::string_view text);  // not empty, no NUL
std::optional<Problem> host(std::string_view text);     // the word "host"
std::optional<Problem> uri(std::string_view text);      // http:, https: or file:
std::optional<Problem> suite(std::string_view text);    // as in a sources file
std::optional<Problem> component(std::string_view text);
std::optional<Problem> build_path(std::string_view text);       // of a file on the build machine
std::optional<Problem> recipe_path(std::string_view text);      // the same, inside the recipe's folder
std::optional<Problem> local_package(std::string_view text);    // the same, ending in .deb
std::optional<Problem> epoch(std::string_view text);            // RFC 3339, UTC
std::optional<Problem> package(std::string_view text);          // Debian Policy 5.6.1
std::optional<Problem> kernel_package(std::string_view text);   // the same, or empty
std::optional<Problem> package_request(std::string_view text);  // "name" or "name=version"
std::optional<Problem> question(std::string_view text);         // debconf
std::optional<Problem> question_type(std::string_view text);
std::optional<Problem> one_line(std::string_view text);       // may be empty
std::optional<Problem> image_path(std::string_view text);     // absolute, inside the image, not in /proc /sys /dev /run
std::optional<Problem> excluded_path(std::string_view text);  // the same, and no pattern
std::optional<Problem> state_path(std::string_view text);     // what boot.conf can hold, and a volume can be mounted on
std::optional<Problem> program_path(std::string_view text);
std::optional<Problem> mode(std::string_view text);         // 3 or 4 octal digits, perhaps behind one 0
std::optional<Problem> account(std::string_view text);      // user or group
std::optional<Problem> new_account(std::string_view text);  // the same, but root
std::optional<Problem> unit(std::string_view text);         // systemd.unit(5)
std::optional<Problem> volume(std::string_view text);       // [a-z][a-z0-9-]*, at most 16, and not "esp"
std::optional<Problem> kernel_word(std::string_view text);
std::optional<Problem> secure_boot(std::string_view text);
std::optional<Problem> ticket(std::string_view text);
std::optional<Problem> on_failure(std::string_view text);
std::optional<Problem> compression(std::string_view text);
std::optional<Problem> format(std::string_view text);
std::optional<Problem> http_path(std::string_view text);

// Volumes of a list whose entries are good each by itself: at most 16, and no mount inside another.
inline constexpr std::size_t kMaxState = 16;  // docs/formats/boot-conf.md
[[nodiscard]] Result<> state(const Node& list);

// The number that mode() accepted.
[[nodiscard]] std::uint32_t mode_bits(std::string_view text);

}  // namespace reburst::recipe::checks
