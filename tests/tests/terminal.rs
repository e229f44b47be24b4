//! The binary in a real pseudo-terminal: its views, its keys, its sizes, and the terminal afterwards.

use std::{
    io::{Read as _, Write},
    num::NonZero,
    sync::{Arc, Mutex},
    time::Duration,
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use securecart_tests::{Bench, binary};

/// Looks at the screen this often, at most `LOOKS` times.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS: u32 = 600;

/// A run that does not end by itself while a test looks at it.
const LONG: &[&str] = &["scenario", "smoke", "--duration", "5m"];

/// The binary in a terminal.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    /// Its folder lives as long as it.
    _bench: Bench,
}

impl Terminal {
    fn run(columns: u16, rows: u16, environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        let bench = Bench::new();
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(binary());
        command.args(arguments);
        command.cwd(bench.path());
        command.env("TERM", "xterm-256color");
        command.env("DOCKER_HOST", securecart_tests::NO_ENGINE);
        command.env_remove("NO_COLOR");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the binary starts");
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let screen =
            Arc::new(Mutex::new(vt100::Parser::new(size_of(rows), size_of(columns), 1_000)));
        let drawn = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4_096];
            // The end of the terminal is the end of the child.
            while let Ok(count) = output.read(&mut bytes) {
                if count == 0 {
                    return;
                }
                drawn.lock().expect("a screen").process(&bytes[..count]);
            }
        });
        Self { child, master: pair.master, keys, screen, _bench: bench }
    }

    fn text(&self) -> String {
        self.screen.lock().expect("a screen").screen().contents()
    }

    fn wait_until(&self, what: &str, seen: impl Fn(&str) -> bool) -> String {
        for _ in 0..LOOKS {
            let text = self.text();
            if seen(&text) {
                return text;
            }
            std::thread::park_timeout(LOOK_EVERY);
        }
        panic!("never saw {what}; the screen is:\n{}", self.text());
    }

    fn wait_for(&self, text: &str) -> String {
        self.wait_until(text, |screen| screen.contains(text))
    }

    /// Waits for the terminal to be given back with `text` on it: what was written last is drawn a
    /// little after the binary has ended.
    fn wait_for_what_is_left(&self, text: &str) {
        self.wait_until(text, |screen| !self.alternate() && screen.contains(text));
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("keys arrive");
    }

    fn resize(&self, columns: u16, rows: u16) {
        self.screen
            .lock()
            .expect("a screen")
            .screen_mut()
            .set_size(size_of(rows), size_of(columns));
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).expect("resized");
    }

    fn alternate(&self) -> bool {
        self.screen.lock().expect("a screen").screen().alternate_screen()
    }

    fn exit_code(&mut self) -> u32 {
        self.child.wait().expect("it ends").exit_code()
    }
}

fn size_of(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).expect("a terminal has cells")
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself meanwhile.
        let _ = self.child.kill();
    }
}

#[test]
fn views_follow_the_keys_and_quitting_leaves_the_summary() {
    let mut terminal = Terminal::run(100, 30, &[], LONG);
    terminal.wait_for("checkout");
    assert!(terminal.alternate(), "the views are on the alternate screen");
    terminal.press("2");
    terminal.wait_for("inventory");
    terminal.press("3");
    terminal.wait_for("p99");
    terminal.press("?");
    terminal.wait_until("the help", |screen| screen.to_lowercase().contains("freeze"));
    terminal.press("?");
    terminal.resize(60, 20);
    terminal.press("1");
    terminal.wait_for("checkout");
    // Room for the whole summary.
    terminal.resize(100, 80);
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 130);
    terminal.wait_for_what_is_left("INTERRUPTED");
}

#[test]
fn a_run_that_ends_leaves_its_summary_on_the_screen() {
    let arguments = ["scenario", "smoke", "--duration", "4s"];
    let mut terminal = Terminal::run(100, 80, &[], &arguments);
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.text());
    terminal.wait_for_what_is_left("HELD");
}

#[test]
fn ctrl_c_in_the_views_interrupts_and_gives_the_terminal_back() {
    let mut terminal = Terminal::run(80, 80, &[("NO_COLOR", "1")], LONG);
    terminal.wait_for("checkout");
    terminal.press("\u{3}");
    assert_eq!(terminal.exit_code(), 130);
    terminal.wait_for_what_is_left("INTERRUPTED");
}

#[test]
fn a_terminal_of_twenty_columns_shows_something_and_survives() {
    let mut terminal = Terminal::run(20, 5, &[], &["scenario", "smoke", "--duration", "3s"]);
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.text());
}

#[test]
fn a_terminal_that_can_only_print_gets_lines() {
    let arguments = ["scenario", "smoke", "--duration", "3s"];
    let mut terminal = Terminal::run(100, 80, &[("TERM", "dumb")], &arguments);
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.text());
    terminal.wait_for_what_is_left("HELD");
    let text = terminal.text();
    assert!(text.contains("starting SecureCart") && text.contains("running"), "{text}");
}
