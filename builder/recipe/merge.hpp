#pragma once

#include "builder/recipe/node.hpp"
#include "builder/recipe/shape.hpp"

namespace reburst::recipe {

// `heir` laid over `base`; both are valid by `shape`. Lists add (an entry with the identity of an inherited one takes
// its place), maps merge, scalars replace. Every node keeps the mark of the file it came from.
[[nodiscard]] Node merge(Node base, const Node& heir, const Shape& shape);

}  // namespace reburst::recipe
