//! The real stack against the kernel that it stands on. Where it is not available, each test says so in one
//! line and passes; with `VETHLAB_REQUIRE_REAL=1` it fails.

#[cfg(target_os = "linux")]
mod events;
#[cfg(target_os = "linux")]
mod lab;
#[cfg(target_os = "linux")]
mod leaving;
#[cfg(target_os = "linux")]
mod ruleset;
#[cfg(target_os = "linux")]
mod stack;

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("no test here: {}", vethlab_real::Unavailable::NotLinux);
}

#[cfg(target_os = "linux")]
fn main() {
    use libtest_mimic::{Arguments, Failed, Trial};
    use vethlab_real::Unavailable;

    type Test = fn() -> Result<(), Unavailable>;

    /// Runs a test; where there is no real stack, says so.
    fn run(name: &str, entered: Result<(), Unavailable>, test: Test) -> Result<(), Failed> {
        match entered.and_then(|()| test()) {
            Ok(()) => Ok(()),
            Err(why) if std::env::var_os("VETHLAB_REQUIRE_REAL").is_some_and(|value| value == "1") => {
                Err(format!("the real stack is required, but {why}").into())
            }
            Err(why) => {
                eprintln!("SKIPPED {name}: {why}");
                Ok(())
            }
        }
    }

    if leaving::play_role() {
        return;
    }
    let machine = leaving::Machine::look();
    // An error here is told by each test.
    let entered = vethlab_real::enter_user_namespace();
    let tests: [(&'static str, Test); 21] = [
        ("the_walkthrough_works", stack::the_walkthrough_works),
        ("refusals_keep_their_errno_and_text", stack::refusals_keep_their_errno_and_text),
        ("names_that_are_not_there_are_enoent", stack::names_that_are_not_there_are_enoent),
        ("an_unreachable_host_is_told_in_the_error_queue", stack::an_unreachable_host_is_told),
        ("a_capture_sees_every_frame_in_order", stack::a_capture_sees_every_frame_in_order),
        ("a_lookup_says_which_way", stack::a_lookup_says_which_way),
        ("sysctls_belong_to_their_namespace", stack::sysctls_belong_to_their_namespace),
        ("a_deleted_namespace_takes_its_cables_along", stack::a_deleted_namespace_takes_its_cables_along),
        ("a_udp_socket_says_its_source", stack::a_udp_socket_says_its_source),
        ("a_packet_too_big_is_told_by_this_machine", stack::a_packet_too_big_is_told_by_this_machine),
        ("an_open_socket_keeps_its_namespace", stack::an_open_socket_keeps_its_namespace),
        ("frames_are_told_in_order", events::frames_are_told_in_order),
        ("frames_bear_the_names_of_then", events::frames_bear_the_names_of_then),
        ("frames_on_loopback_are_told_twice", events::frames_on_loopback_are_told_twice),
        ("frames_without_room_are_counted", events::frames_without_room_are_counted),
        ("nothing_is_told_unasked", events::nothing_is_told_unasked),
        (
            "what_the_tools_write_is_read_and_written_again",
            ruleset::what_the_tools_write_is_read_and_written_again,
        ),
        (
            "a_refused_change_is_named_and_leaves_nothing",
            ruleset::a_refused_change_is_named_and_leaves_nothing,
        ),
        ("probing_alters_nothing", leaving::probing_alters_nothing),
        ("several_threads_are_named_as_the_obstacle", leaving::several_threads_are_named),
        ("kill_9_leaves_nothing_behind", leaving::kill_9_leaves_nothing_behind),
    ];
    let trials = tests.into_iter().map(|(name, test)| {
        let entered = entered.clone();
        Trial::test(name, move || run(name, entered, test)).with_kind("real")
    });
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials.collect());
    machine.assert_unchanged();
    conclusion.exit();
}
