#pragma once

#include "builder/lock/lock.hpp"

namespace reburst::lock {

// A lock with one of each thing.
inline Lock sample_lock() {
  Lock lock;
  lock.role = "web";
  lock.architecture = "amd64";
  lock.epoch = 1783764997;
  lock.recipe = sha256("recipe");
  lock.releases = {{"Debian", "oldstable", "bookworm", 1783764997, sha256("InRelease")}};
  lock.indexes = {{"Debian", "bookworm", "main", "amd64", 49000000, sha256("Packages")}};
  LockedPackage bash;
  bash.name = "bash";
  bash.version = "5.2.15-2+b7";
  bash.architecture = "amd64";
  bash.path = "pool/main/b/bash/bash_5.2.15-2+b7_amd64.deb";
  bash.size = 1489776;
  bash.sha256 = sha256("bash");
  bash.origin = "Debian";
  bash.suite = "bookworm";
  bash.component = "main";
  bash.priority = "required";
  bash.source = "bash (5.2.15-2)";
  bash.essential = true;
  bash.reason = "Essential: yes";
  LockedPackage own = bash;
  own.name = "own";
  own.version = "1:1.0~rc1";
  own.path = "own_1.0_amd64.deb";
  own.sha256 = sha256("own");
  own.origin = "local";
  own.suite = own.component = own.reason = "";
  own.essential = false;
  own.requested = true;
  LockedPackage stub = bash;
  stub.name = "systemd-boot-efi";
  stub.sha256 = sha256("stub");
  stub.essential = false;
  stub.requested = true;
  stub.build_only = true;
  lock.packages = {bash, own, stub};
  return lock;
}

}  // namespace reburst::lock
