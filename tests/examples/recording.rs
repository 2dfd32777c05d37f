//! Prints the recording that the README shows: `cargo run -p vethlab-tests --example recording > lessons/recording.svg`.

fn main() {
    print!("{}", vethlab_tests::recording::svg());
}
