//! Whether a terminal is in our hands: who reads it or sets it up from the background is stopped for it.

use nix::unistd::getpgrp;
use rustix::termios::tcgetpgrp;
use std::os::fd::AsFd;

pub fn is_foreground(terminal: impl AsFd) -> bool {
    // In a container our own group may be one of outside, of number 0: nix has a word for that, rustix has not.
    tcgetpgrp(terminal).is_ok_and(|group| group.as_raw_nonzero().get() == getpgrp().as_raw())
}
