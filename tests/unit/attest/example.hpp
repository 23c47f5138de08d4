#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "builder/attest/attest.hpp"
#include "core/file.hpp"
#include "core/json.hpp"

namespace reburst::attest {

// A small build, of which every statement can be made, and a folder to write them into.
class Example : public testing::Test {
 protected:
  Example() {
    recipe_.role = "web";
    recipe_.summary = "a page";
    recipe_.merged = {{"role", "web"}, {"sources", "host"}};
    recipe_.digest = sha256("recipe");
    lock_.role = "web";
    lock_.architecture = "amd64";
    lock_.epoch = 1783764997;
    lock_.recipe = recipe_.digest;
    lock_.releases = {{"Debian", "oldstable", "bookworm", 1783764997, sha256("InRelease")}};
    lock_.indexes = {{"Debian", "bookworm", "contrib", "amd64", 5, sha256("contrib")},
                     {"Debian", "bookworm", "main", "amd64", 7, sha256("main")}};
    add_package("libstdc++6", "12.2.0-14+deb12u1", "Debian", "bookworm", "gcc-12 (12.2.0-14)");
    add_package("nginx", "1:1.22.1-9", "Debian", "bookworm-security", "nginx");
    add_package("shop", "1.0", "local", "", "");
    add_package("systemd-boot-efi", "252.1", "Debian", "bookworm", "systemd");
    lock_.packages.back().build_only = true;
    licences_.packages["nginx"] = {"BSD-2-Clause AND LicenseRef-odd-12345678", ""};
    licences_.packages["shop"] = {"", "the package has no copyright file"};
    licences_.extracted["LicenseRef-odd-12345678"] = {"odd", "Do as you like.\n"};
    image_.artifacts = {{"web_20260711T101637Z.raw", "disk", 9, sha256("disk")}};
    image_.root_hash = sha256("root");
    add_file("/", S_IFDIR | 0755);
    add_file("/dev", S_IFDIR | 0755);
    add_file("/dev/null", S_IFCHR | 0666).device = 0x103;
    add_file("/etc/motd", S_IFREG | 0644, "hello");
    add_file("/usr/bin/shop", S_IFREG | 04755, "#!/bin/sh", "shop");
    add_file("/usr/sbin/nginx", S_IFREG | 0755, "ELF", "nginx").xattrs = {{"security.capability", "\x01\x02"}};
    add_file("/usr/sbin/nginx-again", S_IFREG | 0755, "ELF", "nginx").link_to = "/usr/sbin/nginx";
    add_file("/usr/sbin/nginx-link", S_IFLNK | 0777, "", "nginx").target = "nginx";
  }

  void add_package(std::string name, std::string version, std::string origin, std::string suite, std::string source) {
    lock::LockedPackage package;
    package.path = "pool/" + name + "_1.deb";
    package.sha256 = sha256(name);
    package.name = std::move(name);
    package.version = std::move(version);
    package.architecture = "amd64";
    package.origin = std::move(origin);
    package.suite = std::move(suite);
    package.source = std::move(source);
    package.reason = package.name == "nginx" ? "" : "nginx Depends: " + package.name;
    lock_.packages.push_back(std::move(package));
  }

  image::FileFact& add_file(std::string path, mode_t mode, const std::string& content = {}, std::string package = {}) {
    image::FileFact file;
    file.path = std::move(path);
    file.mode = mode;
    file.package = std::move(package);
    if (S_ISREG(mode)) {
      file.size = content.size();
      file.sha256 = sha256(content);
      Sha1Hasher hasher;
      hasher.update(std::as_bytes(std::span(content)));
      file.sha1 = hasher.finish();
      file.offset = 4096 * (image_.files.size() + 256);
    }
    image_.files.push_back(std::move(file));
    return image_.files.back();
  }

  [[nodiscard]] Build build() const { return {recipe_, lock_, licences_, image_, "20260711T101637Z"}; }

  // What `write` writes, after a check that the artifact says so.
  std::string text(Result<image::Artifact> (*write)(const std::filesystem::path&, const Build&)) {
    const auto artifact = write(folder_.path(), build()).value();
    std::string text = read_file(folder_.path() / artifact.name, 1U << 20U).value();
    EXPECT_EQ(artifact.size, text.size());
    EXPECT_EQ(artifact.sha256, sha256(text));
    return text;
  }

  // The same as a value, after a check that it is canonical JSON.
  Json json(Result<image::Artifact> (*write)(const std::filesystem::path&, const Build&)) {
    const std::string written = text(write);
    Json value = parse_json(written, "statement").value();
    EXPECT_EQ(canonical_json(value), written);
    return value;
  }

  recipe::Recipe recipe_;
  lock::Lock lock_;
  Licences licences_;
  image::Image image_;
  TempDirectory folder_ = TempDirectory::make(testing::TempDir(), "attest").value();
};

}  // namespace reburst::attest
