//! A console that wraps another one names the methods that it only passes on.

/// Writes these methods of [`Console`](crate::Console): each asks the console that a field holds.
#[macro_export]
macro_rules! pass_console_on {
    ($console:ident: $($method:ident),+ $(,)?) => { $($crate::pass_console_on!(@ $console $method);)+ };
    (@ $console:ident interrupted) => {
        fn interrupted(&self) -> bool {
            self.$console.interrupted()
        }
    };
    (@ $console:ident interactive) => {
        fn interactive(&self) -> bool {
            self.$console.interactive()
        }
    };
    (@ $console:ident width) => {
        fn width(&self) -> usize {
            self.$console.width()
        }
    };
    (@ $console:ident pace) => {
        fn pace(&mut self, passed: ::vethlab_shared::time::Duration) {
            self.$console.pace(passed);
        }
    };
    (@ $console:ident kept_bytes) => {
        fn kept_bytes(&self, printed: usize) -> u64 {
            self.$console.kept_bytes(printed)
        }
    };
    (@ $console:ident live) => {
        fn live(&mut self) -> Option<&mut dyn $crate::Live> {
            self.$console.live()
        }
    };
    (@ $console:ident save) => {
        fn save(&mut self, file: &str, bytes: &[u8]) -> Result<(), String> {
            self.$console.save(file, bytes)
        }
    };
}
