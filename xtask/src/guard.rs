//! Runs code of libraries that may panic or recurse deeply.
//!
//! progenitor and typify panic on documents that they do not support. The checks refuse such
//! documents first; this is the last resort.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::thread;

/// Stack of the thread, in bytes. It is reserved, and used only as far as needed.
const STACK: usize = 512 * 1024 * 1024;

thread_local! {
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a function on a thread with a large stack. Returns the text of its panic as an error.
pub(crate) fn run<T: Send>(function: impl FnOnce() -> T + Send) -> Result<T, String> {
    install_hook();
    let guarded = || {
        IS_GUARDED.set(true);
        panic::catch_unwind(AssertUnwindSafe(function)).map_err(|payload| text(payload.as_ref()))
    };
    thread::scope(|scope| {
        let builder = thread::Builder::new()
            .name("ica-generator".to_owned())
            .stack_size(STACK);
        match builder.spawn_scoped(scope, guarded) {
            Ok(thread) => thread.join().unwrap_or_else(|payload| Err(text(payload.as_ref()))),
            Err(error) => Err(format!("no thread with a large stack can start ({error})")),
        }
    })
}

/// Keeps the hook of the program for all other threads. A guarded panic becomes an error and prints
/// nothing.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let earlier = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IS_GUARDED.get() {
                earlier(info);
            }
        }));
    });
}

fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("a panic");
    // Some panics print a whole schema.
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(200) {
        line.truncate(end);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_becomes_an_error() {
        assert_eq!(super::run(|| 7), Ok(7));
        assert_eq!(super::run(|| panic!("no\n  luck")), Err::<(), _>("no luck".to_owned()));
    }

    #[test]
    fn deep_recursion_fits_on_the_stack() {
        fn depth(left: u32) -> u32 {
            let frame = std::hint::black_box([left; 64]);
            if left == 0 {
                0
            } else {
                depth(left - 1) + frame[0] / left
            }
        }
        assert_eq!(super::run(|| depth(50_000)), Ok(50_000));
    }
}
