#pragma once

#include "attack/disk_copy.hpp"
#include "builder/image/verity.hpp"

// Another release of the role, made of this one: one byte of its root differs, and with that everything that follows.
namespace reburst::attack {

[[nodiscard]] Result<> put_other_root(const Subject& subject, const DiskCopy& disk);
// And a hash tree that fits it.
[[nodiscard]] Result<image::Verity> put_other_root_and_tree(const Subject& subject, const DiskCopy& disk);
// And a table with the names and UUIDs of its own.
[[nodiscard]] Result<image::Verity> put_other_partitions(const Subject& subject, const DiskCopy& disk);
// And a boot program for it, of a version a month older, signed with the key of `means`; what it says is returned.
[[nodiscard]] Result<std::string> put_older_release(const Bench& bench, const DiskCopy& disk);

}  // namespace reburst::attack
