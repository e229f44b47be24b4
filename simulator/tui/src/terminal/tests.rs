//! The terminal in a pseudo-terminal: this test binary runs itself there and is watched.

use std::{
    io::{Read, Write},
    num::NonZero,
    sync::Arc,
};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::{Exit, Options, fixture, run};

const ROWS: NonZero<u16> = NonZero::new(24).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(80).unwrap();

#[test]
#[ignore = "the other tests run it in a pseudo-terminal"]
fn child_that_shows_a_run() {
    let record = Arc::new(fixture::black_friday(60));
    let exit = run(|| Arc::clone(&record), Options { color: true, ..Options::default() });
    println!("{exit:?}, and this line stays");
    assert_eq!(exit.expect("a pseudo-terminal is a terminal"), Exit::Quit);
}

#[test]
#[ignore = "the other tests run it in a pseudo-terminal"]
fn child_that_panics() {
    let record = Arc::new(fixture::black_friday(60));
    let mut calls = 0;
    let source = || {
        calls += 1;
        assert!(calls < 4, "the source broke");
        Arc::clone(&record)
    };
    let _never = run(source, Options::default());
}

#[test]
#[ignore = "the other tests run it in a pseudo-terminal"]
fn child_that_ends_without_waiting() {
    let record = Arc::new(fixture::black_friday(60));
    let (asked, calls) = std::sync::mpsc::channel();
    let source = move || {
        let _nobody_waits_any_more = asked.send(());
        Arc::clone(&record)
    };
    std::thread::spawn(move || run(source, Options::default()));
    // The second call comes after the first picture.
    calls.iter().nth(1);
    crate::restore();
    println!("ended at once, and this line stays");
}

/// A child in a pseudo-terminal and what it has written.
struct Watched {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    reader: Box<dyn Read + Send>,
    screen: vt100::Parser,
    before: Settings,
}

/// The settings of the terminal that raw mode changes, as text.
type Settings = String;

fn settings(master: &dyn MasterPty) -> Settings {
    let termios = master.get_termios().expect("a pseudo-terminal has settings");
    format!("{:?} {:?} {:?}", termios.input_flags, termios.output_flags, termios.local_flags)
}

impl Watched {
    fn spawn(test: &str) -> Self {
        let (rows, cols) = (ROWS.get(), COLUMNS.get());
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let before = settings(&*pair.master);
        let mut command = CommandBuilder::new(std::env::current_exe().expect("this binary"));
        command.args(["--exact", "--ignored", "--nocapture", test]);
        command.env("RUST_BACKTRACE", "0");
        let child = pair.slave.spawn_command(command).expect("the child starts");
        let reader = pair.master.try_clone_reader().expect("a reader");
        let screen = vt100::Parser::new(ROWS, COLUMNS, 0);
        Self { child, master: pair.master, reader, screen, before }
    }

    /// Reads until `stop` holds or the child has closed its terminal.
    fn read_until(&mut self, stop: impl Fn(&vt100::Screen) -> bool) {
        let mut bytes = [0; 4096];
        // Linux reports the end of a pseudo-terminal as an error.
        while !stop(self.screen.screen())
            && let Ok(count @ 1..) = self.reader.read(&mut bytes)
        {
            self.screen.process(&bytes[..count]);
        }
    }

    fn contents(&self) -> String {
        self.screen.screen().contents()
    }

    fn assert_given_back(&self) {
        assert!(!self.screen.screen().alternate_screen(), "{}", self.contents());
        assert!(!self.screen.screen().hide_cursor(), "{}", self.contents());
        assert_eq!(settings(&*self.master), self.before);
    }
}

#[test]
fn a_key_quits_and_the_terminal_is_given_back() {
    for key in ["q", "\u{3}"] {
        let mut watched = Watched::spawn("terminal::tests::child_that_shows_a_run");
        watched.read_until(|screen| screen.contents().contains("q quit"));
        assert!(watched.screen.screen().alternate_screen());
        assert!(watched.contents().contains("black-friday running"), "{}", watched.contents());
        assert_ne!(settings(&*watched.master), watched.before, "raw mode");
        let mut writer = watched.master.take_writer().expect("a writer");
        writer.write_all(key.as_bytes()).expect("the child reads keys");
        watched.read_until(|_| false);
        assert!(watched.child.wait().expect("the child ended").success(), "{}", watched.contents());
        assert!(watched.contents().contains("and this line stays"), "{}", watched.contents());
        watched.assert_given_back();
    }
}

#[test]
fn a_panic_gives_the_terminal_back_and_its_message_stays() {
    let mut watched = Watched::spawn("terminal::tests::child_that_panics");
    watched.read_until(|_| false);
    assert!(!watched.child.wait().expect("the child ended").success());
    assert!(watched.contents().contains("the source broke"), "{}", watched.contents());
    watched.assert_given_back();
}

#[test]
fn a_caller_in_a_hurry_gives_the_terminal_back() {
    let mut watched = Watched::spawn("terminal::tests::child_that_ends_without_waiting");
    watched.read_until(|_| false);
    assert!(watched.child.wait().expect("the child ended").success(), "{}", watched.contents());
    assert!(watched.contents().contains("and this line stays"), "{}", watched.contents());
    watched.assert_given_back();
}
