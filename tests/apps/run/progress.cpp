// How a running job looks on a terminal and in a log.
#include "apps/run/progress.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace adsp;
using namespace adsp::apps;

TEST_CASE("progress: a loss of any size takes few digits") {
  job_status x;
  x.evaluations = 1;
  x.last.loss = 1.23456e300;
  CHECK(progress_line(x, {60, 0, "adsp"}, 200).find("  loss 1.235e+300  ") != std::string::npos);
  CHECK(plain_line(x).find(" loss=1.235e+300 ") != std::string::npos);
  x.last.loss = 0.00012345678;
  CHECK(plain_line(x).find(" loss=0.0001235 ") != std::string::npos);
}

TEST_CASE("progress: a bar and figures on a terminal, pairs in a log") {
  job_status x;
  x.seconds = 15;
  x.evaluations = 3;
  x.last.loss = 0.5;
  x.last.accuracy = 0.875;
  x.workers = 6;
  x.total.steps = 3000;
  x.total.commits = 60;
  x.total.compute = 3;
  x.total.wait = 1;
  x.commit_rate = 2;
  x.searching = true;
  CHECK(progress_line(x, {60, 0, "adsp"}, 200) ==
        "adsp [#####...............] 15 s of 60 s  loss 0.5  accuracy 87.50 %  6 workers  "
        "200 steps/s  60 commits  rate 2 (searching)  waiting 25.0 %");
  CHECK(progress_line(x, {0, 0, "bsp"}, 20).size() == 20);
  auto numbers = x;
  numbers.last.accuracy = std::nan("");
  CHECK(progress_line(numbers, {60, 0, "adsp"}, 200).find("loss 0.5  6 workers  200 steps/s") !=
        std::string::npos);
  CHECK(plain_line(numbers).find("loss=0.5 workers=6 steps=3000") != std::string::npos);
  CHECK(plain_line(x) == "time=15.0s loss=0.5 accuracy=87.50% workers=6 steps=3000 "
                         "steps_per_s=200 commits=60 commit_rate=2 searching=true waiting=25.0%");
}
