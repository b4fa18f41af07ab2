#include "report/db/audit_db.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "assess/assess_testing.h"
#include "base/result.h"
#include "report/write_file.h"

namespace tattle {
namespace {

namespace fs = std::filesystem;

class AuditDbTest : public testing::Test {
 protected:
  AuditDbTest() {
    folder_ = fs::path(testing::TempDir()) /
              (std::string("audit_db_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~AuditDbTest() override { fs::remove_all(folder_); }

  void write(bool reveal) {
    AuditDatabase database(folder_.string(), {assess_testing::subject()}, reveal);
    const AuditDocument document = assess_testing::tell_everything(&database);
    database.finish(document);
  }
  std::string bytes() const {
    std::ifstream file(folder_ / "audit.db", std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();
    return all.str();
  }
  std::string ask(const std::string& question) const {
    soci::session session(soci::sqlite3, "dbname=" + (folder_ / "audit.db").string());
    std::string answer;
    session << "select cast((" + question + ") as text)", soci::into(answer);
    return answer;
  }

  fs::path folder_;
};

TEST_F(AuditDbTest, HoldsEveryOccurrence) {
  write(false);
  EXPECT_EQ(ask("select count(*) from flows"), "2");
  EXPECT_EQ(ask("select count(*) from messages"), "15");
  EXPECT_EQ(ask("select count(*) from occurrences"), "17");
  EXPECT_EQ(ask("select sum(last - first + 1) from occurrence_packets"), "51");
  EXPECT_EQ(ask("select count(*) from disclosures"), "6");
  EXPECT_EQ(ask("select sum(count) from disclosures"), "17");
  // Every occurrence has its disclosure, and each disclosure as many as it counts.
  EXPECT_EQ(ask("select count(*) from occurrences o left join disclosures d using (disclosure) where d.id is null"),
            "0");
  EXPECT_EQ(ask("select count(*) from disclosures d where d.count <> (select count(*) from occurrences o where "
                "o.disclosure = d.disclosure)"),
            "0");
  EXPECT_EQ(ask("select request from messages where kind = 'response'"), "14");
  EXPECT_EQ(ask("select time from messages where message = 3"), "1970-01-01T00:00:03.000000Z");
  EXPECT_EQ(ask("select value from meta where name = 'masked'"), "1");
  EXPECT_EQ(ask("select name from captures where capture = 0"), "evening.pcapng");
  EXPECT_EQ(ask("select packet from anomalies where name = 'http1.both-lengths'"), "44");
}

TEST_F(AuditDbTest, JoinsWhatTurnedOutToBeOneDisclosure) {
  const Subject subject = assess_testing::subject();
  AuditDatabase database(folder_.string(), {subject}, false);
  AuditSetup setup;
  setup.subjects = {subject};
  setup.observer = &database;
  Auditor auditor(setup);
  for (std::uint64_t i = 1; i <= 6; ++i) {
    MessageRecord message = assess_testing::request(i);
    message.hits = {assess_testing::hit(subject, 0, "plain", i % 2 == 0 ? -100 : -120)};
    auditor.on_message(message);
  }
  const AuditDocument document = auditor.finish(assess_testing::ending());
  ASSERT_EQ(document.disclosures.size(), 1u);
  database.finish(document);
  EXPECT_EQ(ask("select group_concat(disclosure, '') from occurrences"), "111111");
}

TEST_F(AuditDbTest, ABodyInPiecesIsOneMessage) {
  AuditDatabase database(folder_.string(), {}, false);
  MessageRecord piece = assess_testing::request(7);
  database.on_message(piece);
  piece.body_offset = 100;
  piece.damaged = true;
  database.on_message(piece);
  database.finish(AuditDocument{});
  EXPECT_EQ(ask("select count(*) || ' ' || sum(body_bytes) || ' ' || sum(damaged) from messages"), "1 200 1");
}

TEST_F(AuditDbTest, MaskedHoldsNoPlantedValueAndNothingOfBystanders) {
  write(false);
  const std::string masked = bytes();
  for (const char* secret : {assess_testing::kImei, "69380356438", "kello kuusi", "Windows Phone 8.0", "terveys",
                             "8d5e957f297893487bd98fa830fa6413", "bystander"}) {
    EXPECT_EQ(masked.find(secret), std::string::npos) << secret;
  }
  EXPECT_EQ(ask("select count(*) from messages where target = '/collect'"), "13");  // without what it was told
  EXPECT_EQ(ask("select count(*) from flows where device = 'other-device' and client is null and host is null"), "1");
}

TEST_F(AuditDbTest, MasksMethodsAndNamesOfAppsToo) {
  AuditDatabase database(folder_.string(), {assess_testing::subject()}, false);
  MessageRecord message = assess_testing::request(1);
  message.method = std::string("X") + assess_testing::kImei;
  auto app = std::make_shared<AppInfo>();
  app->name = std::string("com.example.") + assess_testing::kImei;
  message.flow.app = app;
  database.on_message(message);
  database.on_flow(assess_testing::flow_end(message, 1, 0, 0), "");
  database.finish(AuditDocument{});
  EXPECT_EQ(bytes().find(assess_testing::kImei), std::string::npos);
  EXPECT_EQ(ask("select count(*) from messages where method like 'X%'"), "1");
}

TEST_F(AuditDbTest, RevealedHoldsThem) {
  write(true);
  const std::string clear = bytes();
  for (const char* secret : {assess_testing::kImei, "kello kuusi", "8d5e957f297893487bd98fa830fa6413"}) {
    EXPECT_NE(clear.find(secret), std::string::npos) << secret;
  }
  EXPECT_EQ(clear.find("bystander"), std::string::npos);
  EXPECT_EQ(ask("select target from messages where message = 1"), "/collect?x=1");
}

TEST_F(AuditDbTest, IsForItsOwnerAloneAndWholeOrNotThere) {
  {
    AuditDatabase database(folder_.string(), {}, false);
    struct stat info {};
    ASSERT_EQ(stat((folder_ / ".audit.db.part").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    EXPECT_FALSE(fs::exists(folder_ / "audit.db"));
  }
  EXPECT_TRUE(fs::is_empty(folder_));
  write(false);
  struct stat info {};
  ASSERT_EQ(stat((folder_ / "audit.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_FALSE(fs::exists(folder_ / ".audit.db.part"));
}

TEST_F(AuditDbTest, TwoRunsWriteTheSameBytes) {
  write(false);
  const std::string first = bytes();
  write(false);
  EXPECT_EQ(first, bytes());
}

TEST_F(AuditDbTest, AFolderThatIsNotThereIsSaid) {
  EXPECT_THROW(AuditDatabase((folder_ / "missing").string(), {}, false), UserError);
}

TEST_F(AuditDbTest, AFileIsWrittenWholeForItsOwner) {
  const std::string path = (folder_ / "audit.json").string();
  write_whole_file(path, as_bytes("one"));
  write_whole_file(path, as_bytes("two"));
  std::ifstream file(path);
  std::string text;
  file >> text;
  EXPECT_EQ(text, "two");
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
  fs::create_directory(folder_ / "folder");
  EXPECT_THROW(write_whole_file((folder_ / "folder").string(), as_bytes("x")), UserError);
  EXPECT_FALSE(fs::exists(folder_ / ".folder.part"));
  EXPECT_THROW(write_whole_file((folder_ / "missing" / "x").string(), as_bytes("x")), UserError);
}

}  // namespace
}  // namespace tattle
