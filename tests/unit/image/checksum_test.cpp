#include "builder/image/checksum.hpp"

#include <gtest/gtest.h>

#include "builder/image/bytes.hpp"

namespace reburst::image {

// The check values of the catalogue of CRC algorithms for "123456789".
TEST(Checksum, Crc32HasTheCatalogueValue) {
  EXPECT_EQ(crc32(as_bytes("123456789")), 0xcbf43926U);
  EXPECT_EQ(crc32({}), 0U);
}

TEST(Checksum, Crc32cHasTheCatalogueValueOnceComplemented) {
  EXPECT_EQ(~crc32c(~0U, as_bytes("123456789")), 0xe3069283U);
}

TEST(Checksum, Crc32cContinues) {
  EXPECT_EQ(crc32c(crc32c(~0U, as_bytes("1234")), as_bytes("56789")), crc32c(~0U, as_bytes("123456789")));
}

}  // namespace reburst::image
