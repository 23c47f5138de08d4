#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reburst::testing {

// One ustar header with its content, written by hand so that it may be as hostile as a test wants.
struct TarEntry {
  std::string name{};
  std::string content{};
  char type = '0';  // '0' file, '1' hard link, '2' symbolic link, '3' character device, '5' folder
  std::string link{};
  unsigned mode = 0644;
  unsigned uid = 0, gid = 0;
  std::uint64_t claimed_size = ~0ULL;  // what the header says, when it lies
};

// Octal digits, zero-filled, and a NUL at the end: `width` bytes.
inline std::string octal(std::uint64_t value, std::size_t width) {
  std::string text(width, '\0');
  for (std::size_t at = width - 1; at-- > 0; value /= 8) text[at] = static_cast<char>('0' + value % 8);
  return text;
}

inline std::string tar_header(const TarEntry& entry) {
  std::string header(512, '\0');
  const std::uint64_t size = entry.claimed_size != ~0ULL ? entry.claimed_size : entry.content.size();
  header.replace(0, entry.name.size(), entry.name);
  header.replace(100, 8, octal(entry.mode, 8));
  header.replace(108, 8, octal(entry.uid, 8));
  header.replace(116, 8, octal(entry.gid, 8));
  header.replace(124, 12, octal(size, 12));
  header.replace(136, 12, octal(1700000000, 12));
  header.replace(148, 8, "        ");
  header[156] = entry.type;
  header.replace(157, entry.link.size(), entry.link);
  header.replace(257, 6, std::string_view("ustar\0", 6));
  header.replace(263, 2, "00");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  header.replace(148, 8, octal(sum, 7) + " ");
  return header;
}

inline std::string tar(const std::vector<TarEntry>& entries) {
  std::string text;
  for (const TarEntry& entry : entries) {
    text += tar_header(entry) + entry.content;
    text.append((512 - text.size() % 512) % 512, '\0');
  }
  return text + std::string(1024, '\0');
}

inline std::string ar(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string text = "!<arch>\n";
  for (const auto& [name, content] : members) {
    char header[61];
    (void)std::snprintf(header, sizeof header, "%-16s%-12s%-6s%-6s%-8s%-10zu`\n", name.c_str(), "0", "0", "0", "100644",
                        content.size());
    text += header + content;
    if (content.size() % 2 == 1) text += '\n';
  }
  return text;
}

struct DebText {
  std::string name = "sample", version = "1.0", architecture = "all";
  std::string fields;                   // further lines of the control file
  std::vector<TarEntry> control_files;  // beside the control file
  std::vector<TarEntry> data;

  [[nodiscard]] std::string control() const {
    return "Package: " + name + "\nVersion: " + version + "\nArchitecture: " + architecture +
           "\nMaintainer: A <a@example.org>\n" + fields + "Description: a sample\n";
  }
  [[nodiscard]] std::string control_tar() const {
    std::vector<TarEntry> entries = {{.name = "./", .content = {}, .type = '5', .link = {}, .mode = 0755},
                                     {.name = "./control", .content = control()}};
    entries.insert(entries.end(), control_files.begin(), control_files.end());
    return tar(entries);
  }
  [[nodiscard]] std::string data_tar() const {
    std::vector<TarEntry> entries = {{.name = "./", .content = {}, .type = '5', .link = {}, .mode = 0755}};
    entries.insert(entries.end(), data.begin(), data.end());
    return tar(entries);
  }
  [[nodiscard]] std::string text() const {
    return ar({{"debian-binary", "2.0\n"}, {"control.tar", control_tar()}, {"data.tar", data_tar()}});
  }
};

inline std::filesystem::path write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
  return file;
}

}  // namespace reburst::testing
