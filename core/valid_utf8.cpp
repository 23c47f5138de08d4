#include "core/valid_utf8.hpp"

#include "core/json.hpp"

namespace reburst {

std::string valid_utf8(std::string_view bytes) {
  const auto quoted = Json(std::string(bytes)).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(quoted).get<std::string>();
}

}  // namespace reburst
