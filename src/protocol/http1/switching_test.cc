// Whose bytes follow a head: a body's or the next request's, the proxy's or a tunnel's.

#include "protocol/http1/test_kit.h"

namespace tattle {
namespace {

using namespace http1_kit;

class Http1Switching : public testing::TestWithParam<Case> {};
TEST_P(Http1Switching, WholeSteps) { expect_lines(GetParam()); }
TEST_P(Http1Switching, CutAnywhere) { expect_lines_however_cut(GetParam()); }

const std::string kExpect = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\nExpect: 100-continue\r\n\r\n";
const std::string kFails = "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n";
const std::string kFailsLine = "< response #1 417 host=h to POST []";
const std::string kNext = "PUT /2 HTTP/1.1\r\nHost: i\r\nContent-Length: 2\r\n\r\nok";
const std::string kNextLine = "> request #2 PUT /2 host=i url=http://i/2 [ok]";
const std::string kDone = "HTTP/1.1 204 No\r\n\r\n";

// RFC 9110 section 10.1.1: who waits for 100 (Continue) and gets another answer may leave the body out.
INSTANTIATE_TEST_SUITE_P(
    Rfc9110Expect, Http1Switching,
    testing::Values(
        Case{"NextRequestInsteadOfTheBody",
             {up(kExpect), down(kFails), up(kNext), down(kDone)},
             {kFailsLine, "> request #1 POST /p host=h url=http://h/p []", kNextLine,
              "< response #2 204 host=i to PUT []"},
             {"http1.body-unsent"}},
        Case{"NextRequestInsteadOfChunks",
             {up("POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nExpect: 100-Continue\r\n\r\n"),
              down("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"), up(kNext), down(kDone)},
             {"< response #1 401 host=h to POST []", "> request #1 POST /p host=h url=http://h/p []", kNextLine,
              "< response #2 204 host=i to PUT []"},
             {"http1.body-unsent"}},
        Case{"BodyAllTheSame",
             {up(kExpect), down(kFails), up("012345678901234567890123456789" + kNext), down(kDone)},
             {kFailsLine, "> request #1 POST /p host=h url=http://h/p [012345678901234567890123456789]", kNextLine,
              "< response #2 204 host=i to PUT []"},
             {}},
        Case{"BodyThatBeginsLikeARequest",
             {up(kExpect), down(kFails), up("GET rid of it, PUT it HTTP/2.\n" + kNext), down(kDone)},
             {kFailsLine, "> request #1 POST /p host=h url=http://h/p [GET rid of it, PUT it HTTP/2.\\n]", kNextLine,
              "< response #2 204 host=i to PUT []"},
             {}},
        Case{"RequestLineWithoutFields",
             {up(kExpect), down(kFails), up("GET / HTTP/1.1\nis how it began" + kNext), down(kDone)},
             {kFailsLine, "> request #1 POST /p host=h url=http://h/p [GET / HTTP/1.1\\nis how it began]", kNextLine,
              "< response #2 204 host=i to PUT []"},
             {}},
        // A body of three letters would make a method of the next one.
        Case{"ShortBodyBeforeTheNextRequest",
             {up("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"), down(kFails),
              up("GET" + kNext), down(kDone)},
             {kFailsLine, "> request #1 POST /p host=h url=http://h/p [GET]", kNextLine,
              "< response #2 204 host=i to PUT []"},
             {}},
        Case{"BodyThatIsARequest",
             {up("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 27\r\nContent-Type: message/http\r\n"
                 "Expect: 100-continue\r\n\r\n"),
              down(kFails), up("GET / HTTP/1.1\r\nHost: i\r\n\r\n")},
             {kFailsLine, "> request #1 POST /p host=h url=http://h/p [GET / HTTP/1.1\\r\\nHost: i\\r\\n\\r\\n]"},
             {}},
        Case{"AskedForBeforeItFailed",
             {up(kExpect), down("HTTP/1.1 100 Continue\r\n\r\n" + kFails), up("GET / HTTP/1.1\r\nHost: i\r\n\r\nend")},
             {"< response #1 100 host=h to POST []", kFailsLine,
              "> request #1 POST /p host=h url=http://h/p [GET / HTTP/1.1\\r\\nHost: i\\r\\n\\r\\nend]"},
             {}},
        Case{"WithoutExpectTheBodyIsABody",
             {up("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 27\r\n\r\n"), down(kFails),
              up("GET / HTTP/1.1\r\nHost: i\r\n\r\n")},
             {kFailsLine, "> request #1 POST /p host=h url=http://h/p [GET / HTTP/1.1\\r\\nHost: i\\r\\n\\r\\n]"},
             {}},
        Case{"TheEndInsteadOfTheBody",
             {up(kExpect), down(kFails)},
             {kFailsLine, "> request #1 POST /p host=h url=http://h/p []"},
             {"http1.body-unsent"}},
        // Whether it was the body or a request that is lost is not known.
        Case{"ALossInsteadOfTheBody",
             {up(kExpect), down(kFails), lost(Direction::to_server, 20), up("of it\r\n" + kNext)},
             {kFailsLine, "> request #1 POST /p host=h url=http://h/p []", kNextLine, "> data #0 tcp [of it\\r\\n]"},
             {"http1.body-unsent"}}),
    name_of);

const std::string kConnect = "CONNECT site.example:443 HTTP/1.1\r\nHost: site.example:443\r\n\r\n";
const std::string kConnectLine =
    "> request #1 CONNECT site.example:443 host=site.example:443 via=connect tunnel=site.example []";

INSTANTIATE_TEST_SUITE_P(
    Offers, Http1Switching,
    testing::Values(
        Case{"ConnectThenHttp",
             {up(kConnect), down("HTTP/1.1 200 Connection established\r\n\r\n"),
              up("GET /in HTTP/1.1\r\nHost: site.example\r\n\r\n"), down("HTTP/1.1 204 No\r\n\r\n")},
             {kConnectLine, "< response #1 200 host=site.example:443 to CONNECT via=connect tunnel=site.example []",
              "> request #2 GET /in host=site.example url=http://site.example/in via=tunnel tunnel=site.example []",
              "< response #2 204 host=site.example to GET via=tunnel tunnel=site.example []"},
             {}},
        Case{"ConnectRefused",
             {up(kConnect), down("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"), up(kConnect),
              down("HTTP/1.1 200 OK\r\n\r\n"), up("raw bytes")},
             {kConnectLine, "< response #1 407 host=site.example:443 to CONNECT via=connect tunnel=site.example []",
              "> request #2 CONNECT site.example:443 host=site.example:443 via=connect tunnel=site.example []",
              "< response #2 200 host=site.example:443 to CONNECT via=connect tunnel=site.example []",
              "> data #0 tcp via=tunnel tunnel=site.example [raw bytes]"},
             {}},
        // What was sent for the far end in the meantime reached the proxy alone: it is no request to the host it names.
        Case{"ConnectRefusedBehindARequest",
             {up(kConnect), up("GET /in?q=1 HTTP/1.1\r\nHost: site.example\r\n\r\nGE"),
              down("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), up("T /2 HTTP/1.1\r\nHost: other.example\r\n\r\n"),
              down("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n")},
             {kConnectLine, "< response #1 403 host=site.example:443 to CONNECT via=connect tunnel=site.example []",
              "< response #0 400 []",
              "> data #0 tcp [GET /in?q=1 HTTP/1.1\\r\\nHost: site.example\\r\\n\\r\\n"
              "GET /2 HTTP/1.1\\r\\nHost: other.example\\r\\n\\r\\n]"},
             {"http1.refused-bytes"}},
        Case{"ConnectRefusedBehindAnother",
             {up(kConnect + kConnect), down("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
              up("raw bytes")},
             {kConnectLine, "< response #1 407 host=site.example:443 to CONNECT via=connect tunnel=site.example []",
              "> request #2 CONNECT site.example:443 host=site.example:443 via=connect tunnel=site.example []",
              "< response #2 200 host=site.example:443 to CONNECT via=connect tunnel=site.example []",
              "> data #0 tcp via=tunnel tunnel=site.example [raw bytes]"},
             {}},
        Case{"ConnectUnanswered",
             {up(kConnect), up("raw bytes")},
             {kConnectLine, "> data #0 tcp via=tunnel tunnel=site.example [raw bytes]"},
             {}},
        Case{"UpgradeToWebsocket",
             {up("GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"),
              down("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi"),
              up("\x81\x81\x01\x01\x01\x01y")},
             {"> request #1 GET /ws host=h url=http://h/ws []", "< response #1 101 host=h to GET []",
              "< frame #1 websocket host=h url=http://h/ws [hi]", "> frame #1 websocket host=h url=http://h/ws [x]"},
             {}},
        Case{"UpgradeDeclined",
             {up("GET /a HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n"),
              down("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")},
             {"> request #1 GET /a host=h url=http://h/a []", "< response #1 200 host=h to GET []",
              "> request #2 GET /b host=h url=http://h/b []", "< response #2 200 host=h to GET []"},
             {}}),
    name_of);

}  // namespace
}  // namespace tattle
