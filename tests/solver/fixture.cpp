#include "tests/solver/fixture.hpp"

#include <array>
#include <cstdio>
#include <numeric>
#include <stdexcept>

#include "builder/resolve/stanza.hpp"
#include "core/digest.hpp"

namespace reburst::test {

namespace {

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width - text.size(), ' ');
}

std::string octal(std::size_t value, int width) {
  std::array<char, 32> buffer{};
  (void)std::snprintf(buffer.data(), buffer.size(), "%0*zo", width, value);
  return buffer.data();
}

void put(std::string& block, std::size_t at, const std::string& text) {
  block.replace(at, text.size(), text);
}

void write(const fs::path& path, const std::string& content) {
  if (const auto written = write_file_atomic(path, content); !written)
    throw std::runtime_error(written.error().render());
}

std::string completed(const std::string& packages) {
  std::string out;
  resolve::StanzaReader reader(packages);
  while (const auto text = reader.next()) {
    const auto stanza = resolve::read_stanza(*text);
    out += *text;
    if (!text->ends_with('\n')) out += '\n';
    const auto file = "pool/" + std::string(stanza.package) + "_" + std::string(stanza.version) + ".deb";
    if (stanza.architecture.empty()) out += "Architecture: amd64\n";
    if (stanza.filename.empty()) out += "Filename: " + file + "\n";
    if (stanza.size.empty()) out += "Size: 1000\n";
    if (stanza.sha256.empty()) out += "SHA256: " + sha256(file).hex() + "\n";
    out += '\n';
  }
  return out;
}

}  // namespace

SolverFixture::SolverFixture()
    : folder_(TempDirectory::make(fs::temp_directory_path(), "reburst-solver").value()),
      cache_(cache::Cache::open(folder_.path() / "cache").value()) {
  archive_.architecture = "amd64";
}

void SolverFixture::add_index(const std::string& packages, int priority) {
  const auto text = completed(packages);
  source::Release release;
  release.origin = "Example";
  release.codename = "suite" + std::to_string(archive_.releases.size());
  release.priority = priority;
  source::Index index;
  index.release = archive_.releases.size();
  index.component = "main";
  index.architecture = "amd64";
  index.digest = sha256(text);
  index.size = text.size();
  index.file = folder_.path() / ("Packages." + std::to_string(archive_.indexes.size()));
  index.base_uri = "http://archive.example.org/debian";
  write(index.file, text);
  archive_.releases.push_back(release);
  archive_.indexes.push_back(index);
}

fs::path SolverFixture::add_deb(const std::string& file_name, const std::string& control) const {
  const auto path = folder_.path() / file_name;
  const std::string deb = "!<arch>\n" + ar_member("debian-binary", "2.0\n") +
                          ar_member("control.tar", tar_file("./control", control) + std::string(1024, '\0')) +
                          ar_member("data.tar", std::string(1024, '\0'));
  write(path, deb);
  return path;
}

Result<resolve::Outcome> SolverFixture::resolve(const resolve::Request& request) {
  return resolve::resolve(request, archive_, cache_);
}

std::string ar_member(const std::string& name, const std::string& content) {
  std::string out = padded(name, 16) + padded("0", 12) + padded("0", 6) + padded("0", 6) + padded("100644", 8) +
                    padded(std::to_string(content.size()), 10) + "`\n" + content;
  if (out.size() % 2 != 0) out += '\n';
  return out;
}

std::string tar_file(const std::string& name, const std::string& content) {
  std::string header(512, '\0');
  put(header, 0, name);
  put(header, 100, octal(0644, 7));
  put(header, 108, octal(0, 7));
  put(header, 116, octal(0, 7));
  put(header, 124, octal(content.size(), 11));
  put(header, 136, octal(0, 11));
  put(header, 148, std::string(8, ' '));
  put(header, 156, "0");
  put(header, 257,
      std::string("ustar\0"
                  "00",
                  8));
  const auto sum = std::accumulate(header.begin(), header.end(), std::size_t{0},
                                   [](std::size_t total, char c) { return total + static_cast<unsigned char>(c); });
  put(header, 148, octal(sum, 6) + std::string("\0 ", 2));
  const auto padding = (512 - content.size() % 512) % 512;
  return header + content + std::string(padding, '\0');
}

}  // namespace reburst::test
