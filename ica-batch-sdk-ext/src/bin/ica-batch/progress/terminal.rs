//! The terminal while bars are shown.

/// Keeps the terminal from showing `^C` until it is dropped. The bars end at the right edge, so these
/// characters would move the cursor to another line, and the first bar would stay.
#[cfg(unix)]
#[derive(Debug)]
pub(super) struct Calm(Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Calm {
    pub(super) fn new() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let terminal = std::io::stderr();
        let before = tcgetattr(&terminal).ok();
        Self(before.filter(|before| {
            let mut calm = before.clone();
            calm.local_modes.remove(LocalModes::ECHOCTL);
            tcsetattr(&terminal, OptionalActions::Now, &calm).is_ok()
        }))
    }
}

#[cfg(unix)]
impl Drop for Calm {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(before) = &self.0 {
            // Without a terminal there is nothing to restore.
            tcsetattr(std::io::stderr(), OptionalActions::Now, before).ok();
        }
    }
}

#[cfg(not(unix))]
#[derive(Debug)]
pub(super) struct Calm;

#[cfg(not(unix))]
impl Calm {
    pub(super) fn new() -> Self {
        Self
    }
}
