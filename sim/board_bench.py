"""The bench around a board's top, in C++ for Verilator: its serial port is a pseudo-terminal.

Bytes from the terminal become bits on the pin `rx`, and bits on the pin `tx` bytes for it: a start
bit of 0, eight bits from the lowest on, a stop bit of 1. A byte whose stop bit is 0 is lost. Words
on the command line:

    +clocks=N            clocks of a bit; need not be whole
    +link=PATH           a symbolic link to the terminal, made anew whenever it is plugged in
    +linger=N            clocks for which to go on after the last byte, if nothing else goes on
    +seed=N              of faults by chance
    +fault=D,K,N,P,A     direction, kind, number of the first byte or −1, chance, argument

Lines on its standard input: `unplug`, `plug`, `set NAME VALUE` for any other input, `get NAME` for
any other output, whose value it prints, and `rises NAME`, how often it has become 1. It prints the
terminal's name whenever it is plugged in, first after reset, and ends when its standard input does,
or on SIGTERM. Bytes on their way are lost when it is unplugged.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.board_line import CPP as LINE


@dataclass(frozen=True)
class BoardBench:
    """What a bench must know of a design's ports, besides `clk`.

    Parameters
    ----------
    rx, tx : str or None
        Serial input and output; None if there are none.
    reset : str or None
        Active high; held for two clocks.
    inputs, outputs : tuple of str
        All others, of at most 32 bits; inputs start at 0.
    idle : tuple of str
        Outputs of which any is 1 while nothing goes on. Then, without traffic, the simulation
        sleeps; if there are none, whenever there is no traffic.
    """

    rx: str | None = "rx"
    tx: str | None = "tx"
    reset: str | None = "rst"
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()

    def cpp(self) -> str:
        """For Verilator, without VPI."""
        text = CPP.replace("@LINE@", LINE)
        for word, value in self._words().items():
            text = text.replace(word, value)
        return text

    def _words(self) -> dict[str, str]:
        """Return what stands for a word of the text."""
        return {
            "@RX@": f"top.{self.rx}" if self.rx else "unused",
            "@TX@": f"top.{self.tx}" if self.tx else "true",
            "@RESET@": f"top.{self.reset}" if self.reset else "unused",
            "@INPUTS@": " ".join(
                f'if (name == "{name}") top.{name} = value;' for name in self.inputs
            ),
            "@OUTPUTS@": " ".join(
                f'if (name == "{name}") value = top.{name};' for name in self.outputs
            ),
            "@RISES@": " ".join(f"Rises {name}_rises;" for name in self.outputs),
            "@RISE@": " ".join(f"{name}_rises.clock(top.{name});" for name in self.outputs),
            "@RISEN@": " ".join(
                f'if (name == "{name}") value = {name}_rises.count;' for name in self.outputs
            ),
            "@ZERO@": " ".join(f"top.{name} = 0;" for name in self.inputs),
            "@IDLE@": " || ".join(f"top.{name}" for name in self.idle) or "true",
            **dict.fromkeys(("@FUNCTIONS@", "@BEGIN@", "@CLOCK@"), ""),
        }


CPP = r"""
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <optional>
#include <sstream>
#include <string>
#include <vector>
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>
#include "Vtrainer.h"

double sc_time_stamp() { return 0; }

namespace {
constexpr int CHUNK = 256;          // clocks between two looks at the terminal
constexpr size_t CAPACITY = 65536;  // bytes that wait for a host that does not read; more are lost

volatile std::sig_atomic_t ended = 0;
void end(int) { ended = 1; }

@LINE@// How often an output has become 1.
struct Rises {
    bool was = false;
    unsigned count = 0;

    void clock(bool is) {
        count += is && !was;
        was = is;
    }
};

// The pseudo-terminal. We keep its other side open, so that its settings last.
struct Terminal {
    std::string link;
    int ours = -1, theirs = -1;

    bool plugged() const { return ours >= 0; }
    void plug() {
        ours = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        if (ours < 0 || grantpt(ours) || unlockpt(ours)) std::exit(3);
        const std::string name = ptsname(ours), fresh = link + ".new";
        theirs = open(name.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
        termios settings;
        if (theirs < 0 || tcgetattr(theirs, &settings)) std::exit(3);
        cfmakeraw(&settings);
        tcsetattr(theirs, TCSANOW, &settings);
        if (symlink(name.c_str(), fresh.c_str()) || rename(fresh.c_str(), link.c_str()))
            std::exit(3);
        std::printf("%s\n", name.c_str());
        std::fflush(stdout);
    }
    void unplug() {
        if (!plugged()) return;
        unlink(link.c_str());
        close(theirs);
        close(ours);
        ours = theirs = -1;
    }
};

std::string words(int count, char** values, const std::string& name) {
    std::string found;
    for (int k = 1; k < count; ++k)
        if (!std::string(values[k]).compare(0, name.size(), name))
            found += std::string(values[k] + name.size()) + "\n";
    return found;
}
@FUNCTIONS@}  // namespace

int main(int count, char** values) {
    VerilatedContext context;
    Vtrainer top{&context};
    Way to_board, to_host;
    Sender sender;
    Receiver receiver;
    Terminal terminal;
    std::signal(SIGTERM, end);
    std::signal(SIGPIPE, SIG_IGN);

    const double clocks = std::stod(words(count, values, "+clocks="));
    const uint64_t linger = std::stoull(words(count, values, "+linger="));
    to_board.state = std::stoull(words(count, values, "+seed="));
    to_host.state = ~to_board.state;
    terminal.link = words(count, values, "+link=");
    terminal.link.pop_back();
    std::istringstream faults(words(count, values, "+fault="));
    for (std::string line; std::getline(faults, line);) {
        Fault fault;
        unsigned long long argument;
        if (std::sscanf(line.c_str(), "%d,%d,%lld,%lf,%llu", &fault.direction, &fault.kind,
                        &fault.first, &fault.chance, &argument) != 5) return 2;
        fault.argument = argument;
        (fault.direction ? to_host : to_board).faults.push_back(fault);
    }

    [[maybe_unused]] int unused = 0;
    uint64_t now = 0, last = 0;  // clocks; the last with traffic
    std::string commands;
    @RISES@
    const auto clock = [&] {
        top.clk = 1;
        top.eval();
        top.clk = 0;
        top.eval();
        @RISE@
    };
@BEGIN@    const auto unplug = [&] {
        terminal.unplug();
        to_board.clear();
        to_host.clear();
    };
    @ZERO@
    @RX@ = 1;
    @RESET@ = 1;
    for (; now < 2; ++now) clock();
    @RESET@ = 0;
    terminal.plug();
    while (!ended) {
        // Both sides of the computer: commands, and bytes from and to the terminal.
        const bool sleeps = now - last > linger && to_board.queue.empty()
            && to_host.queue.empty() && !sender.busy() && receiver.bit < 0 && (@IDLE@);
        pollfd look[] = {{0, POLLIN, 0}, {terminal.ours, POLLIN, 0}};
        if (poll(look, 2, sleeps ? 1000 : 0) < 0 && errno != EINTR) return 3;
        if (look[0].revents) {
            char text[256];
            const ssize_t read_ = read(0, text, sizeof text);
            if (read_ <= 0) break;
            commands.append(text, read_);
            for (size_t stop; (stop = commands.find('\n')) != std::string::npos;) {
                std::istringstream line(commands.substr(0, stop));
                commands.erase(0, stop + 1);
                std::string verb, name;
                unsigned value = 0;
                line >> verb >> name >> value;
                if (verb == "plug" && !terminal.plugged()) {
                    to_host.clear();
                    terminal.plug();
                }
                if (verb == "unplug") unplug();
                if (verb == "set") { @INPUTS@ }
                if (verb == "set") last = now;
                if (verb == "get") { @OUTPUTS@ }
                if (verb == "rises") { @RISEN@ }
                if (verb == "get" || verb == "rises") {
                    std::printf("%u\n", value);
                    std::fflush(stdout);
                }
            }
        }
        if (terminal.plugged() && to_board.queue.size() < CAPACITY / 4) {
            unsigned char bytes[1024];
            const ssize_t read_ = read(terminal.ours, bytes, sizeof bytes);
            for (ssize_t k = 0; k < read_; ++k) to_board.pass(bytes[k], now);
            if (read_ > 0) last = now;
        }
        while (to_host.due(now)) {
            if (!terminal.plugged()) to_host.take();
            else if (write(terminal.ours, &to_host.queue.front().value, 1) == 1) to_host.take();
            else break;
        }
        if (to_board.unplug || to_host.unplug) unplug();

        for (int k = 0; k < CHUNK; ++k, ++now) {
            if (!sender.busy() && to_board.due(now)) sender.begin(to_board.take(), now);
            sender.clock(now, clocks);
            @RX@ = sender.line;
@CLOCK@            clock();
            if (const auto value = receiver.clock(@TX@, now, clocks)) to_host.pass(*value, now);
            if (sender.busy() || receiver.bit >= 0) last = now;
        }
    }
    terminal.unplug();
    return 0;
}
"""
