//! Why a check is not met, as far as `why` can tell.

use crate::lesson::Check;
use crate::machines::Machines;
use vethlab_explain::why::{Cause, Diagnosis};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::time::Instant;

/// Sends the ping of a check once more, as if typed, so that what looks back at the last traffic can tell of it, and
/// asks why it is not answered. `None` where the check asks for no answer to a ping.
pub(super) fn of_ping(check: &Check, machines: &mut Machines) -> Option<(String, Option<Diagnosis>)> {
    if let Some(line) = check.ping_line(&machines.namespace()) {
        machines.play_quietly(std::slice::from_ref(&line));
        let reason = why(machines, &line);
        return Some((line, reason));
    }
    let line = check.ping_line(&NamespaceName::HOST)?;
    // The machine itself cannot be named from within: its shell is gone back to, and the others are entered anew.
    let mut entered = Vec::new();
    while !machines.namespace().is_host() {
        entered.push(format!("ip netns exec '{}' bash", machines.namespace()));
        machines.play_quietly(&["exit".to_owned()]);
    }
    machines.play_quietly(std::slice::from_ref(&line));
    entered.reverse();
    machines.play_quietly(&entered);
    let reason = why(machines, &line);
    Some((line, reason))
}

/// Why the learner's last command failed, and that command, where it was done since then and nothing that could have
/// altered the network was done behind it.
pub(super) fn of_last_command(machines: &mut Machines, since: Instant) -> Option<(String, Diagnosis)> {
    let journal = machines.all().first()?.journal();
    let (last, _) = journal.commands().rfind(|(command, _)| !command.invocation.only_shows())?;
    let line = last.line.clone();
    let failed = last.status != 0 && last.began >= since;
    let diagnosis = failed.then(|| why(machines, &line)).flatten()?;
    Some((line, diagnosis))
}

/// What `why` tells of a line, the last one that sent something on the stack that the learner watches. `None` where
/// it is not, as while time stands still, where nothing is wrong, and where that stack does not tell.
fn why(machines: &mut Machines, line: &str) -> Option<Diagnosis> {
    let journal = machines.all().first()?.journal();
    journal.last_traffic().filter(|(command, _)| command.line == line)?;
    let (status, told) = machines.why()?;
    let diagnosis: Diagnosis = (status == 0).then(|| serde_json::from_str(&told).ok()).flatten()?;
    let tells = !matches!(diagnosis.cause, Cause::None | Cause::NothingSent | Cause::NotWaitedFor);
    tells.then_some(diagnosis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::check::Use;
    use crate::platform::SimulatorOnly;
    use crate::stacks::StackChoice;

    /// A cable between the machine and `red`, whose end is down.
    const NETWORK: [&str; 6] = [
        "ip netns add red",
        "ip link add eth0 type veth peer name eth0 netns red",
        "ip addr add 10.0.0.1/24 dev eth0",
        "ip link set eth0 up",
        "ip -n red addr add 10.0.0.2/24 dev eth0",
        "ip -n red link set lo up",
    ];

    fn network() -> Machines {
        let mut machines =
            Machines::open(&[StackChoice::Sim], 0, Box::new(SimulatorOnly)).expect("the simulator");
        machines.set_up(&NETWORK.map(str::to_owned)).expect("a network");
        machines
    }

    fn check(keys: &str) -> Check {
        let body = format!("[[check]]\nsay = 'it holds'\n{keys}\n");
        Check::parse(1, &body, Use::Step).expect(keys).remove(0)
    }

    fn now(machines: &Machines) -> Instant {
        machines.all()[0].now()
    }

    #[test]
    fn a_ping_is_explained_wherever_the_learner_is() {
        for shells in [&[][..], &["red"][..], &["red", "red"][..]] {
            for (keys, namespace) in [("ping = '10.0.0.2'", "host"), ("ping = '10.0.0.1'\nin = 'red'", "red")]
            {
                let mut machines = network();
                for shell in shells {
                    machines.play_quietly(&[format!("ip netns exec {shell} bash")]);
                }
                let place = machines.namespace();
                let (line, reason) = of_ping(&check(keys), &mut machines).expect("a ping");
                let reason = reason.unwrap_or_else(|| panic!("{line} from {shells:?} is not explained"));
                let cause = if namespace == "host" { Cause::NoCarrier } else { Cause::LinkDown };
                assert_eq!((reason.cause, reason.namespace.to_string().as_str()), (cause, namespace));
                assert_eq!(machines.namespace(), place, "the learner is where they were");
                for _ in shells {
                    assert!(!machines.namespace().is_host());
                    machines.play_quietly(&["exit".to_owned()]);
                }
                assert!(machines.namespace().is_host(), "in as many shells as before");
            }
        }
    }

    #[test]
    fn what_is_answered_or_no_ping_has_no_reason() {
        let mut machines = network();
        let answered = of_ping(&check("ping = '10.0.0.1'"), &mut machines);
        assert_eq!(answered, Some(("ping -c 1 -W 1 10.0.0.1".to_owned(), None)));
        for keys in ["link = 'lo'", "ping = '10.0.0.2'\nsucceed = false"] {
            assert_eq!(of_ping(&check(keys), &mut machines), None, "{keys}");
        }
    }

    #[test]
    fn the_last_command_is_explained_until_something_is_altered() {
        let mut machines = network();
        let begun = now(&machines);
        let play = |machines: &mut Machines, line: &str| machines.play_quietly(&[line.to_owned()]);
        assert_eq!(of_last_command(&mut machines, begun), None, "nothing was done");
        play(&mut machines, "ping -c 1 -W 1 10.9.9.9");
        for look in ["ip route", "ip -n red addr", "packets", "why", "map", "ip route get 10.0.0.2"] {
            play(&mut machines, look);
            let (line, reason) = of_last_command(&mut machines, begun).expect(look);
            assert_eq!((line.as_str(), reason.cause), ("ping -c 1 -W 1 10.9.9.9", Cause::NoRoute));
        }
        let later = now(&machines);
        assert_eq!(of_last_command(&mut machines, later), None, "it was in another step");
        play(&mut machines, "ip route add default via 10.0.0.2");
        assert_eq!(of_last_command(&mut machines, begun), None, "the cause may be gone");
        play(&mut machines, "ping -c 1 10.0.0.1");
        assert_eq!(of_last_command(&mut machines, begun), None, "nothing failed");
    }
}
