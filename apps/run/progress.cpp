#include "apps/run/progress.hpp"

#include "apps/cli/lines.hpp"

#include "learning/data/text/cell_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sys/ioctl.h>
#include <utility>

namespace adsp::apps {

namespace {

/// The mean since the start: reports come with commits, so that means over shorter spans would
/// jump.
double steps_per_second(const job_status& x) {
  return x.seconds > 0 ? static_cast<double>(x.total.steps) / x.seconds : 0;
}

/// The share of the workers' time spent waiting, in percent.
double waiting_share(const job_status& status) {
  const auto busy = status.total.compute + status.total.communicate + status.total.wait;
  return busy > 0 ? 100 * status.total.wait / busy : 0;
}

std::string bar(const job_status& status, const progress_view& view) {
  double share = -1;
  if (view.max_time > 0)
    share = status.seconds / view.max_time;
  if (view.max_steps > 0)
    share = std::max(share,
                     static_cast<double>(status.total.steps) / static_cast<double>(view.max_steps));
  if (share < 0)
    return "";
  constexpr int cells = 20;
  const auto full = static_cast<int>(std::clamp(share, 0.0, 1.0) * cells);
  return fmt::format("[{:#<{}}{:.<{}}] ", "", full, "", cells - full);
}

std::size_t terminal_width(std::FILE* out) {
  winsize size = {};
  if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col - 1U;
  return 120;
}

} // namespace

std::string progress_line(const job_status& now, const progress_view& view, std::size_t width) {
  auto line = fmt::format("{} {}{:.0f} s", view.policy, bar(now, view), now.seconds);
  if (view.max_time > 0)
    line += fmt::format(" of {:.0f} s", view.max_time);
  if (now.evaluations > 0)
    line += fmt::format("  loss {:.4g}", now.last.loss);
  if (now.evaluations > 0 && !std::isnan(now.last.accuracy))
    line += fmt::format("  accuracy {:.2f} %", 100 * now.last.accuracy);
  line += fmt::format("  {}  {:.0f} steps/s  {}", learning::counted(now.workers, "worker"),
                      steps_per_second(now), learning::counted(now.total.commits, "commit"));
  if (now.commit_rate > 0)
    line += fmt::format("  rate {:g}{}", now.commit_rate, now.searching ? " (searching)" : "");
  line += fmt::format("  waiting {:.1f} %", waiting_share(now));
  return line.substr(0, width);
}

std::string plain_line(const job_status& now) {
  auto line = fmt::format("time={:.1f}s loss={:.4g}", now.seconds, now.last.loss);
  if (!std::isnan(now.last.accuracy))
    line += fmt::format(" accuracy={:.2f}%", 100 * now.last.accuracy);
  line += fmt::format(" workers={} steps={} steps_per_s={:.0f} commits={}", now.workers,
                      now.total.steps, steps_per_second(now), now.total.commits);
  if (now.commit_rate > 0)
    line += fmt::format(" commit_rate={:g} searching={}", now.commit_rate, now.searching);
  return line + fmt::format(" waiting={:.1f}%", waiting_share(now));
}

progress_printer::progress_printer(std::FILE* out, bool terminal, bool quiet, progress_view view)
    : out_{out}, terminal_{terminal}, quiet_{quiet}, view_{std::move(view)} {}

void progress_printer::update(const job_status& status) {
  if (quiet_)
    return;
  if (terminal_) {
    write_text(out_, "\r" + progress_line(status, view_, terminal_width(out_)) + "\x1b[K");
    line_open_ = true;
  } else if (status.evaluations > shown_.evaluations && status.seconds >= next_line_) {
    write_text(out_, plain_line(status) + '\n');
    next_line_ = status.seconds + 1;
    shown_ = status;
  }
}

void progress_printer::finish() {
  if (std::exchange(line_open_, false))
    write_text(out_, "\n");
}

} // namespace adsp::apps
