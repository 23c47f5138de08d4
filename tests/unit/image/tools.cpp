#include "tools.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <random>
#include <set>

#include "builder/image/bytes.hpp"
#include "core/text.hpp"

namespace reburst::image::testing {

void write(const fs::path& path, std::string_view content, unsigned mode) {
  need(make_directories(path.parent_path()));
  Fd file = need(open_write(path, mode));
  need(write_all(file.get(), content, path.string()));
  need(close_checked(std::move(file), path.string()));
}

std::string read(const fs::path& path) {
  return need(read_file(path, 1ULL << 32U));
}

std::string noise(std::size_t size, std::uint32_t seed) {
  std::minstd_rand generator(seed + 1);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(generator() >> 8U);
  return out;
}

std::string tool(const std::vector<std::string>& argv) {
  Command command;
  command.argv = argv;
  command.merge_output = true;
  const Exit done = need(run(command));
  EXPECT_EQ(done.status, 0) << join(argv, " ") << "\n" << done.out;
  return done.out;
}

void unpack_cpio(const fs::path& archive, const fs::path& folder) {
  need(make_directories(folder));
  tool({"cpio", "-i", "-d", "-m", "--quiet", "--no-absolute-filenames", "-D", folder.string(), "-F", archive.string()});
}

tree::Tree make_tree(const fs::path& root, std::vector<tree::Tree::PackageFiles> packages) {
  std::set<std::string> owned;
  for (auto& package : packages) {
    std::ranges::sort(package.paths);
    owned.insert(package.paths.begin(), package.paths.end());
  }
  tree::Tree::PackageFiles rest;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    std::string path = "/" + entry.path().lexically_relative(root).string();
    if (!owned.contains(path)) rest.paths.push_back(std::move(path));
  }
  std::ranges::sort(rest.paths);
  packages.push_back(std::move(rest));
  tree::Tree tree;
  tree.root = root;
  tree.layout = std::move(packages);
  return tree;
}

std::string ar(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out = "!<arch>\n";
  for (const auto& [name, content] : members) {
    std::string header = name;
    header.resize(16, ' ');
    header += "0           0     0     100644  ";
    std::string size = std::to_string(content.size());
    size.resize(10, ' ');
    out += header + size + "`\n" + content;
    if (content.size() % 2 != 0) out += '\n';
  }
  return out;
}

std::string tar_file(const std::string& name, const std::string& content, char type) {
  std::string header(512, '\0');
  const auto field = [&](std::size_t at, const std::string& text) { header.replace(at, text.size(), text); };
  const auto octal = [](std::size_t value) {
    std::string text(11, '0');
    for (std::size_t i = text.size(); i-- > 0; value /= 8) text[i] = static_cast<char>('0' + value % 8);
    return text;
  };
  field(0, name);
  field(100, "0000644");
  field(108, "0000000");
  field(116, "0000000");
  field(124, octal(type == '0' ? content.size() : 0));
  field(136, octal(0));
  field(148, "        ");
  header[156] = type;
  if (type != '0') field(157, content);
  field(257, std::string("ustar\0", 6) + "00");
  std::size_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  field(148, octal(sum).substr(5) + std::string("\0 ", 2));
  std::string out = header;
  if (type == '0') out += content;
  out.resize(round_up(out.size(), 512), '\0');
  return out;
}

std::string small_stub() {
  std::string stub(1024 + 512, '\0');
  const auto bytes = std::as_writable_bytes(std::span(stub));
  constexpr std::size_t kPe = 64;
  put_text(bytes, 0, "MZ");
  put(bytes, 60, static_cast<std::uint32_t>(kPe));
  put_text(bytes, kPe, "PE");
  put(bytes, kPe + 4, std::uint16_t{0x8664});
  put(bytes, kPe + 6, std::uint16_t{1});           // sections
  put(bytes, kPe + 8, std::uint32_t{0x12345678});  // a time stamp
  put(bytes, kPe + 20, std::uint16_t{112 + 16 * 8});
  put(bytes, kPe + 24, std::uint16_t{0x020b});
  put(bytes, kPe + 24 + 32, std::uint32_t{4096});  // section alignment
  put(bytes, kPe + 24 + 36, std::uint32_t{512});   // file alignment
  put(bytes, kPe + 24 + 56, std::uint32_t{8192});  // image
  put(bytes, kPe + 24 + 60, std::uint32_t{1024});  // headers
  put(bytes, kPe + 24 + 108, std::uint32_t{16});   // directories
  const std::size_t section = kPe + 24 + 112 + 16 * 8;
  put_text(bytes, section, ".text");
  put(bytes, section + 8, std::uint32_t{300});
  put(bytes, section + 12, std::uint32_t{4096});
  put(bytes, section + 16, std::uint32_t{512});
  put(bytes, section + 20, std::uint32_t{1024});
  return stub;
}

}  // namespace reburst::image::testing
