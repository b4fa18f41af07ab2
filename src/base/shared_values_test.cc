#include "base/shared_values.h"

#include <gtest/gtest.h>

#include <string>

namespace tattle {
namespace {

TEST(SharedValues, KeepsEachOnceAndAsLongAsSomebodyHasIt) {
  SharedValues<std::string> values;
  const std::uint32_t first = values.keep("first"), second = values.keep("second");
  EXPECT_NE(first, second);
  EXPECT_EQ(values.keep("first"), first);
  EXPECT_EQ(values.size(), 2u);
  values.release(first);
  EXPECT_EQ(values[first], "first");
  values.release(first);
  EXPECT_EQ(values.size(), 1u);
  EXPECT_EQ(values.keep("third"), first);  // a number is used again
  EXPECT_EQ(values[first], "third");
  EXPECT_EQ(values[second], "second");
}

TEST(SharedValues, OfTooManyNoneGetsANumber) {
  SharedValues<std::string> values(2);
  const std::uint32_t first = values.keep("first");
  values.keep("second");
  EXPECT_EQ(values.keep("third"), 0u);
  EXPECT_EQ(values.keep("first"), first);
  values.release(first);
  values.release(first);
  EXPECT_NE(values.keep("third"), 0u);
}

}  // namespace
}  // namespace tattle
