#include "core/progress.hpp"

namespace reburst {

namespace {
class Silent final : public Progress {
 public:
  void begin(std::string_view /*stage*/, std::uint64_t /*total*/, Unit /*unit*/) override {}
  void advance(std::uint64_t /*by*/) override {}
  void note(std::string_view /*line*/) override {}
};
}  // namespace

Progress& silent_progress() {
  static Silent silent;  // stateless
  return silent;
}

}  // namespace reburst
