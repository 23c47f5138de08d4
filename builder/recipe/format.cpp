#include "builder/recipe/format.hpp"

#include <array>
#include <utility>

#include "builder/recipe/checks.hpp"

namespace reburst::recipe {

namespace {

std::string own_text(const Node& item) {
  return item.scalar;
}
std::string package_name(const Node& item) {
  return item.scalar.substr(0, item.scalar.find('='));
}
template <char const* Key>
std::string member_text(const Node& item) {
  const auto* node = find(item, Key);
  return node == nullptr ? std::string() : node->scalar;
}
constexpr char kPath[] = "path", kName[] = "name", kMount[] = "mount", kQuestion[] = "question", kPackage[] = "package";
std::string package_and_question(const Node& item) {
  return member_text<kPackage>(item) + " " + member_text<kQuestion>(item);
}

// Exactly one of two keys.
Result<> one_of_two(const Node& node, std::string_view first, std::string_view second) {
  const auto* one = find_member(node, first);
  const auto* other = find_member(node, second);
  const auto first_name = "\"" + std::string(first) + "\"";
  const auto second_name = "\"" + std::string(second) + "\"";
  if (one != nullptr && other != nullptr) {
    const auto place_of = [](const Member* member) { return std::pair(member->mark.line, member->mark.column); };
    const auto* later = place_of(one) > place_of(other) ? one : other;
    return fail_at(later->mark, first_name + " and " + second_name + " exclude each other", "keep one of the two");
  }
  if (one == nullptr && other == nullptr) {
    return fail_at(node.mark, "this entry has neither " + first_name + " nor " + second_name, "add one of the two");
  }
  return {};
}

Result<> check_file(const Node& node) {
  return one_of_two(node, "content", "from");
}

Result<> check_test(const Node& node) {
  REBURST_TRY(one_of_two(node, "http", "command"));
  for (const std::string_view key : {"stdout", "status"}) {
    const auto* member = find_member(node, key);
    if (member != nullptr && find(node, "command") == nullptr) {
      return fail_at(
          member->mark, "\"" + std::string(key) + "\" belongs to a \"command\"",
          key == "status" ? "write it inside http: {status: 200}" : "an http test compares the status alone");
    }
  }
  return {};
}

Result<> check_debconf(const Node& node) {
  const auto& value = *find(node, "value");
  const bool is_flag = value.scalar == "true" || value.scalar == "false";
  if (find(node, "type")->scalar == "boolean" && !is_flag) {
    return fail_at(value.mark, in_quotes(value.scalar) + " is not a boolean answer",
                   "write \"true\" or \"false\", in quotes");
  }
  return {};
}

constexpr Shape text_shape(Check check) {
  return {.kind = Kind::kText, .check = check};
}
constexpr Shape list_shape(const Shape& item, std::string (*identity)(const Node&)) {
  return {.kind = Kind::kList, .item = &item, .identity = identity};
}
constexpr Shape number_shape(std::int64_t low, std::int64_t high) {
  return {.kind = Kind::kNumber, .low = low, .high = high};
}
constexpr Shape map_shape(std::span<const Field> fields, Result<> (*whole)(const Node&) = nullptr) {
  return {.kind = Kind::kMap, .fields = fields, .whole = whole};
}

constexpr Shape kFlag = {.kind = Kind::kFlag};
constexpr Shape kVersion = number_shape(1, 1);
constexpr Shape kRole = text_shape(checks::role);
constexpr Shape kLine = text_shape(checks::line);
constexpr Shape kText = text_shape(checks::text);
constexpr Shape kCommand = text_shape(checks::command);
constexpr Shape kSuite = text_shape(checks::suite);
constexpr Shape kEpoch = text_shape(checks::epoch);
constexpr Shape kBuildPath = text_shape(checks::build_path);
constexpr Shape kRecipePath = text_shape(checks::recipe_path);
constexpr Shape kAccount = text_shape(checks::account);

constexpr Shape kUri = text_shape(checks::uri);
constexpr Shape kComponent = text_shape(checks::component);
constexpr Shape kSuites = {.kind = Kind::kList, .item = &kSuite, .least = 1, .identity = own_text};
constexpr Shape kComponents = list_shape(kComponent, own_text);
constexpr std::array kSourceFields = {Field{"uri", &kUri, true}, Field{"suites", &kSuites, true},
                                      Field{"components", &kComponents, true}, Field{"keyring", &kBuildPath, true}};
constexpr Shape kSource = map_shape(kSourceFields);
constexpr Shape kHost = text_shape(checks::host);
constexpr Shape kSources = {.kind = Kind::kList, .item = &kSource, .least = 1, .otherwise = &kHost};

constexpr Shape kRequest = text_shape(checks::package_request);
constexpr Shape kPackageName = text_shape(checks::package);
constexpr Shape kLocalPackage = text_shape(checks::local_package);
constexpr Shape kInstall = list_shape(kRequest, package_name);
constexpr Shape kExclude = list_shape(kPackageName, package_name);
constexpr Shape kLocal = list_shape(kLocalPackage, own_text);
constexpr std::array kPackageFields = {Field{"install", &kInstall}, Field{"exclude", &kExclude},
                                       Field{"recommends", &kFlag}, Field{"local", &kLocal}};
constexpr std::array<std::string_view, 2> kPackageOpposed = {"install", "exclude"};
constexpr Shape kPackages = {.kind = Kind::kMap, .fields = kPackageFields, .opposed = kPackageOpposed};

constexpr Shape kQuestionName = text_shape(checks::question);
constexpr Shape kQuestionType = text_shape(checks::question_type);
constexpr Shape kAnswer = text_shape(checks::one_line);
constexpr std::array kDebconfFields = {Field{"package", &kPackageName, true}, Field{"question", &kQuestionName, true},
                                       Field{"type", &kQuestionType, true}, Field{"value", &kAnswer, true}};
constexpr Shape kDebconfItem = map_shape(kDebconfFields, check_debconf);
constexpr Shape kDebconf = list_shape(kDebconfItem, package_and_question);

constexpr Shape kImagePath = text_shape(checks::image_path);
constexpr Shape kMode = text_shape(checks::mode);
constexpr std::array kFileFields = {Field{"path", &kImagePath, true}, Field{"content", &kText},
                                    Field{"from", &kRecipePath},      Field{"mode", &kMode},
                                    Field{"owner", &kAccount},        Field{"group", &kAccount}};
constexpr Shape kFile = map_shape(kFileFields, check_file);
constexpr Shape kFiles = list_shape(kFile, member_text<kPath>);

constexpr Shape kRun = list_shape(kCommand, nullptr);

constexpr Shape kNewAccount = text_shape(checks::new_account);
constexpr Shape kProgramPath = text_shape(checks::program_path);
constexpr std::array kUserFields = {Field{"name", &kNewAccount, true}, Field{"system", &kFlag},
                                    Field{"home", &kProgramPath}, Field{"shell", &kProgramPath}};
constexpr Shape kUser = map_shape(kUserFields);
constexpr Shape kUsers = list_shape(kUser, member_text<kName>);

constexpr Shape kUnit = text_shape(checks::unit);
constexpr Shape kUnits = list_shape(kUnit, own_text);
constexpr std::array kServiceFields = {Field{"enable", &kUnits}, Field{"disable", &kUnits}, Field{"mask", &kUnits}};
constexpr std::array<std::string_view, 3> kServiceOpposed = {"enable", "disable", "mask"};
constexpr Shape kServices = {.kind = Kind::kMap, .fields = kServiceFields, .opposed = kServiceOpposed};

constexpr Shape kStatePath = text_shape(checks::state_path);
constexpr Shape kVolume = text_shape(checks::volume);
constexpr std::array kStateFields = {Field{"mount", &kStatePath, true}, Field{"volume", &kVolume, true}};
constexpr Shape kStateItem = map_shape(kStateFields);
constexpr Shape kState = list_shape(kStateItem, member_text<kMount>);

constexpr Shape kKernelPackage = text_shape(checks::kernel_package);
constexpr Shape kKernelWord = text_shape(checks::kernel_word);
constexpr Shape kCmdline = list_shape(kKernelWord, nullptr);
constexpr std::array kKernelFields = {Field{"package", &kKernelPackage}, Field{"cmdline", &kCmdline}};
constexpr Shape kKernel = map_shape(kKernelFields);

constexpr Shape kSecureBoot = text_shape(checks::secure_boot);
constexpr Shape kTicket = text_shape(checks::ticket);
constexpr Shape kOnFailure = text_shape(checks::on_failure);
constexpr std::array kBootFields = {Field{"secure_boot", &kSecureBoot}, Field{"scan", &kFlag},
                                    Field{"ticket", &kTicket}, Field{"on_failure", &kOnFailure}};
constexpr Shape kBoot = map_shape(kBootFields);

constexpr Shape kCompression = text_shape(checks::compression);
constexpr Shape kExcludedPath = text_shape(checks::excluded_path);
constexpr Shape kExcluded = list_shape(kExcludedPath, own_text);
constexpr Shape kFormat = text_shape(checks::format);
constexpr Shape kFormats = list_shape(kFormat, own_text);
constexpr std::array kImageFields = {Field{"compression", &kCompression}, Field{"exclude", &kExcluded},
                                     Field{"formats", &kFormats}};
constexpr Shape kImage = map_shape(kImageFields);

constexpr Shape kPort = number_shape(1, 65535);
constexpr Shape kHttpPath = text_shape(checks::http_path);
constexpr Shape kHttpStatus = number_shape(100, 599);
constexpr Shape kExitStatus = number_shape(0, 255);
constexpr std::array kHttpFields = {Field{"port", &kPort}, Field{"path", &kHttpPath}, Field{"status", &kHttpStatus}};
constexpr Shape kHttp = map_shape(kHttpFields);
constexpr std::array kTestFields = {Field{"name", &kLine, true}, Field{"http", &kHttp}, Field{"command", &kCommand},
                                    Field{"stdout", &kText}, Field{"status", &kExitStatus}};
constexpr Shape kTest = map_shape(kTestFields, check_test);
constexpr Shape kTests = list_shape(kTest, member_text<kName>);

constexpr std::array kRecipeFields = {Field{"recipe", &kVersion, true},
                                      Field{"role", &kRole, true},
                                      Field{"from", &kRole},
                                      Field{"summary", &kLine},
                                      Field{"sources", &kSources},
                                      Field{"suite", &kSuite},
                                      Field{"epoch", &kEpoch},
                                      Field{"packages", &kPackages},
                                      Field{"debconf", &kDebconf},
                                      Field{"files", &kFiles},
                                      Field{"run", &kRun},
                                      Field{"users", &kUsers},
                                      Field{"services", &kServices},
                                      Field{"state", &kState},
                                      Field{"kernel", &kKernel},
                                      Field{"boot", &kBoot},
                                      Field{"image", &kImage},
                                      Field{"tests", &kTests}};
constexpr Shape kRecipeShape = map_shape(kRecipeFields);

}  // namespace

const Shape& recipe_shape() {
  return kRecipeShape;
}

Result<> validate_recipe(const Node& root) {
  if (const auto* version = find(root, "recipe")) {
    if (version->kind == Kind::kNumber && whole_number(version->scalar) != 1) {
      return fail_at(version->mark, "recipe version " + version->scalar + " is not known",
                     "this program reads \"recipe: 1\"");
    }
  }
  return validate(root, kRecipeShape, "the recipe");
}

}  // namespace reburst::recipe
