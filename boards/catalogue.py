"""The boards a trainer can be built for, and where their clock, button and lamps are.

Every iCE40 and ECP5 board of amaranth-boards is here but for these:

- icestick, ice40_hx1k_blink_evn, nandland_go and icesugar_nano have 1,280 logic cells; XOR, the
  smallest network there is, needs more;
- butterstick has no lamp that works on its own: its seven RGB LEDs share three pins;
- supercon19badge's platform accepts no build options.

A board has a serial port here if amaranth-boards names one that leads to the board's USB connector:
the colorlight-5a-75b's would share the pins of its lamp and button, and leads to a header.
"""

from __future__ import annotations

import difflib
import importlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from boards import pll
from spec.errors import InputError

if TYPE_CHECKING:
    from amaranth.vendor import LatticeECP5Platform, SiliconBluePlatform

    Platform = SiliconBluePlatform | LatticeECP5Platform


@dataclass(frozen=True)
class Board:
    """One board.

    Parameters
    ----------
    name : str
        What users type.
    platform_name : str
        Module and class in amaranth-boards, such as 'icebreaker.ICEBreakerPlatform'.
    device : str
        The FPGA, as amaranth-boards names it.
    oscillator_mhz : float
        The board's default clock.
    lamps : tuple of str
        Pins of one to three lamps, each 'resource.number' or 'resource.number.signal'. One lamp
        shows everything; of two the first shows training and the second success; a third shows
        failure. On an RGB LED these are blue, green and red.
    button : str or None
        Pin of the button that starts training again. Boards without one have a reset button or
        start at power-up only.
    divide : int
        The trainer's clock is the default clock divided by this power of two: networks do not
        reach the fastest oscillators.
    loader : tuple of str
        How openFPGALoader addresses the board; empty if it cannot.
    aliases : tuple of str
        Other names users may type.
    high : tuple of str
        Pins to drive high, or other chips of the board would disturb it.
    serial : str or None
        Resource of the serial port that the board's USB connector leads to.
    dividers : Dividers or None
        Of the PLL that makes the trainer's clock; without one it is the default clock, divided.
    """

    name: str
    platform_name: str
    device: str
    oscillator_mhz: float
    lamps: tuple[str, ...]
    button: str | None = None
    divide: int = 1
    loader: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    high: tuple[str, ...] = ()
    serial: str | None = None
    dividers: pll.Dividers | None = None

    @property
    def family(self) -> str:
        """'iCE40' or 'ECP5'."""
        return "iCE40" if self.device.startswith("iCE40") else "ECP5"

    @property
    def speed_grade(self) -> str:
        """Of the FPGA: 6 to 8 of an ECP5; HX, LP or UP of an iCE40."""
        if self.family == "iCE40":
            return self.device.removeprefix("iCE40")[:2]
        platform: Any = self.platform()
        return str(platform.speed)

    @property
    def clock_mhz(self) -> float:
        """Clock of the trainer."""
        if self.dividers is not None:
            return float(self.dividers.mhz)
        return self.oscillator_mhz / self.divide

    def at(self, mhz: float | None) -> Board:
        """Return the board with another clock of the trainer: as wanted, or the nearest below.

        None, and the clock that the board has without a PLL, change nothing.

        Raises
        ------
        InputError
            If the board's PLL cannot make it, or if it has no crystal for a PLL.
        """
        if mhz is None or mhz == self.oscillator_mhz / self.divide:
            return self
        if self.platform().default_clk == "SB_HFOSC":
            raise InputError(
                f"board {self.name!r}: has no crystal for a PLL; its clock is "
                f"{self.clock_mhz:g} MHz, from the FPGA's own oscillator"
            )
        try:
            dividers = pll.find(self.family, self.oscillator_mhz, mhz)
        except InputError as error:
            raise InputError(f"board {self.name!r}: {error}") from None
        return replace(self, dividers=dividers)

    def serial_pins(self) -> dict[str, str] | None:
        """Return the FPGA's pins `rx` (from the computer) and `tx`; None without a serial port."""
        if self.serial is None:
            return None
        name, number = self.serial.split(".")
        port: Any = self.platform().lookup(name, int(number))
        lines = {line.name: line.ios[0].names[0] for line in port.ios if line.name in ("rx", "tx")}
        return {"rx": lines["rx"], "tx": lines["tx"]}

    def platform(self) -> Platform:
        """Instantiate the board's Amaranth platform. A platform builds one design only."""
        module, _, cls = self.platform_name.partition(".")
        platform = getattr(importlib.import_module(f"amaranth_boards.{module}"), cls)()
        if platform.default_clk == "SB_HFOSC":
            platform.hfosc_div = self.divide.bit_length() - 1  # the oscillator divides by itself
        return platform


_RGB = ("rgb_led.0.b", "rgb_led.0.g", "rgb_led.0.r")
_RGB_PINS = ("led_b.0", "led_g.0", "led_r.0")
_LEDS = ("led.0", "led.1", "led.2")
_FTDI = ("-b", "ice40_generic")
_DFU = ("-b", "orangeCrab")
_UART = "uart.0"
_ULX3S = ("-b", "ulx3s")
_WIFI_GPIO0 = ("esp32.0.gpio0",)
"""Low, its ESP32 restarts the board after seconds."""

# fmt: off
BOARDS = (
    Board("icebreaker", "icebreaker.ICEBreakerPlatform", "iCE40UP5K", 12, ("led_r.0", "led_g.0"),
          "button.0", loader=_FTDI, serial=_UART),
    Board("icebreaker-bitsy", "icebreaker_bitsy.ICEBreakerBitsyPlatform", "iCE40UP5K", 12, _RGB,
          "button.0", loader=("-b", "icebreaker-bitsy")),
    Board("ice40_up5k_b_evn", "ice40_up5k_b_evn.ICE40UP5KBEVNPlatform", "iCE40UP5K", 12, _RGB_PINS,
          loader=_FTDI, aliases=("up5k",)),
    Board("icesugar", "icesugar.ICESugarPlatform", "iCE40UP5K", 12, _RGB_PINS, serial=_UART),
    Board("upduino-v1", "upduino_v1.UpduinoV1Platform", "iCE40UP5K", 48, _RGB_PINS, divide=2),
    Board("upduino-v2", "upduino_v2.UpduinoV2Platform", "iCE40UP5K", 48, _RGB_PINS, divide=2),
    Board("upduino-v3", "upduino_v3.UpduinoV3Platform", "iCE40UP5K", 48, _RGB, divide=2),
    Board("fomu-pvt", "fomu_pvt.FomuPVTPlatform", "iCE40UP5K", 48, _RGB, divide=2,
          loader=("-b", "fomu"), aliases=("fomu",)),
    Board("fomu-hacker", "fomu_hacker.FomuHackerPlatform", "iCE40UP5K", 48, _RGB, divide=2,
          loader=("-b", "fomu")),
    Board("ice40_hx8k_b_evn", "ice40_hx8k_b_evn.ICE40HX8KBEVNPlatform", "iCE40HX8K", 12, _LEDS,
          loader=_FTDI, aliases=("hx8k",), serial=_UART),
    Board("tinyfpga-bx", "tinyfpga_bx.TinyFPGABXPlatform", "iCE40LP8K", 16, ("led.0",)),
    Board("blackice", "blackice.BlackIcePlatform", "iCE40HX4K", 100, _RGB_PINS, "button.0",
          divide=2, serial=_UART),
    Board("blackice-ii", "blackice_ii.BlackIceIIPlatform", "iCE40HX4K", 100, _RGB_PINS,
          "button.0", divide=2, serial=_UART),
    Board("ulx3s-12f", "ulx3s.ULX3S_12F_Platform", "LFE5U-12F", 25, _LEDS, "button_fire.0",
          loader=_ULX3S, high=_WIFI_GPIO0, serial=_UART),
    Board("ulx3s-25f", "ulx3s.ULX3S_25F_Platform", "LFE5U-25F", 25, _LEDS, "button_fire.0",
          loader=_ULX3S, high=_WIFI_GPIO0, serial=_UART),
    Board("ulx3s-45f", "ulx3s.ULX3S_45F_Platform", "LFE5U-45F", 25, _LEDS, "button_fire.0",
          loader=_ULX3S, high=_WIFI_GPIO0, serial=_UART),
    Board("ulx3s-85f", "ulx3s.ULX3S_85F_Platform", "LFE5U-85F", 25, _LEDS, "button_fire.0",
          loader=_ULX3S, high=_WIFI_GPIO0, serial=_UART),
    Board("orangecrab-r0.1", "orangecrab_r0_1.OrangeCrabR0_1Platform", "LFE5U-25F", 48, _RGB,
          loader=_DFU),
    Board("orangecrab-r0.2-25f", "orangecrab_r0_2.OrangeCrabR0_2_25FPlatform", "LFE5U-25F", 48,
          _RGB, "button.0", loader=_DFU, aliases=("orangecrab-r0.2", "orangecrab")),
    Board("orangecrab-r0.2-85f", "orangecrab_r0_2.OrangeCrabR0_2_85FPlatform", "LFE5U-85F", 48,
          _RGB, "button.0", loader=_DFU),
    Board("ecpix5-45f", "ecpix5.ECPIX545Platform", "LFE5UM5G-45F", 100, _RGB,
          loader=("-b", "ecpix5"), serial=_UART),
    Board("ecpix5-85f", "ecpix5.ECPIX585Platform", "LFE5UM5G-85F", 100, _RGB,
          loader=("-b", "ecpix5"), serial=_UART),
    Board("colorlight-5a-75b", "colorlight_5a75b_r7_0.Colorlight_5A75B_R70Platform", "LFE5U-25F",
          25, ("led.0",), "button.0", loader=("-b", "colorlight", "-c", "ft232"),
          aliases=("colorlight",)),
    Board("icepi-zero", "icepi_zero.IcepiZero1_3Platform", "LFE5U-25F", 50, _LEDS, "button.0",
          loader=("-b", "icepi-zero"), serial=_UART),
    Board("icesugar-pro", "icesugar_pro.ICESugarProPlatform", "LFE5U-25F", 25, _RGB,
          loader=("-c", "cmsisdap", "--vid", "0x1d50", "--pid", "0x602b"), serial=_UART),
    Board("logicbone-45f", "logicbone.LogicbonePlatform", "LFE5UM5G-45F", 25, _LEDS, "button.0",
          aliases=("logicbone",)),
    Board("logicbone-85f", "logicbone.Logicbone85FPlatform", "LFE5UM5G-85F", 25, _LEDS,
          "button.0"),
    Board("ecp5_5g_evn", "ecp5_5g_evn.ECP55GEVNPlatform", "LFE5UM5G-85F", 12, _LEDS, "button.0",
          loader=("-b", "ecp5_evn"), aliases=("ecp5-evn",), serial=_UART),
    Board("versa_ecp5", "versa_ecp5.VersaECP5Platform", "LFE5UM-45F", 100, _LEDS, serial=_UART),
    Board("versa_ecp5_5g", "versa_ecp5_5g.VersaECP55GPlatform", "LFE5UM5G-45F", 100, _LEDS,
          serial=_UART),
)
# fmt: on
"""All boards, by family."""


def find(name: str) -> Board:
    """Look a board up by its name or an alias, in any case.

    Raises
    ------
    InputError
        If there is no such board; the message lists all, those spelt most alike first.
    """
    known = {alias: board for board in BOARDS for alias in (board.name, *board.aliases)}
    if name.lower() in known:
        return known[name.lower()]
    close = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    names = dict.fromkeys([known[alias].name for alias in close] + [b.name for b in BOARDS])
    raise InputError(f"board {name!r}: must be one of {', '.join(names)}")
