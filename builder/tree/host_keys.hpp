#pragma once

#include <array>
#include <string_view>

namespace reburst::tree {

// Where the scripts of SSH servers put the keys that they generate, and how the files' names begin: OpenSSH's and
// dropbear's (docs/reference/hardening.md).
struct HostKeys {
  std::string_view folder;
  std::string_view begin;
};
inline constexpr std::array<HostKeys, 3> kHostKeys = {{
    {"etc/ssh", "ssh_host_"},
    {"etc/dropbear", "dropbear_"},
    {"etc/dropbear/initramfs", "dropbear_"},
}};

}  // namespace reburst::tree
