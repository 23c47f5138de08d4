#include "builder/attest/licence.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "core/digest.hpp"
#include "core/text.hpp"

namespace reburst::attest {

namespace {

struct Known {
  std::string_view name;  // in lower case, as Debian writes it
  std::string_view identifier;
};

// Short names of copyright-format 1.0 and others that Debian's packages use for one text only.
constexpr std::array<Known, 74> kKnown{{{"0bsd", "0BSD"},
                                        {"afl-2.1", "AFL-2.1"},
                                        {"apache-1.0", "Apache-1.0"},
                                        {"apache-1.1", "Apache-1.1"},
                                        {"apache-2", "Apache-2.0"},
                                        {"apache-2.0", "Apache-2.0"},
                                        {"artistic", "Artistic-1.0-Perl"},
                                        {"artistic-2", "Artistic-2.0"},
                                        {"artistic-2.0", "Artistic-2.0"},
                                        {"beerware", "Beerware"},
                                        {"boost-1.0", "BSL-1.0"},
                                        {"bsd-1-clause", "BSD-1-Clause"},
                                        {"bsd-2-clause", "BSD-2-Clause"},
                                        {"bsd-3-clause", "BSD-3-Clause"},
                                        {"bsd-4-clause", "BSD-4-Clause"},
                                        {"bsd-4-clause-uc", "BSD-4-Clause-UC"},
                                        {"bsl-1", "BSL-1.0"},
                                        {"bsl-1.0", "BSL-1.0"},
                                        {"bzip2-1.0.6", "bzip2-1.0.6"},
                                        {"cc-by-3.0", "CC-BY-3.0"},
                                        {"cc-by-4.0", "CC-BY-4.0"},
                                        {"cc-by-sa-3.0", "CC-BY-SA-3.0"},
                                        {"cc-by-sa-4.0", "CC-BY-SA-4.0"},
                                        {"cc0", "CC0-1.0"},
                                        {"cc0-1.0", "CC0-1.0"},
                                        {"cddl-1.0", "CDDL-1.0"},
                                        {"curl", "curl"},
                                        {"epl-1.0", "EPL-1.0"},
                                        {"epl-2.0", "EPL-2.0"},
                                        {"expat", "MIT"},
                                        {"fsfap", "FSFAP"},
                                        {"fsful", "FSFUL"},
                                        {"fsfullr", "FSFULLR"},
                                        {"ftl", "FTL"},
                                        {"hpnd", "HPND"},
                                        {"icu", "ICU"},
                                        {"ijg", "IJG"},
                                        {"isc", "ISC"},
                                        {"latex2e", "Latex2e"},
                                        {"libpng", "Libpng"},
                                        {"libtiff", "libtiff"},
                                        {"lppl-1.3c", "LPPL-1.3c"},
                                        {"mit", "MIT"},
                                        {"mit-0", "MIT-0"},
                                        {"mpl-1.1", "MPL-1.1"},
                                        {"mpl-2", "MPL-2.0"},
                                        {"mpl-2.0", "MPL-2.0"},
                                        {"ms-pl", "MS-PL"},
                                        {"ncsa", "NCSA"},
                                        {"ntp", "NTP"},
                                        {"ofl-1.1", "OFL-1.1"},
                                        {"oldap-2.8", "OLDAP-2.8"},
                                        {"openssl", "OpenSSL"},
                                        {"php-3.01", "PHP-3.01"},
                                        {"postgresql", "PostgreSQL"},
                                        {"psf-2", "PSF-2.0"},
                                        {"psf-2.0", "PSF-2.0"},
                                        {"python-2.0", "Python-2.0"},
                                        {"qpl-1.0", "QPL-1.0"},
                                        {"ruby", "Ruby"},
                                        {"sil-1.1", "OFL-1.1"},
                                        {"sleepycat", "Sleepycat"},
                                        {"smlnj", "SMLNJ"},
                                        {"tcl", "TCL"},
                                        {"unicode-dfs-2016", "Unicode-DFS-2016"},
                                        {"unlicense", "Unlicense"},
                                        {"upl-1.0", "UPL-1.0"},
                                        {"vim", "Vim"},
                                        {"w3c", "W3C"},
                                        {"wtfpl", "WTFPL"},
                                        {"wtfpl-2", "WTFPL"},
                                        {"x11", "X11"},
                                        {"zlib", "Zlib"},
                                        {"zpl-2.1", "ZPL-2.1"}}};

// Exceptions by what stands between "with" and "exception". "OpenSSL" and "Autoconf" mean several texts.
constexpr std::array<Known, 7> kExceptions{{{"bison", "Bison-exception-2.2"},
                                            {"bison-2.2", "Bison-exception-2.2"},
                                            {"classpath", "Classpath-exception-2.0"},
                                            {"font", "Font-exception-2.0"},
                                            {"libtool", "Libtool-exception"},
                                            {"linux-syscall-note", "Linux-syscall-note"},
                                            {"llvm", "LLVM-exception"}}};

// Versions that the GNU licences have, and their names on SPDX's list.
struct GnuVersion {
  std::string_view family, version, identifier;
};
constexpr std::array<GnuVersion, 19> kGnu{{{"gpl", "1", "GPL-1.0"},
                                           {"gpl", "1.0", "GPL-1.0"},
                                           {"gpl", "2", "GPL-2.0"},
                                           {"gpl", "2.0", "GPL-2.0"},
                                           {"gpl", "3", "GPL-3.0"},
                                           {"gpl", "3.0", "GPL-3.0"},
                                           {"lgpl", "2", "LGPL-2.0"},
                                           {"lgpl", "2.0", "LGPL-2.0"},
                                           {"lgpl", "2.1", "LGPL-2.1"},
                                           {"lgpl", "3", "LGPL-3.0"},
                                           {"lgpl", "3.0", "LGPL-3.0"},
                                           {"agpl", "3", "AGPL-3.0"},
                                           {"agpl", "3.0", "AGPL-3.0"},
                                           {"gfdl", "1.1", "GFDL-1.1"},
                                           {"gfdl", "1.2", "GFDL-1.2"},
                                           {"gfdl", "1.3", "GFDL-1.3"},
                                           {"gfdl-niv", "1.1", "GFDL-1.1-no-invariants"},
                                           {"gfdl-niv", "1.2", "GFDL-1.2-no-invariants"},
                                           {"gfdl-niv", "1.3", "GFDL-1.3-no-invariants"}}};

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

template <std::size_t N>
std::optional<std::string> find_known(const std::array<Known, N>& table, std::string_view name) {
  const auto* const found = std::ranges::find(table, name, &Known::name);
  if (found == table.end()) return std::nullopt;
  return std::string(found->identifier);
}

bool drop_end(std::string_view& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return true;
}

std::optional<std::string> gnu_identifier(std::string_view name) {
  const bool later = drop_end(name, "+") || drop_end(name, "-or-later");
  if (!later) drop_end(name, "-only");
  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  for (const GnuVersion& known : kGnu) {
    if (known.family == name.substr(0, dash) && known.version == name.substr(dash + 1))
      return std::string(known.identifier) + (later ? "-or-later" : "-only");
  }
  return std::nullopt;
}

// "GPL-2 with Linux-syscall-note exception".
std::optional<std::string> with_exception(std::string_view name) {
  constexpr std::string_view kWith = " with ";
  const auto at = name.find(kWith);
  if (at == std::string_view::npos) return std::nullopt;
  auto exception = name.substr(at + kWith.size());
  drop_end(exception, " exception");
  const auto base = spdx_identifier(name.substr(0, at));
  const auto known = find_known(kExceptions, exception);
  if (!base || !known) return std::nullopt;
  return *base + " WITH " + *known;
}

using Words = std::span<const std::string_view>;
using Terms = std::set<std::string>;

// From the operator that binds least: "and" binds tighter than "or", unless a comma stands before it.
struct Operator {
  std::string_view word;
  bool after_comma = false;
};
constexpr std::array<Operator, 4> kOperators{{{"or", true}, {"and", true}, {"or", false}, {"and", false}}};

std::vector<Words> split_at(Words words, const Operator& at) {
  std::vector<Words> parts;
  std::size_t start = 0;
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    const bool splits = words[i] == at.word || (at.word == "or" && words[i] == "and/or");
    if (!splits || i == start || words[i - 1].ends_with(',') != at.after_comma) continue;
    parts.push_back(words.subspan(start, i - start));
    start = i + 1;
  }
  parts.push_back(words.subspan(start));
  return parts;
}

std::string join_terms(const Terms& terms, std::string_view separator) {
  const std::vector<std::string> list(terms.begin(), terms.end());
  return list.size() == 1 ? list.front() : "(" + join(list, separator) + ")";
}

class Expression {
 public:
  Expression(const Copyright& copyright, ExtractedLicences& extracted) : copyright_(copyright), extracted_(extracted) {}

  // What `words` demand together, by the operators from `level` on.
  Terms terms(Words words, std::size_t level = 0) {
    if (level == kOperators.size()) return {term(words)};
    const auto parts = split_at(words, kOperators[level]);
    if (parts.size() == 1) return terms(words, level + 1);
    Terms out;
    for (const Words part : parts) {
      auto inner = terms(part, level + 1);
      if (kOperators[level].word == "or") inner = {join_terms(inner, " AND ")};
      out.merge(inner);
    }
    if (kOperators[level].word == "or") return {join_terms(out, " OR ")};
    return out;
  }

 private:
  std::string term(Words words) {
    std::string name;
    for (const std::string_view word : words) name += (name.empty() ? "" : " ") + std::string(word);
    while (name.ends_with(',')) name.pop_back();
    if (auto known = spdx_identifier(name)) return *known;
    return reference(name);
  }

  std::string reference(const std::string& name) {
    const auto found = copyright_.texts.find(name);
    std::string text =
        found == copyright_.texts.end() ? "The copyright file names this licence without its text.\n" : found->second;
    std::string identifier = "LicenseRef-";
    for (const char c : name.substr(0, 60)) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
      identifier += plain ? c : '-';
    }
    identifier += "-" + sha256(name + "\n" + text).hex().substr(0, 8);
    extracted_.emplace(identifier, ExtractedLicence{name, std::move(text)});
    return identifier;
  }

  const Copyright& copyright_;
  ExtractedLicences& extracted_;
};

}  // namespace

std::optional<std::string> spdx_identifier(std::string_view short_name) {
  const std::string name = lower_case(short_name);
  if (auto found = find_known(kKnown, name)) return found;
  if (auto found = gnu_identifier(name)) return found;
  return with_exception(name);
}

std::string spdx_expression(const Copyright& copyright, ExtractedLicences& extracted) {
  Expression expression(copyright, extracted);
  Terms terms;
  for (const std::string& names : copyright.licences) terms.merge(expression.terms(split_words(names)));
  const std::vector<std::string> list(terms.begin(), terms.end());
  return join(list, " AND ");
}

}  // namespace reburst::attest
