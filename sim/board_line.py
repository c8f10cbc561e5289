"""The serial line of a virtual board, in C++: bytes to bits and back, and what happens to them.

A start bit of 0, eight bits from the lowest on, a stop bit of 1. A byte whose stop bit is 0 is
lost.
"""

from __future__ import annotations

KINDS = ("drop", "double", "flip", "delay", "swap", "unplug")
"""Of faults, in the order of the bench's numbers."""

DIRECTIONS = ("to board", "to host")
"""Of faults, in the order of the bench's numbers."""

CPP = r"""enum Kind { DROP, DOUBLE, FLIP, DELAY, SWAP, UNPLUG };
struct Fault { int direction, kind; long long first; double chance; uint64_t argument; };
struct Byte { unsigned char value; uint64_t due; };

// One direction: counts its bytes, does to each what the faults say, and queues what is left.
struct Way {
    std::vector<Fault> faults;
    uint64_t state = 0, count = 0;
    std::optional<Byte> held;
    std::deque<Byte> queue;
    bool unplug = false;

    uint64_t random() {  // splitmix64
        uint64_t z = state += 0x9E3779B97F4A7C15u;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }

    bool hits(const Fault& fault, uint64_t number) {
        if (fault.first < 0) return double(random() >> 11) * 0x1p-53 < fault.chance;
        const uint64_t first = fault.first, many = fault.kind == DROP ? fault.argument : 1;
        return number >= first && number - first < many;
    }

    void pass(unsigned char value, uint64_t now) {
        int copies = 1;
        bool swap = false;
        const uint64_t number = count++;
        for (const Fault& fault : faults) {
            if (!hits(fault, number)) continue;
            if (fault.kind == DROP) copies = 0;
            if (fault.kind == DOUBLE) copies *= 2;
            if (fault.kind == FLIP)
                value ^= 1 << (fault.argument < 8 ? fault.argument : random() % 8);
            if (fault.kind == DELAY) now += fault.argument;
            if (fault.kind == SWAP) swap = true;
            if (fault.kind == UNPLUG) unplug = true;
        }
        if (unplug) return;
        if (swap && copies && !held) {
            held = Byte{value, now};
            return;
        }
        for (; copies && queue.size() < CAPACITY; --copies) queue.push_back({value, now});
        if (held) queue.push_back({held->value, now});
        held.reset();
    }

    void clear() {
        queue.clear();
        held.reset();
        unplug = false;
    }
    bool due(uint64_t now) const { return !queue.empty() && queue.front().due <= now; }
    unsigned char take() {
        const unsigned char value = queue.front().value;
        queue.pop_front();
        return value;
    }
};

// Sends bytes as bits.
struct Sender {
    unsigned bits = 0;  // those to come, the lowest first; 0: none
    double until = 0;
    bool line = true;

    bool busy() const { return bits != 0; }
    void begin(unsigned char value, uint64_t now) {
        bits = 1u << 10 | 1u << 9 | unsigned(value) << 1;  // end mark, stop, data, start
        until = double(now);
    }
    void clock(uint64_t now, double clocks) {
        if (!bits || double(now) < until) return;
        until += clocks;
        if (bits == 1) {
            bits = 0;
            return;
        }
        line = bits & 1;
        bits >>= 1;
    }
};

// Makes bytes of bits, each seen in its middle.
struct Receiver {
    int bit = -1;  // -1: waits for a start; 10: waits for the line to be idle again
    unsigned value = 0;
    double at = 0;

    std::optional<unsigned char> clock(bool line, uint64_t now, double clocks) {
        if (bit < 0) {
            if (line) return {};
            bit = 0;
            value = 0;
            at = double(now) + clocks / 2;
        }
        if (bit == 10) {
            if (line) bit = -1;
            return {};
        }
        if (double(now) < at) return {};
        at += clocks;
        if (bit == 0 && line) bit = -1;  // a glitch, no start
        else if (bit == 9) {
            bit = line ? -1 : 10;
            if (line) return static_cast<unsigned char>(value);
        } else {
            if (bit > 0) value |= unsigned(line) << (bit - 1);
            ++bit;
        }
        return {};
    }
};

"""
