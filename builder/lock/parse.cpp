#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "builder/lock/lock.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "core/time.hpp"

namespace reburst::lock {

namespace {

constexpr std::uint64_t kMaxPackageSize = 16ULL << 30U;
constexpr std::uint64_t kMaxIndexSize = 4ULL << 30U;
constexpr std::size_t kMaxText = 4096;

tl::unexpected<Error> refuse(const std::string& where, const std::string& why) {
  return fail(ErrorCode::kLock, "the lock " + where + ": " + why, "make it again with the verb \"lock\"");
}

// Takes the members of one object, each once, and refuses those that nobody took.
class ObjectReader {
 public:
  // `where` names the object in an error: "\"web.lock\"" or "\"web.lock\" package \"bash\"".
  ObjectReader(const Json& object, std::string where) : object_(object), where_(std::move(where)) {}

  void name(std::string where) { where_ = std::move(where); }

  Result<std::string> text(const char* key) {
    const Json* value = REBURST_TRY(member(key));
    if (!value->is_string()) return refuse(where_, "\"" + std::string(key) + "\" is not a string");
    const auto& out = value->get_ref<const std::string&>();
    if (out.size() > kMaxText) return refuse(where_, "\"" + std::string(key) + "\" is too long");
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(out.begin(), out.end(), control)) {
      return refuse(where_, "\"" + std::string(key) + "\" holds a control character");
    }
    return out;
  }

  Result<std::string> name_text(const char* key) {
    std::string out = REBURST_TRY(text(key));
    if (out.empty()) return refuse(where_, "\"" + std::string(key) + "\" is empty");
    return out;
  }

  Result<Digest> digest(const char* key) {
    const std::string hex = REBURST_TRY(text(key));
    const auto out = Digest::parse(hex);
    if (!out || out->hex() != hex) return refuse(where_, "\"" + std::string(key) + "\" is not a SHA-256 in lower case");
    return *out;
  }

  Result<Epoch> time(const char* key) {
    const std::string iso = REBURST_TRY(text(key));
    const auto out = parse_iso_time(iso);
    if (!out || iso_time(*out) != iso)
      return refuse(where_, "\"" + std::string(key) + "\" is not a time such as \"2026-01-01T00:00:00Z\"");
    return *out;
  }

  Result<std::uint64_t> number(const char* key, std::uint64_t most) {
    const Json* value = REBURST_TRY(member(key));
    if (!value->is_number_unsigned()) return refuse(where_, "\"" + std::string(key) + "\" is not a whole number");
    const auto out = value->get<std::uint64_t>();
    if (out > most)
      return refuse(where_,
                    "\"" + std::string(key) + "\" is " + std::to_string(out) + ", more than " + std::to_string(most));
    return out;
  }

  // Written only where it is true: a lock has one form.
  Result<bool> flag(const char* key) {
    if (!object_.is_object() || !object_.contains(key)) return false;
    const Json* value = REBURST_TRY(member(key));
    if (!value->is_boolean() || !value->get<bool>()) return refuse(where_, "\"" + std::string(key) + "\" is not true");
    return true;
  }

  Result<const Json*> list(const char* key) {
    const Json* value = REBURST_TRY(member(key));
    if (!value->is_array()) return refuse(where_, "\"" + std::string(key) + "\" is not a list");
    return value;
  }

  [[nodiscard]] Result<> finish() const {
    for (const auto& [key, value] : object_.items()) {
      if (!taken_.contains(key)) return refuse(where_, "it has an unknown member \"" + key + "\"");
    }
    return {};
  }

 private:
  Result<const Json*> member(const char* key) {
    if (!object_.is_object()) return refuse(where_, "it is not an object");
    const auto found = object_.find(key);
    if (found == object_.end()) return refuse(where_, "\"" + std::string(key) + "\" is missing");
    taken_.insert(key);
    return &*found;
  }

  const Json& object_;
  std::string where_;
  std::set<std::string, std::less<>> taken_;
};

bool safe_package_name(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789+-.";
  return name.size() >= 2 && name.find_first_not_of(kAllowed) == std::string_view::npos && name.front() != '-' &&
         name.front() != '.' && name.front() != '+';
}

bool safe_role(std::string_view role) {
  return !role.empty() && role.find('/') == std::string_view::npos && role.front() != '.';
}

Result<LockedPackage> read_package(const Json& json, const std::string& where) {
  ObjectReader reader(json, where);
  LockedPackage out;
  out.name = REBURST_TRY(reader.text("name"));
  if (!safe_package_name(out.name)) return refuse(where, "\"" + out.name + "\" is not a package name");
  const auto here = where.substr(0, where.find(" packages[")) + " package \"" + out.name + "\"";
  reader.name(here);
  out.version = REBURST_TRY(reader.name_text("version"));
  out.architecture = REBURST_TRY(reader.name_text("architecture"));
  out.path = REBURST_TRY(reader.text("path"));
  if (!stays_beneath(out.path)) return refuse(here, "the path \"" + out.path + "\" leads out of the mirror");
  out.size = REBURST_TRY(reader.number("size", kMaxPackageSize));
  out.sha256 = REBURST_TRY(reader.digest("sha256"));
  out.origin = REBURST_TRY(reader.text("origin"));
  out.suite = REBURST_TRY(reader.text("suite"));
  out.component = REBURST_TRY(reader.text("component"));
  out.priority = REBURST_TRY(reader.text("priority"));
  out.source = REBURST_TRY(reader.text("source"));
  out.reason = REBURST_TRY(reader.text("reason"));
  out.essential = REBURST_TRY(reader.flag("essential"));
  out.requested = REBURST_TRY(reader.flag("requested"));
  out.build_only = REBURST_TRY(reader.flag("build_only"));
  REBURST_TRY(reader.finish());
  return out;
}

Result<LockedRelease> read_release(const Json& json, const std::string& where) {
  ObjectReader reader(json, where);
  LockedRelease out;
  out.origin = REBURST_TRY(reader.text("origin"));
  out.suite = REBURST_TRY(reader.text("suite"));
  out.codename = REBURST_TRY(reader.text("codename"));
  out.date = REBURST_TRY(reader.time("date"));
  out.digest = REBURST_TRY(reader.digest("sha256"));
  REBURST_TRY(reader.finish());
  return out;
}

Result<LockedIndex> read_index(const Json& json, const std::string& where) {
  ObjectReader reader(json, where);
  LockedIndex out;
  out.origin = REBURST_TRY(reader.text("origin"));
  out.suite = REBURST_TRY(reader.text("suite"));
  out.component = REBURST_TRY(reader.text("component"));
  out.architecture = REBURST_TRY(reader.name_text("architecture"));
  out.size = REBURST_TRY(reader.number("size", kMaxIndexSize));
  out.digest = REBURST_TRY(reader.digest("sha256"));
  REBURST_TRY(reader.finish());
  return out;
}

// Every element by `read`, in strictly ascending order of `key`.
template <class T, class Read, class Key>
Result<std::vector<T>> read_list(ObjectReader& reader, const char* name, const std::string& where, Read read, Key key) {
  const Json* list = REBURST_TRY(reader.list(name));
  std::vector<T> out;
  for (const auto& element : *list) {
    out.push_back(REBURST_TRY(read(element, where + " " + name + "[" + std::to_string(out.size()) + "]")));
    if (out.size() > 1 && !(key(out[out.size() - 2]) < key(out.back()))) {
      return refuse(where, "\"" + std::string(name) + "\" is not sorted, or has something twice, at element " +
                               std::to_string(out.size() - 1));
    }
  }
  return out;
}

// Every package is of this architecture, and from one of the indexes or the recipe's own.
Result<> check_origins(const Lock& lock, const std::string& where) {
  std::set<std::tuple<std::string_view, std::string_view, std::string_view>> indexes;
  for (const auto& index : lock.indexes) indexes.emplace(index.origin, index.suite, index.component);
  for (const auto& package : lock.packages) {
    const auto here = where + " package \"" + package.name + "\"";
    if (package.architecture != "all" && package.architecture != lock.architecture) {
      return refuse(
          here, "its architecture is \"" + package.architecture + "\", and the lock's \"" + lock.architecture + "\"");
    }
    if (is_local(package) || indexes.contains({package.origin, package.suite, package.component})) continue;
    return refuse(here, "no index is of \"" + package.origin + "/" + package.suite + "/" + package.component +
                            "\", where it comes from");
  }
  return {};
}

Result<Lock> read_lock(const Json& json, const std::string& where) {
  ObjectReader reader(json, where);
  const auto format = REBURST_TRY(reader.number("lock", std::numeric_limits<std::uint64_t>::max()));
  if (format != 1)
    return refuse(where, "its format is " + std::to_string(format) + ", and this program reads format 1");
  Lock out;
  out.role = REBURST_TRY(reader.name_text("role"));
  if (!safe_role(out.role)) return refuse(where, "\"" + out.role + "\" is not a role");
  out.architecture = REBURST_TRY(reader.name_text("architecture"));
  out.epoch = REBURST_TRY(reader.time("epoch"));
  out.recipe = REBURST_TRY(reader.digest("recipe"));
  const auto whole = [](const auto& one) -> const auto& {
    return one;
  };
  out.releases = REBURST_TRY(read_list<LockedRelease>(reader, "releases", where, read_release, whole));
  out.indexes = REBURST_TRY(read_list<LockedIndex>(reader, "indexes", where, read_index, whole));
  out.packages =
      REBURST_TRY(read_list<LockedPackage>(reader, "packages", where, read_package, [](const LockedPackage& one) {
        return std::tie(one.name, one.architecture);
      }));
  if (out.packages.empty()) return refuse(where, "it has no packages");
  REBURST_TRY(reader.finish());
  REBURST_TRY(check_origins(out, where));
  return out;
}

}  // namespace

bool is_local(const LockedPackage& package) {
  return package.origin == kLocalOrigin && package.suite.empty() && package.component.empty();
}

Result<Lock> parse(std::string_view text, std::string_view name) {
  const std::string where = "\"" + std::string(name) + "\"";
  const auto json = parse_json(text, name);
  if (!json) return refuse(where, json.error().message);
  Lock lock = REBURST_TRY(read_lock(*json, where));
  // One lock, one text: what is signed or compared is the bytes.
  if (to_text(lock) != text) return refuse(where, "it is not in canonical form");
  return lock;
}

}  // namespace reburst::lock
